import fs from "node:fs";
import path from "node:path";
import {
  configOrigin,
  type LoadedConfig,
  loadConfig,
  persistTrust,
  resolveHome,
  SYSTEM_CONFIG_FILE,
} from "@quire/config";
import { CodedError, type ThreadEvent, type ThreadItem, type Turn, type UserInput } from "@quire/protocol";
import { EXIT, exitCodeOf } from "../exit-code.ts";
import { OFFLINE_MODEL } from "../session/model-choice.ts";
import { openSession, type Session } from "../session/open-session.ts";
import { resolveWorkspace, type Workspace, workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { errorText } from "../terminal/error-text.ts";
import { type Style, styleFor } from "../terminal/style.ts";
import type { ExecArguments } from "./exec-arguments.ts";
import { createJsonLines } from "./json-lines.ts";
import { isJsonObject, readOutputSchema } from "./output-schema.ts";
import { createProgress } from "./progress.ts";
import { readPrompt } from "./prompt.ts";
import { summaryText } from "./summary.ts";

/** What a run needs beyond its arguments, found out once. */
interface Run {
  args: ExecArguments;
  system: System;
  style: Style;
  home: string;
  loaded: LoadedConfig;
  workspace: Workspace;
}

/** One headless run, from arguments to exit code. */
export async function execute(args: ExecArguments, system: System): Promise<number> {
  const run = await prepareRun(args, system);
  const prompt = await readPrompt({ argument: args.prompt, optional: args.action.kind === "resume" }, system);
  const outputSchema = args.outputSchemaFile === null ? undefined : readOutputSchema(args.outputSchemaFile);
  const session = await openSession({
    system,
    home: run.home,
    loaded: run.loaded,
    workspace: run.workspace,
    target: args.action,
    ephemeral: args.ephemeral,
    ignoreRules: args.ignoreRules,
    source: "exec",
    approvalPolicy: "never",
    approver: null,
    clientTools: [],
  });
  try {
    if (prompt === null && !session.unfinished) {
      throw new CodedError(
        "prompt_empty",
        "the last turn of this thread is complete, so there is nothing to go on with",
        {
          nextStep: 'Say what to do next: quire exec resume --last "…"',
        },
      );
    }
    announce(run, session);
    const turn = await runOneTurn(run, session, inputOf(prompt, args, system.cwd), outputSchema);
    return conclude(run, session, turn);
  } finally {
    await session.close();
  }
}

async function prepareRun(args: ExecArguments, system: System): Promise<Run> {
  const home = await resolveHome(system.env, system.homeDir);
  const cwd = workingDirectory(system.cwd, args.cwd);
  const result = await loadConfig({
    home,
    cwd,
    env: system.env,
    systemFile: SYSTEM_CONFIG_FILE,
    overrides: args.overrides,
    profile: args.profile,
    strict: args.strictConfig,
    ignoreUserFile: args.ignoreUserConfig,
    trustProject: args.trust ? true : null,
    flags: {
      ...(args.model === null ? {} : { model: args.model }),
      ...(args.sandbox === null ? {} : { sandbox_mode: args.sandbox }),
    },
  });
  if (!result.ok) {
    const { code, message, next_step: nextStep, details } = result.error;
    throw new CodedError(code, message, {
      ...(nextStep === undefined ? {} : { nextStep }),
      ...(details === undefined ? {} : { details }),
    });
  }
  if (args.trust) {
    await persistTrust({ home, cwd, rootMarkers: result.config.projectRootMarkers, level: "trusted" });
  }
  const modeLayer = configOrigin(result, "sandbox_mode")?.layer ?? "default";
  const workspace = resolveWorkspace({
    base: system.cwd,
    cd: args.cwd,
    addDirs: args.addDirs,
    skipGitRepoCheck: args.skipGitRepoCheck,
    config: result.config,
    modeIsChosen: modeLayer !== "default",
  });
  return { args, system, style: styleFor(system, args.color), home, loaded: result, workspace };
}

function inputOf(prompt: string | null, args: ExecArguments, base: string): UserInput[] {
  const input: UserInput[] = prompt === null ? [] : [{ type: "text", text: prompt }];
  for (const image of args.images) input.push({ type: "localImage", path: path.resolve(base, image) });
  return input;
}

/** The opening lines on stderr: what runs where, with what rights, and everything that was decided for the user. */
function announce(run: Run, session: Session): void {
  const { style, system, workspace } = run;
  const { choice, settings, thread } = session;
  const write = (line: string) => system.stderr.write(`${line}\n`);
  write(
    `${style.bold("quire")} ${style.dim("·")} ${settings.model} ${style.dim("·")} ${workspace.sandboxMode} ${style.dim("·")} ${workspace.cwd}`,
  );
  if (choice.kind === "offline" && choice.why === "nothing-configured") {
    write(
      style.yellow(
        "No model is configured, so the built-in offline repair engine works on this. It is not a language model: it can make a failing test pass by a small edit, nothing else. For a model set OPENAI_API_KEY or describe a provider in config.toml.",
      ),
    );
  }
  if (workspace.modeNote !== null) write(style.dim(workspace.modeNote));
  if (run.args.action.kind !== "start") write(style.dim(`thread ${thread.id}`));
  for (const warning of run.loaded.warnings) {
    if (warning.level === "warning") write(style.yellow(`! ${warning.message} [${warning.code}]`));
  }
  for (const notice of session.notices) {
    write(
      style.yellow(
        notice.kind === "damage"
          ? `! line ${notice.damage.line} of the log could not be read (${notice.damage.kind})${notice.keptCopy ? `; the file as it was is kept as ${notice.keptCopy}` : ""} [rollout_damaged]`
          : `! it is unknown how this ended, and it was not run again: ${notice.description.split("\n")[0]} [outcome_unknown]`,
      ),
    );
  }
}

async function runOneTurn(
  run: Run,
  session: Session,
  input: readonly UserInput[],
  outputSchema: ReturnType<typeof readOutputSchema> | undefined,
): Promise<{ turn: Turn; items: ThreadItem[] }> {
  const { args, system, style } = run;
  const items: ThreadItem[] = [];
  const json = args.json ? createJsonLines() : null;
  const progress = json ? null : createProgress(system, style);
  const show = (event: ThreadEvent) => {
    if (event.method === "item/completed") items.push(event.params.item);
    progress?.show(event);
    for (const line of json?.translate(event) ?? []) system.stdout.write(`${JSON.stringify(line)}\n`);
  };
  const reader = session.thread.subscribe({ deltas: false, capacity: 100_000 });
  const { thread, settings } = session;
  show({
    method: "thread/started",
    params: {
      threadId: thread.id,
      cwd: settings.cwd,
      model: settings.model,
      rolloutPath: thread.rolloutPath,
    },
  });
  const running = await thread.startTurn(input, {
    settings,
    warnings: session.warnings,
    ...(outputSchema === undefined ? {} : { outputSchema }),
  });
  const stopListening = interruptOnSignal(run, () => running.interrupt());
  try {
    for await (const event of reader) {
      show(event);
      if (event.method === "turn/completed") break;
    }
    return { turn: await running.done, items };
  } finally {
    stopListening();
    progress?.close();
  }
}

/** The first signal ends the turn in order, the second ends the process at once. */
function interruptOnSignal(run: Run, interrupt: () => void): () => void {
  let asked = false;
  return run.system.onStop((signal) => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    run.system.stderr.write(
      `\n${signal === "SIGINT" ? "Interrupted" : signal}; stopping (once more to stop at once)\n`,
    );
    interrupt();
  });
}

