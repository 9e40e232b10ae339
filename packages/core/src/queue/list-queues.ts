import fs from "node:fs";
import { join } from "node:path";
import { isThreadId } from "../thread/thread-id.ts";

/** The threads that have a queue of messages, which may be empty. */
export function listQueues(home: string): string[] {
  let names: string[];
  try {
    names = fs.readdirSync(join(home, "queues"));
  } catch {
    // Nothing was ever queued here.
    return [];
  }
  const ids = names.flatMap((name) => (name.endsWith(".json") ? [name.slice(0, -".json".length)] : []));
  return ids.filter(isThreadId).sort();
}
