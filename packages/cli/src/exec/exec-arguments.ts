import { parseArgs } from "node:util";
import { CodedError, type SandboxMode } from "@quire/protocol";
import type { ColorChoice } from "../terminal/style.ts";
import { overridesOf, sandboxOf } from "../thread-options.ts";
import { spreadImages } from "./image-words.ts";
import { parseGoalBudget, parseLimits, type RunLimits } from "./limits.ts";

/** Whose changes a review looks at. */
export type ReviewTarget =
  | { kind: "uncommitted" }
  | { kind: "base"; branch: string }
  | { kind: "commit"; sha: string };

/** What `quire exec` was asked to do, as typed; nothing in it has been checked against the world yet. */
export interface ExecArguments {
  action:
    | { kind: "start" }
    | { kind: "resume"; thread: string | null; all: boolean }
    | { kind: "fork"; thread: string }
    | { kind: "review"; target: ReviewTarget; title: string | null };
  /** Null when none was given: then it comes from stdin. "-" stands for stdin too. */
  prompt: string | null;
  help: boolean;
  json: boolean;
  /** Asked for with `--experimental-json`, as Codex's SDK does: see `sdk-lines.ts`. */
  forSdk: boolean;
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
  /** Whether the thread gets a checkout of its own. */
  worktree: boolean;
  enable: readonly string[];
  disable: readonly string[];
  /** Asked for with Codex's flag; there is no reviewer here, so it only sets the sandbox mode. */
  approveForMe: boolean;
  color: ColorChoice;
  limits: RunLimits;
  /** Only looks and proposes a plan. */
  plan: boolean;
  /** Approves the plan of a resumed thread and builds it. */
  approvePlan: boolean;
  /** What turns work towards until it is reached; null without one. */
  goal: string | null;
  /** Tokens that the goal may use. */
  goalBudget: number | null;
  /** Whether `--json` also tells what long commands have printed so far. */
  outputDeltas: boolean;
}

/** Names and kinds of the options of `quire exec` and `quire review`. */
export const EXEC_OPTIONS = {
  help: { type: "boolean", short: "h" },
  json: { type: "boolean" },
  "experimental-json": { type: "boolean" },
  cd: { type: "string", short: "C" },
  model: { type: "string", short: "m" },
  profile: { type: "string", short: "p" },
  sandbox: { type: "string", short: "s" },
  preset: { type: "string" },
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
  "max-turns": { type: "string" },
  "max-tokens": { type: "string" },
  "max-cost": { type: "string" },
  timeout: { type: "string" },
  "output-deltas": { type: "boolean" },
  plan: { type: "boolean" },
  "approve-plan": { type: "boolean" },
  goal: { type: "string" },
  "goal-budget": { type: "string" },
  uncommitted: { type: "boolean" },
  base: { type: "string" },
  commit: { type: "string" },
  title: { type: "string" },
  search: { type: "boolean" },
  worktree: { type: "boolean" },
  oss: { type: "boolean" },
  "local-provider": { type: "string" },
  "approve-for-me": { type: "boolean" },
  // Accepted for command lines made for Codex: there are no hooks to trust, a label on a thread changes nothing, and
  // there are no access programs.
  "cyber-access-program": { type: "string" },
  "dangerously-bypass-hook-trust": { type: "boolean" },
  "thread-source": { type: "string" },
  last: { type: "boolean" },
  all: { type: "boolean" },
  "full-auto": { type: "boolean" },
  "dangerously-bypass-approvals-and-sandbox": { type: "boolean" },
  yolo: { type: "boolean" },
} as const;

type Values = ReturnType<typeof parse>["values"];

function parse(argv: readonly string[]) {
  return parseArgs({
    args: spreadImages(argv),
    options: EXEC_OPTIONS,
    allowPositionals: true,
    strict: true,
    tokens: true,
  });
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
  const { action, prompt } = readAction(parsed, values);
  if (values.worktree && action.kind !== "start") {
    throw wrongUse("--worktree goes with a new thread; a resumed one goes back to where it worked");
  }
  return {
    action,
    prompt,
    help: values.help ?? false,
    json: values.json ?? values["experimental-json"] ?? false,
    forSdk: values["experimental-json"] ?? false,
    cwd: values.cd ?? null,
    model: values.model ?? null,
    profile: values.profile ?? null,
    sandbox: sandboxOf(values, wrongUse),
    overrides: overridesOf(values),
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
    worktree: values.worktree ?? false,
    enable: values.enable ?? [],
    disable: values.disable ?? [],
    approveForMe: values["approve-for-me"] ?? false,
    color: colorOf(values.color),
    limits: parseLimits(values),
    ...modeArguments(values, action),
    outputDeltas: values["output-deltas"] ?? false,
  };
}

