import type { Sandbox } from "@quire/sandbox";

/** How a row of commands went; `failed` names the first one that did not end with 0. */
export interface Checked {
  readonly failed: string | null;
  /** What was printed, the end of it. */
  readonly output: string;
}

export interface CheckDeps {
  /** Confines the commands to a folder. */
  readonly openSandbox: (folder: string) => Sandbox;
  readonly signal: AbortSignal;
}

const MOST_OUTPUT = 16_000;

/** Runs `bash -c` commands in a folder, confined, each for so many seconds at the most, until one fails. */
export async function runChecks(
  commands: readonly string[],
  folder: string,
  seconds: number,
  { openSandbox, signal }: CheckDeps,
): Promise<Checked> {
  const sandbox = openSandbox(folder);
  let output = "";
  try {
    for (const command of commands) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(seconds * 1000)]);
      const started = await sandbox.start({ argv: ["bash", "-c", command], cwd: folder }, { signal: limit });
      if (started.kind !== "started") {
        const why = started.kind === "unavailable" ? started.reason.cause : started.message;
        return { failed: command, output: `${output}\n${why}` };
      }
      started.command.onOutput((chunk) => {
        output = (output + chunk.toString("utf8")).slice(-MOST_OUTPUT);
      });
      const exit = await started.command.exited;
      if (exit.kind !== "exited" || exit.code !== 0) return { failed: command, output };
    }
    return { failed: null, output };
  } finally {
    await sandbox.close();
  }
}