async function conclude(
  run: Run,
  session: Session,
  { turn, items }: { turn: Turn; items: ThreadItem[] },
): Promise<number> {
  const { args, system, style } = run;
  const { thread } = session;
  if (!args.json) {
    system.stderr.write(
      summaryText(
        {
          turn,
          items,
          threadId: thread.id,
          rolloutPath: thread.rolloutPath,
          threadUsage: thread.usage,
          threadCost: thread.cost,
        },
        style,
      ),
    );
  }
  if (turn.error !== null) {
    if (!args.json) system.stderr.write(errorText(turn.error, style));
    return exitCodeOf(turn.error);
  }
  const answer = turn.finalText ?? "";
  if (args.lastMessageFile !== null) fs.writeFileSync(args.lastMessageFile, answer);
  if (!args.json) system.stdout.write(answer.endsWith("\n") || answer === "" ? answer : `${answer}\n`);
  if (args.outputSchemaFile !== null && !isJsonObject(answer)) {
    system.stderr.write(
      errorText(
        {
          code: "output_schema_mismatch",
          message: "the final answer is not the JSON object that the schema asks for",
          retryable: true,
        },
        style,
      ),
    );
    return EXIT.failed;
  }
  return (await declined(session, answer)) ? EXIT.declined : EXIT.done;
}

async function declined(session: Session, answer: string): Promise<boolean> {
  if (session.settings.model !== OFFLINE_MODEL) return false;
  const { isDeclined } = await import("@quire/offline-repair");
  return isDeclined(answer);
}