/** What goes together and what does not: a plan is no work, and only a thread that was left has a plan or a goal already. */
function modeArguments(values: Values, action: ExecArguments["action"]) {
  const { plan = false, goal = null } = values;
  const approvePlan = values["approve-plan"] ?? false;
  const goalBudget = parseGoalBudget(values["goal-budget"]);
  const resumes = action.kind === "resume";
  const wanted = [plan && "--plan", approvePlan && "--approve-plan", goal !== null && "--goal"].filter(
    Boolean,
  );
  if (wanted.length > 1) throw wrongUse(`${wanted.join(" and ")} do not go together`);
  if (wanted.length > 0 && action.kind === "review") throw wrongUse(`${wanted[0]} does not go with a review`);
  if (approvePlan && !resumes) throw wrongUse("--approve-plan belongs to: quire exec resume");
  if (goal?.trim() === "") throw wrongUse("--goal needs words");
  if (goalBudget !== null && goal === null && !resumes) throw wrongUse("--goal-budget goes with --goal");
  return { plan, approvePlan, goal, goalBudget };
}

type Action = Pick<ExecArguments, "action" | "prompt">;

function readAction({ positionals, tokens }: ReturnType<typeof parse>, values: Values): Action {
  const [first, ...rest] = positionals;
  // Behind `--` there is only the prompt, whatever it begins with.
  const end = tokens.find(({ kind }) => kind === "option-terminator")?.index ?? Number.POSITIVE_INFINITY;
  const isPrompt = (tokens.find(({ kind }) => kind === "positional")?.index ?? 0) > end;
  if (first === "review" && !isPrompt) return readReview(rest, values);
  const stray = (["uncommitted", "base", "commit", "title"] as const).find((name) => values[name]);
  if (stray !== undefined) throw wrongUse(`--${stray} belongs to: quire review`);
  if (first === "resume" && !isPrompt) return readResume(rest, values);
  if (values.last || values.all) throw wrongUse("--last and --all belong to: quire exec resume");
  if (first === "fork" && !isPrompt) {
    const [thread, ...words] = rest;
    if (thread === undefined) throw wrongUse("exec fork needs a thread id");
    return { action: { kind: "fork", thread }, prompt: single(words) };
  }
  return { action: { kind: "start" }, prompt: single(positionals) };
}

function readResume(words: readonly string[], values: Values): Action {
  const thread = values.last ? null : (words[0] ?? null);
  if (thread === null && !values.last) throw wrongUse("exec resume needs a thread id, or --last");
  const prompt = single(values.last ? words : words.slice(1));
  return { action: { kind: "resume", thread, all: values.all ?? false }, prompt };
}

function readReview(words: readonly string[], values: Values): Action {
  const prompt = single(words);
  const { uncommitted, base, commit, title = null } = values;
  const chosen = [uncommitted ? "--uncommitted" : null, base && "--base", commit && "--commit"].filter(
    Boolean,
  );
  if (prompt !== null) chosen.push("a prompt");
  if (chosen.length > 1) throw wrongUse(`a review is about one thing: give only one of ${chosen.join(", ")}`);
  if (title !== null && !commit) throw wrongUse("--title goes with --commit");
  const target: ReviewTarget =
    base !== undefined
      ? { kind: "base", branch: base }
      : commit !== undefined
        ? { kind: "commit", sha: commit }
        : { kind: "uncommitted" };
  return { action: { kind: "review", target, title }, prompt };
}

function single(words: readonly string[]): string | null {
  const [prompt, extra] = words;
  if (extra !== undefined)
    throw wrongUse(`unexpected argument ${JSON.stringify(extra)}; put the prompt in quotes`);
  return prompt ?? null;
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
