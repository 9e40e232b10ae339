import type { ResponseItem } from "@quire/protocol";
import type { Group } from "./turn-groups.ts";

const COMMA = Buffer.from(",");

/**
 * The JSON of messages, made once for each group of a history and kept as long as its items: a long thread would
 * otherwise be written anew for every request.
 */
export class MessageJson {
  readonly #kept = new WeakMap<ResponseItem, { source: readonly ResponseItem[]; json: Buffer }>();

  /** The messages of all groups with commas between them. `known` has the ids of the calls so far, and gets new ones. */
  of(
    groups: readonly Group[],
    known: Set<string>,
    messagesOf: (group: Group, known: Set<string>) => readonly object[],
  ): Buffer[] {
    const parts: Buffer[] = [];
    for (const group of groups) {
      const json = this.#jsonOf(group, known, messagesOf);
      if (json.length === 0) continue;
      if (parts.length > 0) parts.push(COMMA);
      parts.push(json);
    }
    return parts;
  }

  #jsonOf(
    group: Group,
    known: Set<string>,
    messagesOf: (group: Group, known: Set<string>) => readonly object[],
  ): Buffer {
    const [first] = group.source;
    const kept = first === undefined ? undefined : this.#kept.get(first);
    if (kept !== undefined && isSame(kept.source, group.source) && answersOnly(group, known)) {
      if (group.kind === "model") {
        for (const item of group.items) if ("call_id" in item) known.add(String(item.call_id));
      }
      return kept.json;
    }
    const list = JSON.stringify(messagesOf(group, known));
    const json = Buffer.from(list.slice(1, -1));
    if (first !== undefined) this.#kept.set(first, { source: group.source, json });
    return json;
  }
}

function isSame(one: readonly ResponseItem[], other: readonly ResponseItem[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

/** An answer whose call is not there is written otherwise, so it is not taken from what was kept. */
function answersOnly(group: Group, known: ReadonlySet<string>): boolean {
  return group.kind !== "answers" || group.answers.every(({ callId }) => known.has(callId));
}
