import type { Sandbox } from "@quire/sandbox";
import { describeReport, testsOfCommand } from "@quire/test-report";
import type { FoundCommand } from "./find-commands.ts";

/** A command and what became of it. */
export interface TriedCommand extends FoundCommand {
  result:
    | { kind: "exited"; exitCode: number; seconds: number; lastLine: string; tests: string | null }
    | { kind: "timedOut"; seconds: number }
    | { kind: "notRun"; why: string };
}

export interface TryOptions {
  cwd: string;
  timeoutMs: number;
  monotonicMs: () => number;
  signal: AbortSignal;
}

/** Characters; the end of it says what came of a command. */
const KEPT_OUTPUT = 64 * 1024;

/** Runs them one after the other; each is ended as a whole at its time limit. */
export async function tryCommands(
  found: readonly FoundCommand[],
  sandbox: Sandbox,
  options: TryOptions,
): Promise<TriedCommand[]> {
  const tried: TriedCommand[] = [];
  for (const command of found) {
    if (options.signal.aborted) break;
    tried.push({ ...command, result: await tryOne(command.command, sandbox, options) });
  }
  return tried;
}

async function tryOne(
  command: string,
  sandbox: Sandbox,
  { cwd, timeoutMs, monotonicMs, signal }: TryOptions,
): Promise<TriedCommand["result"]> {
  const began = monotonicMs();
  const limit = AbortSignal.timeout(timeoutMs);
  // Test runners that wait for changes, or ask, do neither where CI is set.
  const argv = ["bash", "-c", `export CI=1; ${command}`];
  const outcome = await sandbox.start({ argv, cwd }, { signal: AbortSignal.any([limit, signal]) });
  if (outcome.kind === "unavailable") return { kind: "notRun", why: outcome.reason.cause };
  if (outcome.kind === "failed") return { kind: "notRun", why: outcome.message };
  let tail = "";
  let isCut = false;
  outcome.command.onOutput((chunk) => {
    tail += Buffer.from(chunk).toString("utf8");
    isCut ||= tail.length > KEPT_OUTPUT;
    tail = tail.slice(-KEPT_OUTPUT);
  });
  const exit = await outcome.command.exited;
  const seconds = (monotonicMs() - began) / 1000;
  if (limit.aborted) return { kind: "timedOut", seconds };
  if (exit.kind === "failed") return { kind: "notRun", why: exit.message };
  if (exit.kind === "signaled") return { kind: "notRun", why: `it was ended by ${exit.signal}` };
  const lastLine = tail.trimEnd().split("\n").at(-1) ?? "";
  const counts = testsOfCommand({ command, output: tail, isCut });
  const tests = counts === null ? null : describeReport(counts);
  return { kind: "exited", exitCode: exit.code, seconds, lastLine, tests };
}
