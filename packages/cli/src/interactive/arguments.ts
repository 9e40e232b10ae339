import { parseArgs } from "node:util";
import { type ApprovalPolicy, CodedError, type SandboxMode } from "@quire/protocol";
import { overridesOf, sandboxOf } from "../thread-options.ts";

/** What `quire`, `quire resume` and `quire fork` were asked to do, as typed. */
export interface InteractiveArguments {
  readonly action:
    | { readonly kind: "start" }
    /** Without a thread one is picked from a list, or the last one is taken. */
    | {
        readonly kind: "resume" | "fork";
        readonly thread: string | null;
        readonly last: boolean;
        readonly all: boolean;
      };
  readonly prompt: string | null;
  readonly help: boolean;
  readonly cwd: string | null;
  readonly model: string | null;
  readonly profile: string | null;
  readonly sandbox: SandboxMode | null;
  readonly approvalPolicy: ApprovalPolicy | null;
  readonly overrides: readonly string[];
  readonly images: readonly string[];
  readonly addDirs: readonly string[];
  readonly strictConfig: boolean;
  readonly trust: boolean;
  /** Plain lines instead of a screen. */
  readonly plain: boolean;
  /** An app-server elsewhere instead of an engine in this process. */
  readonly remote: RemoteArguments | null;
}

export interface RemoteArguments {
  readonly address: string;
  /** Where its token is: a file, or the name of an environment variable. */
  readonly tokenFile: string | null;
  readonly tokenVariable: string | null;
}

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  cd: { type: "string", short: "C" },
  model: { type: "string", short: "m" },
  profile: { type: "string", short: "p" },
  sandbox: { type: "string", short: "s" },
  preset: { type: "string" },
  "ask-for-approval": { type: "string", short: "a" },
  config: { type: "string", short: "c", multiple: true },
  image: { type: "string", short: "i", multiple: true },
  "add-dir": { type: "string", multiple: true },
  enable: { type: "string", multiple: true },
  disable: { type: "string", multiple: true },
  "strict-config": { type: "boolean" },
  trust: { type: "boolean" },
  plain: { type: "boolean" },
  remote: { type: "string" },
  "remote-auth-token-env": { type: "string" },
  "remote-auth-token-file": { type: "string" },
  last: { type: "boolean" },
  all: { type: "boolean" },
  oss: { type: "boolean" },
  "local-provider": { type: "string" },
  // Accepted for command lines made for Codex: this interface never takes the whole screen.
  "no-alt-screen": { type: "boolean" },
  "full-auto": { type: "boolean" },
  "dangerously-bypass-approvals-and-sandbox": { type: "boolean" },
  yolo: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
}

/** Reads the words behind `quire`, or behind `quire resume` and `quire fork`. Fails with `usage_invalid`. */
export function parseInteractiveArguments(
  kind: "start" | "resume" | "fork",
  argv: readonly string[],
): InteractiveArguments {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (cause) {
    const message = cause instanceof Error ? (cause.message.split(". ")[0] ?? "") : String(cause);
    throw wrongUse(message.replace(/\.$/, ""), cause);
  }
  const { values, positionals } = parsed;
  return {
    ...actionOf(kind, positionals, values),
    help: values.help ?? false,
    cwd: values.cd ?? null,
    model: values.model ?? null,
    profile: values.profile ?? null,
    sandbox: sandboxOf(values, wrongUse),
    approvalPolicy: approvalOf(values),
    overrides: overridesOf(values),
    images: (values.image ?? []).flatMap((value) => value.split(",")),
    addDirs: values["add-dir"] ?? [],
    strictConfig: values["strict-config"] ?? false,
    trust: values.trust ?? false,
    plain: values.plain ?? false,
    remote: remoteOf(values),
  };
}

/** What the engine elsewhere decides by itself cannot be said from here. */
function remoteOf(values: Values): RemoteArguments | null {
  const { remote: address, "remote-auth-token-env": variable, "remote-auth-token-file": file } = values;
  if (address === undefined) {
    if (variable !== undefined || file !== undefined) throw wrongUse("a token is for --remote ADDR");
    return null;
  }
  if (variable !== undefined && file !== undefined)
    throw wrongUse("give the token by a file or by a variable, not by both");
  const misplaced = [
    ["--profile", values.profile !== undefined],
    ["--add-dir", values["add-dir"] !== undefined],
    ["--image", values.image !== undefined],
    ["--strict-config", values["strict-config"] === true],
    ["--trust", values.trust === true],
    ["--oss", values.oss === true],
    ["--config", overridesOf(values).length > 0],
  ] as const;
  const [wrong] = misplaced.find(([, isGiven]) => isGiven) ?? [];
  if (wrong !== undefined)
    throw wrongUse(`${wrong} is a matter of the app-server and does not go with --remote`);
  return { address, tokenFile: file ?? null, tokenVariable: variable ?? null };
}

function actionOf(
  kind: "start" | "resume" | "fork",
  words: readonly string[],
  { last = false, all = false }: Values,
): Pick<InteractiveArguments, "action" | "prompt"> {
  if (kind === "start") {
    if (last || all) throw wrongUse("--last and --all belong to: quire resume");
    return { action: { kind }, prompt: single(words) };
  }
  const thread = last ? null : (words[0] ?? null);
  return { action: { kind, thread, last, all }, prompt: single(last ? words : words.slice(1)) };
}

function single([prompt, extra]: readonly string[]): string | null {
  if (extra !== undefined)
    throw wrongUse(`unexpected argument ${JSON.stringify(extra)}; put the prompt in quotes`);
  return prompt ?? null;
}

const POLICIES = ["untrusted", "on-request", "never"] as const;

function approvalOf(values: Values): ApprovalPolicy | null {
  if (values.yolo || values["dangerously-bypass-approvals-and-sandbox"]) return "never";
  const name = values["ask-for-approval"];
  if (name === undefined) return null;
  const policy = POLICIES.find((known) => known === name);
  if (policy !== undefined) return policy;
  throw wrongUse(`unknown approval policy ${JSON.stringify(name)}; known: ${POLICIES.join(", ")}`);
}

function wrongUse(message: string, cause?: unknown): CodedError {
  return new CodedError("usage_invalid", message, { cause, nextStep: "See: quire --help" });
}
