import type { ServerNotification } from "@quire/protocol/app-server";
import fc from "fast-check";
import { expect, test } from "vitest";
import { answer, command, ENDED, failure, proposal, RUNNING, turnOf } from "../../test/item-samples.ts";
import { entryBlock } from "../blocks/entry.ts";
import { liveBlock } from "../blocks/live.ts";
import { NO_SYNTAX } from "../markdown/syntax.ts";
import { plainText } from "../text/styled-line.ts";
import { reduce } from "./reduce.ts";
import { emptyThread, type ThreadState, type TimelineEntry } from "./thread-state.ts";

const VIEW = { columns: 80, cwd: "/repo", syntax: NO_SYNTAX, unfolded: false } as const;
const THREAD = { threadId: "t", turnId: "1" };

/** What a server sends, also one that is newer or out of order. */
function note(method: string, params: object): ServerNotification {
  // Also what no server of this version sends, which is what is tested.
  return { method, params: { ...THREAD, ...params } } as ServerNotification;
}

function played(notes: readonly ServerNotification[]): { state: ThreadState; timeline: TimelineEntry[] } {
  let state = emptyThread("t");
  const timeline: TimelineEntry[] = [];
  for (const one of notes) {
    const step = reduce(state, one);
    state = step.state;
    timeline.push(...step.ended);
  }
  return { state, timeline };
}

const textOf = (timeline: readonly TimelineEntry[]) =>
  timeline.flatMap((entry) => entryBlock(entry, VIEW)).map(plainText);

const delta = (itemId: string, text: string) => note("item/agentMessage/delta", { itemId, delta: text });
const begins = (item: object) => note("item/started", { item, startedAtMs: 5 });
const ends = (item: object) => note("item/completed", { item, completedAtMs: 9 });

const ITEMS = [
  ...Object.values(ENDED).flatMap((samples) => Object.values(samples)),
  ...RUNNING.map(({ item }) => item),
];
const itemArbitrary = fc
  .tuple(fc.constantFrom(...ITEMS, { type: "hologram", id: "h", depth: 3 }), fc.constantFrom("1", "2", "3"))
  .map(([item, id]) => ({ ...item, id }));
const idArbitrary = fc.constantFrom("1", "2", "3", "4");
const noteArbitrary = fc.oneof(
  itemArbitrary.map(begins),
  itemArbitrary.map(ends),
  itemArbitrary.map((item) => note("item/updated", { item })),
  fc
    .tuple(idArbitrary, fc.string({ unit: fc.constantFrom("a", " ", "\n", "`", "-", "|", "*") }))
    .map(([id, text]) => delta(id, text)),
  fc
    .tuple(
      idArbitrary,
      fc.constantFrom(
        "item/reasoning/summaryTextDelta",
        "item/commandExecution/outputDelta",
        "item/plan/delta",
      ),
    )
    .map(([itemId, method]) => note(method, { itemId, delta: "words\n" })),
  idArbitrary.map((itemId) => note("item/reasoning/summaryPartAdded", { itemId })),
  idArbitrary.map((itemId) => note("item/fileChange/patchUpdated", { itemId, changes: [] })),
  fc.boolean().map((willRetry) => note("error", { willRetry, error: { message: "cut" } })),
  fc.constantFrom(
    note("turn/started", { turn: turnOf({ status: "inProgress" }) }),
    note("turn/completed", { turn: turnOf() }),
    note("turn/stalled", { idleMs: 20_000 }),
    note("stream/lagged", { dropped: 3 }),
    note("thread/reverted", {}),
    note("thread/status/changed", { status: { type: "active", activeFlags: ["waitingOnApproval"] } }),
    note("thread/teleported", { to: "elsewhere" }),
  ),
);

test("whatever comes, in whatever order and however often, is taken in and can be drawn", () => {
  fc.assert(
    fc.property(fc.array(noteArbitrary, { maxLength: 40 }), (notes) => {
      const { state, timeline } = played(notes);
      textOf(timeline);
      liveBlock(state, VIEW, 10_000, 20);
      expect(played(notes)).toEqual({ state, timeline });
    }),
    { numRuns: 500 },
  );
});

test("nothing that ended is lost: every item that was completed is in the timeline, started or not", () => {
  fc.assert(
    fc.property(fc.array(noteArbitrary, { maxLength: 40 }), (notes) => {
      const completed = notes.flatMap((one) => (one.method === "item/completed" ? [one.params.item] : []));
      const shown = played(notes).timeline.flatMap((entry) => (entry.kind === "item" ? [entry.item] : []));
      expect(shown).toEqual(completed);
    }),
    { numRuns: 200 },
  );
});

test("an answer that streams in any pieces reads as it does whole", () => {
  const text = "First.\n\n- one\n- two\n\n```ts\nconst a = 1;\n\nconst b = 2;\n```\n\nLast *words*.\n";
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 12 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), text.length];
      const deltas = places.slice(1).map((end, at) => delta("a", text.slice(places[at], end)));
      const live = played([begins(answer("")), ...deltas, ends(answer(text))]);
      const words = (lines: readonly string[]) => lines.filter((line) => line !== "");
      expect(words(textOf(live.timeline))).toEqual(words(textOf(played([ends(answer(text))]).timeline)));
    }),
    { numRuns: 300 },
  );
});

