import { parseArgs } from "node:util";
import { CodedError, type SandboxMode, SandboxModeSchema } from "@quire/protocol";
import type { ColorChoice } from "../terminal/style.ts";

/** What `quire exec` was asked to do, as typed; nothing in it has been checked against the world yet. */
export interface ExecArguments {
  action:
    | { kind: "start" }
    | { kind: "resume"; thread: string | null; all: boolean }
    | { kind: "fork"; thread: string };
  /** Null when none was given: then it comes from stdin. "-" stands for stdin too. */
  prompt: string | null;
  help: boolean;
  json: boolean;
  cwd: string | null;
  model: string | null;
  profile: string | null;
  sandbox: SandboxMode | null;
  overrides: readonly string[];
  lastMessageFile: string | null;
  outputSchemaFile: string | null;
  ephemeral: boolean;
  skipGitRepoCheck: boolean;
  strictConfig: boolean;
  ignoreUserConfig: boolean;
  ignoreRules: boolean;
  trust: boolean;
  images: readonly string[];
  addDirs: readonly string[];
  enable: readonly string[];
  disable: readonly string[];
  color: ColorChoice;
}

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  "experimental-json": { type: "boolean" },
  cd: { type: "string", short: "C" },
  model: { type: "string", short: "m" },
  profile: { type: "string", short: "p" },
  sandbox: { type: "string", short: "s" },
  config: { type: "string", short: "c", multiple: true },
  "output-last-message": { type: "string", short: "o" },
  "output-schema": { type: "string" },
  ephemeral: { type: "boolean" },
  "skip-git-repo-check": { type: "boolean" },
  "strict-config": { type: "boolean" },
  "ignore-user-config": { type: "boolean" },
  "ignore-rules": { type: "boolean" },
  trust: { type: "boolean" },
  image: { type: "string", short: "i", multiple: true },
  "add-dir": { type: "string", multiple: true },
  enable: { type: "string", multiple: true },
  disable: { type: "string", multiple: true },
  color: { type: "string" },
  last: { type: "boolean" },
  all: { type: "boolean" },
  "full-auto": { type: "boolean" },
  "dangerously-bypass-approvals-and-sandbox": { type: "boolean" },
  yolo: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
}

/** Reads the words behind `quire exec`. Fails with `usage_invalid`, naming the word that is wrong. */
export function parseExecArguments(argv: readonly string[]): ExecArguments {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (cause) {
    throw wrongUse(cause instanceof Error ? firstSentence(cause.message) : String(cause), cause);
  }
  const { values } = parsed;
  const { action, prompt } = readPositionals(parsed.positionals, values);
  return {
    action,
    prompt,
    help: values.help ?? false,
    json: values.json ?? values["experimental-json"] ?? false,
    cwd: values.cd ?? null,
    model: values.model ?? null,
    profile: values.profile ?? null,
    sandbox: sandboxOf(values),
    overrides: values.config ?? [],
    lastMessageFile: values["output-last-message"] ?? null,
    outputSchemaFile: values["output-schema"] ?? null,
    ephemeral: values.ephemeral ?? false,
    skipGitRepoCheck: values["skip-git-repo-check"] ?? false,
    strictConfig: values["strict-config"] ?? false,
    ignoreUserConfig: values["ignore-user-config"] ?? false,
    ignoreRules: values["ignore-rules"] ?? false,
    trust: values.trust ?? false,
    images: (values.image ?? []).flatMap((value) => value.split(",")),
    addDirs: values["add-dir"] ?? [],
    enable: values.enable ?? [],
    disable: values.disable ?? [],
    color: colorOf(values.color),
  };
}

function readPositionals(
  positionals: readonly string[],
  values: Values,
): Pick<ExecArguments, "action" | "prompt"> {
  const [first, ...rest] = positionals;
  if (first === "resume") {
    const thread = values.last ? null : (rest[0] ?? null);
    if (thread === null && !values.last) throw wrongUse("exec resume needs a thread id, or --last");
    const prompt = single(values.last ? rest : rest.slice(1));
    return { action: { kind: "resume", thread, all: values.all ?? false }, prompt };
  }
  if (values.last || values.all) throw wrongUse("--last and --all belong to: quire exec resume");
  if (first === "fork") {
    const thread = rest[0];
    if (thread === undefined) throw wrongUse("exec fork needs a thread id");
    return { action: { kind: "fork", thread }, prompt: single(rest.slice(1)) };
  }
  return { action: { kind: "start" }, prompt: single(positionals) };
}

function single(words: readonly string[]): string | null {
  const [prompt, extra] = words;
  if (extra !== undefined)
    throw wrongUse(`unexpected argument ${JSON.stringify(extra)}; put the prompt in quotes`);
  return prompt ?? null;
}

function sandboxOf(values: Values): SandboxMode | null {
  if (values["dangerously-bypass-approvals-and-sandbox"] || values.yolo) return "danger-full-access";
  if (values.sandbox === undefined) return values["full-auto"] ? "workspace-write" : null;
  const mode = SandboxModeSchema.safeParse(values.sandbox);
  if (mode.success) return mode.data;
  throw wrongUse(
    `unknown sandbox mode ${JSON.stringify(values.sandbox)}; known: ${SandboxModeSchema.options.join(", ")}`,
  );
}

function colorOf(value: string | undefined): ColorChoice {
  if (value === undefined || value === "auto" || value === "always" || value === "never")
    return value ?? "auto";
  throw wrongUse(`unknown --color ${JSON.stringify(value)}; known: auto, always, never`);
}

function wrongUse(message: string, cause?: unknown): CodedError {
  return new CodedError("usage_invalid", message, { cause, nextStep: "See: quire exec --help" });
}

/** Node's own texts go on to explain `--` at length. */
function firstSentence(message: string): string {
  return (message.split(". ")[0] ?? message).replace(/\.$/, "");
}
