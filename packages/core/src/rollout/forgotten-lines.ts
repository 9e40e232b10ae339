import type { RolloutRecord } from "@quire/protocol";

const NEWLINE = 10;
/** As much of a line as says what it is: ids and times are shorter than this together. */
const HEAD_BYTES = 240;
/** A line of ours up to its kind; the last part is the kind of a thread item. */
const HEAD =
  /^\{"timestamp":"[^"\\]{1,40}","ordinal":(\d+),"type":"(request_head|turn_context|event_msg)","payload":\{(?:"type":"(\w+)")?(?:,"turn_id":"[^"\\]*","item":\{"type":"(\w+)")?/;

type EventType = Extract<RolloutRecord, { type: "event_msg" }>["payload"]["type"];

const TURN_EVENTS: ReadonlySet<string> = new Set<EventType>([
  "task_started",
  "task_complete",
  "turn_aborted",
]);
const ITEM_EVENTS: ReadonlySet<string> = new Set<EventType>(["item_started", "item_completed"]);
/** What was said stands in the log as history, too; these copies are for showing it. */
const SAID: ReadonlySet<string> = new Set(["userMessage", "agentMessage", "reasoning"]);

/**
 * Lines that a replay would read only to forget them, by the offsets of their beginnings, each with its ordinal: all but the
 * last of a kind of which the last counts, and copies of what was said. A line that is not quite as we write it is not
 * among them, nor is one without its newline.
 */
export function forgottenLines(data: Buffer): Map<number, number> {
  const forgotten = new Map<number, number>();
  const last = new Map<string, { start: number; ordinal: number }>();
  let start = 0;
  for (let end = data.indexOf(NEWLINE); end !== -1; end = data.indexOf(NEWLINE, start)) {
    const head = HEAD.exec(data.toString("latin1", start, Math.min(end, start + HEAD_BYTES)));
    const kind = head === null ? null : kindOf(head);
    if (head !== null && kind !== null) {
      const ordinal = Number(head[1]);
      const before = last.get(kind);
      if (kind === "said") forgotten.set(start, ordinal);
      else {
        if (before !== undefined) forgotten.set(before.start, before.ordinal);
        last.set(kind, { start, ordinal });
      }
    }
    start = end + 1;
  }
  return forgotten;
}

/** Lines of one kind make the ones before them forgotten; null for those that all count. */
function kindOf([, , type, event = "", item = ""]: RegExpExecArray): string | null {
  if (type !== "event_msg") return type ?? null;
  if (TURN_EVENTS.has(event)) return "turn";
  return ITEM_EVENTS.has(event) && SAID.has(item) ? "said" : null;
}