test("a plan that is proposed streams, is printed whole, and is known until the next turn", () => {
  const begun = [note("turn/started", { turn: turnOf({ status: "inProgress" }) }), begins(proposal(""))];
  const streams = [...begun, note("item/plan/delta", { itemId: "l", delta: "# Pl\n\n1. on" })];
  const live = played(streams).state;
  expect(live.proposal).toBeNull();
  expect(liveBlock(live, VIEW, 0, 20).map(plainText).slice(0, 5)).toEqual([
    "• Proposed plan",
    "",
    "Pl",
    "",
    "1. on",
  ]);
  const over = [...streams, ends(proposal("# Plan\n\n1. one")), note("turn/completed", { turn: turnOf() })];
  const { state, timeline } = played(over);
  expect([state.proposal, state.live]).toEqual(["l", []]);
  expect(textOf(timeline).slice(0, 5)).toEqual(["• Proposed plan", "", "Plan", "", "1. one"]);
  expect(played([...over, ...begun]).state.proposal).toBeNull();
  // A list of things to do is no proposal.
  expect(played([ends({ ...proposal(""), steps: [] })]).state.proposal).toBeNull();
});

test("the mode follows the settings of the thread, and outlasts a revert", () => {
  const mode = (kind: string) =>
    note("thread/settings/updated", { threadSettings: { collaborationMode: { mode: kind } } });
  expect(played([]).state.mode).toBe("default");
  expect(played([mode("plan"), note("thread/reverted", {})]).state.mode).toBe("plan");
  expect(played([mode("plan"), mode("default")]).state.mode).toBe("default");
});

test("a goal is told of when it is another one or stands differently, not with every token", () => {
  const goal = {
    threadId: "t",
    objective: "Make everything right",
    status: "active",
    tokenBudget: 50_000,
    tokensUsed: 0,
    timeUsedSeconds: 0,
    createdAt: 1,
    updatedAt: 1,
  };
  const told = (more: object) => note("thread/goal/updated", { turnId: null, goal: { ...goal, ...more } });
  const notes = [
    told({}),
    told({ tokensUsed: 900 }),
    told({ status: "blocked", reason: "nothing new", tokensUsed: 950 }),
    told({ objective: "Else", status: "active" }),
  ];
  const { state, timeline } = played(notes);
  expect(state.goal).toEqual({ ...goal, objective: "Else" });
  expect(textOf(timeline)).toEqual([
    "· Goal active · Make everything right",
    "! Goal blocked: nothing new · Make everything right",
    "· Goal active · Else",
  ]);
  const cleared = note("thread/goal/cleared", {});
  const after = played([...notes, cleared, cleared]);
  expect(after.state.goal).toBeNull();
  expect(textOf(after.timeline).slice(3)).toEqual(["· The goal was cleared."]);
});

test("a retry voids the answer and the reasoning of the call, and nothing else", () => {
  const { state, timeline } = played([
    note("turn/started", { turn: turnOf({ status: "inProgress" }) }),
    begins({ ...command({ status: "inProgress" }), id: "c" }),
    begins({ type: "reasoning", id: "r", summary: [], content: [] }),
    begins(answer("")),
    delta("a", "Shown part.\n\nNot yet\nshown"),
    note("error", {
      willRetry: true,
      error: { message: "The stream was cut.", error: failure("model_stream_cut", "cut") },
    }),
    begins({ ...answer(""), id: "b" }),
    delta("b", "Again.\n\nAll of"),
    ends({ ...answer("Again.\n\nAll of it."), id: "b" }),
  ]);
  expect(state.live.map(({ item }) => item.id)).toEqual(["c"]);
  expect(textOf(timeline).filter((line) => line !== "")).toEqual([
    "Shown part.",
    "! The stream was cut. The answer above was cut off and begins again. [model_stream_cut]",
    "Again.",
    "All of it.",
  ]);
});

test("that the endpoint cannot be reached is told with what to do, once for a row of failures", () => {
  const { error } = {
    error: { ...failure("model_unreachable", "no way"), next_step: "Connect the machine." },
  };
  const fails = note("error", { willRetry: true, error: { message: "No way there.", error } });
  const { timeline } = played([
    note("turn/started", { turn: turnOf({ status: "inProgress" }) }),
    fails,
    fails,
  ]);
  expect(textOf(timeline).filter((line) => line !== "")).toEqual([
    "! No way there. Connect the machine. [model_unreachable]",
    "! No way there. [model_unreachable]",
  ]);
});

test("an item of a newer server is shown by its name, with what it says", () => {
  const { timeline } = played([
    begins({ type: "hologram", id: "h" }),
    ends({ type: "hologram", id: "h", depth: 3 }),
  ]);
  expect(textOf(timeline)).toEqual(['• hologram (this version does not know it) {"depth":3}']);
});
