/** A thread as long as nobody wants to wait for: the log of a short one with its last turn repeated. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/**
 * Rewrites the only thread log under a HOME so that its last turn stands there `turns` times, each with its own id.
 * @param {string} home @param {number} turns
 */
export function lengthenThread(home, turns) {
  const sessions = path.join(home, ".quire/sessions");
  const logs = readdirSync(sessions, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".jsonl"),
  );
  if (logs.length !== 1) throw new Error(`expected one thread log under ${sessions}, found ${logs.length}`);
  const file = path.join(sessions, logs[0] ?? "");
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const start = lines.findLastIndex((line) => line.includes('"task_started"'));
  const turnId = JSON.parse(lines[start] ?? "{}").payload?.turn_id;
  if (typeof turnId !== "string") throw new Error(`${file} holds no turn`);

  const turn = lines.slice(start).join("\n");
  const repeated = [lines.slice(0, start).join("\n"), turn];
  for (let copy = 1; copy < turns; copy += 1) {
    repeated.push(turn.replaceAll(turnId, `${turnId.slice(0, -6)}${String(copy).padStart(6, "0")}`));
  }
  let ordinal = -1;
  const numbered = repeated.join("\n").replace(/"ordinal":\d+/g, () => {
    ordinal += 1;
    return `"ordinal":${ordinal}`;
  });
  writeFileSync(file, `${numbered}\n`);
}
