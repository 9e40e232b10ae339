import { classify } from "./classify.ts";
import type { CommandContext } from "./command-context.ts";

/**
 * Judges commands in bulk: each line `{"id", "cmd"}` in gives one line `{"id", "verdict", "why"}` out, in order,
 * without newlines. A line that is not such an object is answered with `ask`; empty lines are skipped.
 */
export async function* classifyJsonLines(
  lines: Iterable<string> | AsyncIterable<string>,
  context: CommandContext,
): AsyncGenerator<string, void, undefined> {
  for await (const line of lines) {
    if (line.trim() === "") continue;
    const entry = readEntry(line);
    if (entry.cmd === null) {
      yield JSON.stringify({
        id: entry.id,
        verdict: "ask",
        why: 'the line is not a JSON object with a text "cmd"',
      });
      continue;
    }
    const { verdict, why } = await classify(entry.cmd, context);
    yield JSON.stringify({ id: entry.id, verdict, why });
  }
}

function readEntry(line: string): { id: string | number | null; cmd: string | null } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Answered with `ask` by the caller: one broken line must not end the batch.
    return { id: null, cmd: null };
  }
  if (typeof value !== "object" || value === null) return { id: null, cmd: null };
  const id =
    "id" in value && (typeof value.id === "string" || typeof value.id === "number") ? value.id : null;
  return { id, cmd: "cmd" in value && typeof value.cmd === "string" ? value.cmd : null };
}

/**
 * A stand-in for a PATH look-up when texts are judged away from any machine: every bare name leads to the system's
 * program, a full path to itself. Never use it for a command that will run.
 */
export function assumeSystemPrograms(name: string): string | { insideWritableRoot: true } {
  if (!name.includes("/")) return `/usr/bin/${name}`;
  return /^\/(?:usr\/(?:local\/)?)?s?bin\/[^/]+$/.test(name) ? name : { insideWritableRoot: true };
}
