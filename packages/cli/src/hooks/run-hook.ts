import { type HookDefinition, type HookRun, namesSecret } from "@quire/core";
import { runProcess } from "@quire/git";
import type { RunningCommand, Sandbox } from "@quire/sandbox";
import type { System } from "../system.ts";

export interface HookRunner {
  readonly system: Pick<System, "env">;
  readonly cwd: () => string;
  /** Where the hooks of a project run. */
  readonly sandbox: () => Sandbox;
}

const MOST_OUTPUT = 256 * 1024;
const MOST_ERRORS = 16 * 1024;
const SHELL = "/bin/sh";

/** What a hook inherits; everything else of the environment stays with us. */
const INHERITED =
  /^(?:PATH|HOME|USER|LOGNAME|SHELL|LANG|LANGUAGE|LC_[A-Z]+|TERM|TZ|TMPDIR|DISPLAY|WAYLAND_DISPLAY|XDG_[A-Z_]+)$/;

/** Runs one hook: the user's own and a plugin's as the user, a project's in the sandbox of the session's commands. */
export async function runHook(
  hook: HookDefinition,
  stdin: string,
  signal: AbortSignal,
  runner: HookRunner,
): Promise<HookRun> {
  try {
    return hook.origin.kind === "project"
      ? await runConfined(hook, stdin, signal, runner)
      : await runAsUser(hook, stdin, signal, runner);
  } catch (thrown) {
    return failed(`could not be started (${thrown instanceof Error ? thrown.message : String(thrown)})`);
  }
}

async function runAsUser(
  hook: HookDefinition,
  stdin: string,
  signal: AbortSignal,
  runner: HookRunner,
): Promise<HookRun> {
  const result = await runProcess({
    file: SHELL,
    args: ["-c", hook.command],
    cwd: runner.cwd(),
    env: { ...inherited(runner.system.env), ...ownVariables(hook, runner) },
    stdin,
    maxOutputBytes: MOST_OUTPUT,
    timeoutMs: hook.timeoutMs,
    signal,
  });
  if (result.ended !== undefined) return failed(endText(result.ended, hook));
  return {
    exitCode: result.exitCode,
    stdout: result.stdout.toString("utf8"),
    stderr: result.stderr,
    failure: null,
  };
}

async function runConfined(
  hook: HookDefinition,
  stdin: string,
  signal: AbortSignal,
  runner: HookRunner,
): Promise<HookRun> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(hook.timeoutMs)]);
  const outcome = await runner.sandbox().start(
    {
      argv: [SHELL, "-c", hook.command],
      cwd: runner.cwd(),
      env: ownVariables(hook, runner),
      stdin: "pipe",
    },
    { signal: deadline },
  );
  if (outcome.kind !== "started") {
    return failed(
      `could not be started (${outcome.kind === "failed" ? outcome.message : outcome.reason.cause})`,
    );
  }
  return collect(hook, stdin, outcome.command, { signal, deadline });
}

async function collect(
  hook: HookDefinition,
  stdin: string,
  command: RunningCommand,
  { signal, deadline }: { signal: AbortSignal; deadline: AbortSignal },
): Promise<HookRun> {
  const texts = { stdout: "", stderr: "", tty: "" };
  let ended: "timed-out" | "interrupted" | "output-too-large" | undefined;
  const end = (why: typeof ended) => {
    ended ??= why;
    void command.kill();
  };
  const onAbort = () => end(signal.aborted ? "interrupted" : "timed-out");
  command.onOutput((chunk, stream) => {
    const room = (stream === "stderr" ? MOST_ERRORS : MOST_OUTPUT) - texts[stream].length;
    texts[stream] += chunk.subarray(0, Math.max(0, room)).toString("utf8");
    if (stream === "stdout" && chunk.length > room) end("output-too-large");
  });
  deadline.addEventListener("abort", onAbort, { once: true });
  try {
    if (deadline.aborted) onAbort();
    void command.write(stdin).then(() => command.endInput());
    const exit = await command.exited;
    if (ended !== undefined) return failed(endText(ended, hook));
    if (exit.kind === "failed") return failed(`could not be run (${exit.message})`);
    const exitCode = exit.kind === "exited" ? exit.code : null;
    const failure = exit.kind === "signaled" ? `was ended by ${exit.signal}` : null;
    return { exitCode, stdout: texts.stdout, stderr: texts.stderr, failure };
  } finally {
    deadline.removeEventListener("abort", onAbort);
  }
}

function inherited(env: System["env"]): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && INHERITED.test(name) && !namesSecret(name) ? [[name, value] as const] : [],
    ),
  );
}

/** The variables by which hooks of Codex and Claude Code find their place. */
function ownVariables({ origin }: HookDefinition, { cwd }: HookRunner): Record<string, string> {
  const project = { QUIRE_PROJECT_DIR: cwd(), CLAUDE_PROJECT_DIR: cwd() };
  if (origin.pluginRoot === null) return project;
  return { ...project, PLUGIN_ROOT: origin.pluginRoot, CLAUDE_PLUGIN_ROOT: origin.pluginRoot };
}

function endText(
  ended: "timed-out" | "interrupted" | "output-too-large",
  { timeoutMs }: HookDefinition,
): string {
  switch (ended) {
    case "timed-out":
      return `took longer than ${timeoutMs / 1000} s and was ended`;
    case "output-too-large":
      return `wrote more than ${MOST_OUTPUT / 1024} KiB and was ended`;
    case "interrupted":
      return "was interrupted";
  }
}

function failed(failure: string): HookRun {
  return { exitCode: null, stdout: "", stderr: "", failure };
}
