/** What a command says when it is over, or so far. */
export interface CommandOutput {
  /** Exit code, `KILLED` after a signal, or null while the command runs and when it never ran. */
  exitCode: number | null;
  /** Session to poll while the command runs. */
  sessionId: number | null;
  wallSeconds: number;
  /** The harness left out a part of the output. */
  truncated: boolean;
  /** The command did not run: refused by the policy, by the user or by the sandbox. */
  refused: boolean;
  /** The output itself, or the whole text where there is no output section. */
  output: string;
}

/** Stands for the exit code of a process that was ended by a signal or a time limit. */
export const KILLED = 137;

/** Reads the text of an `exec_command` or `write_stdin` result; unknown header lines are skipped. */
export function parseCommandOutput(text: string): CommandOutput {
  const marker = /^Output:[ \t]*\r?$\n?/m.exec(text);
  const header = marker === null ? text : text.slice(0, marker.index);
  const output = marker === null ? text : text.slice(marker.index + marker[0].length);
  const numberAfter = (words: RegExp) => {
    const found = words.exec(header)?.[1];
    return found === undefined ? null : Number(found);
  };
  const exitCode = numberAfter(/^(?:Process exited with code|Exit code:?)\s+(-?\d+)/im);
  const sessionId = numberAfter(/^Process running with session ID:?\s+(\d+)/im);
  const killed = /^Process (?:killed by|timed out|was interrupted|was terminated)/im.test(header);
  return {
    exitCode: exitCode ?? (killed ? KILLED : null),
    sessionId,
    wallSeconds: numberAfter(/^Wall time:\s*([\d.]+)/im) ?? 0,
    truncated:
      /^Original token count:/im.test(header) ||
      /tokens? truncated|truncated output|output truncated/i.test(output.slice(0, 400_000)),
    refused: exitCode === null && sessionId === null && !killed,
    output,
  };
}

/** The JSON that a driver prints behind `QUIRE_RESULT`, null when it is missing or damaged. */
export function driverResult(output: string): unknown {
  const line = output.split("QUIRE_RESULT ").at(-1)?.split("\n", 1)[0] ?? "";
  try {
    return output.includes("QUIRE_RESULT ") ? JSON.parse(line) : null;
  } catch {
    return null; // cut or mixed with other output: the same as no result
  }
}
