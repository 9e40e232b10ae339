import type { ServerNotification, WireItem, WireTurn } from "@quire/protocol/app-server";
import fc from "fast-check";
import { expect, test } from "vitest";
import { answer, turnOf } from "../../test/item-samples.ts";
import { caughtUp, KnownHistory } from "./caught-up.ts";
import { reduce } from "./reduce.ts";
import { emptyThread, type TimelineEntry } from "./thread-state.ts";

/** What a thread tells of a few turns, each with a few answers, and the turns as they are read after any part of it. */
function told(turns: readonly number[]): { notification: ServerNotification; after: WireTurn[] }[] {
  const steps: { notification: ServerNotification; after: WireTurn[] }[] = [];
  const done: WireTurn[] = [];
  for (const [at, count] of turns.entries()) {
    const id = `t${at}`;
    const items: WireItem[] = [];
    const running = () => [...done, turnOf({ id, status: "inProgress", items: [...items] })];
    const say = (notification: object, after: WireTurn[]) =>
      // Whole notifications are not needed for what is tested here.
      steps.push({ notification: notification as ServerNotification, after });
    const base = { threadId: "t", turnId: id };
    say(
      { method: "turn/started", params: { threadId: "t", turn: turnOf({ id, status: "inProgress" }) } },
      running(),
    );
    for (let number = 0; number < count; number += 1) {
      // Ids come again in the next turn, as some endpoints give them.
      const item = { ...answer(`Words ${at}.${number}\n\nand\nmore.`), id: `i${number}` };
      const begun = { ...item, text: "" };
      say({ method: "item/started", params: { ...base, item: begun, startedAtMs: 0 } }, running());
      const delta = `Words ${at}.${number}\n\nand\n`;
      say({ method: "item/agentMessage/delta", params: { ...base, itemId: item.id, delta } }, running());
      items.push(item);
      say({ method: "item/completed", params: { ...base, item, completedAtMs: 1 } }, running());
    }
    const turn = turnOf({ id, items: [...items] });
    done.push(turn);
    say({ method: "turn/completed", params: { threadId: "t", turn } }, [...done]);
  }
  return steps;
}

/** What was shown to its end: items and turns, in their order. */
function ends(entries: readonly TimelineEntry[]): string[] {
  return entries.flatMap((entry) =>
    entry.kind === "item" && entry.item.type === "agentMessage"
      ? [entry.item.text.split("\n")[0] ?? ""]
      : entry.kind === "turnEnded"
        ? [`end of ${entry.turn.id}`]
        : [],
  );
}

test("wherever a connection was lost and came back, everything is shown once and in order", () => {
  const turns = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(turns, fc.nat(), fc.nat(), (counts, lost, gap) => {
      const steps = told(counts);
      const from = lost % steps.length;
      const to = Math.min(steps.length, from + (gap % (steps.length + 1)));
      const known = new KnownHistory();
      let state = emptyThread("t");
      const shown: TimelineEntry[] = [];
      const take = (notification: ServerNotification) => {
        known.add(notification);
        const step = reduce(state, notification);
        state = step.state;
        shown.push(...step.ended);
      };
      for (const { notification } of steps.slice(0, from)) take(notification);
      const step = caughtUp(state, to === 0 ? [] : (steps[to - 1]?.after ?? []), known);
      state = step.state;
      shown.push(...step.ended);
      for (const { notification } of steps.slice(to)) take(notification);
      const all = counts.flatMap((count, at) => [
        ...Array.from({ length: count }, (_, number) => `Words ${at}.${number}`),
        `end of t${at}`,
      ]);
      expect(ends(shown)).toEqual(all);
      expect(state.turn).toBeNull();
    }),
  );
});

test("an answer of which a part was shown comes whole, and that is said", () => {
  const [begun, item, delta] = told([1]);
  const known = new KnownHistory();
  let state = emptyThread("t");
  for (const step of [begun, item, delta]) if (step) state = reduce(state, step.notification).state;
  const { state: after, ended } = caughtUp(state, delta?.after ?? [], known);
  expect(ended).toEqual([expect.objectContaining({ kind: "notice", tone: "quiet" })]);
  expect(after.live).toEqual([]);
  expect(after.turn).toEqual({ id: "t0", startedAtMs: 1_000_000 });
});
