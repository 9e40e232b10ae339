import fs from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";

const LineSchema = z.object({ id: z.string(), thread_name: z.string() });

/** Names that people gave their threads, by id. The last line about a thread counts. */
export function readThreadNames(home: string): ReadonlyMap<string, string> {
  let text: string;
  try {
    text = fs.readFileSync(namesFile(home), "utf8");
  } catch {
    // Nothing has a name yet.
    return new Map();
  }
  const names = new Map<string, string>();
  for (const line of text.split("\n")) {
    const entry = parseLine(line);
    if (entry) names.set(entry.id, entry.thread_name);
  }
  return names;
}

/** Names a thread. One short append, so that processes that name threads at once do not undo each other. */
export function writeThreadName(home: string, threadId: string, name: string, unixMs: number): void {
  fs.mkdirSync(home, { recursive: true, mode: 0o700 });
  const line = { id: threadId, thread_name: name, updated_at: new Date(unixMs).toISOString() };
  fs.appendFileSync(namesFile(home), `${JSON.stringify(line)}\n`, { mode: 0o600 });
}

function namesFile(home: string): string {
  return join(home, "session_index.jsonl");
}

function parseLine(line: string): z.infer<typeof LineSchema> | null {
  if (line === "") return null;
  try {
    const parsed = LineSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : null;
  } catch {
    // A torn line names nothing; the ones around it count.
    return null;
  }
}
