import type { ModelRequest } from "@quire/models";
import { isToolCall, messageText, type ResponseItem, textMessage } from "@quire/protocol";
import { expect, test } from "vitest";
import type { Compactor } from "../src/compaction/compactor.ts";
import { scriptedThread } from "./support/scripted-thread.ts";

const CALLS = 2000;
const DOCS = "# AGENTS.md instructions for /x\n\n<INSTRUCTIONS>\nNever touch vendor/.\n</INSTRUCTIONS>";
const FIRST = "Do all of the work, step by step. Pinned words: zebra 4711.";
const LAST = "And be careful with the last step.";
const GOAL = "All 2,000 steps are done; pinned words: heron 0815.";
const PROPOSED = "# The plan\n\n1. Begin.\n2. Work through it all; pinned words: otter 1234.";
const PLAN = [
  { step: "Begin", status: "completed" },
  { step: "Work through it all", status: "inProgress" },
];

const texts = (input: readonly ResponseItem[]) =>
  input.flatMap((item) => (item.type === "message" ? [messageText(item)] : []));

/** The step the model does next, from nothing but what it sees. */
function nextStep(request: ModelRequest): number {
  const seen = request.input.flatMap((item) =>
    item.type === "function_call_output" && typeof item.output === "string"
      ? [Number(/^step (\d+) is done/.exec(item.output)?.[1] ?? 0)]
      : [],
  );
  return Math.max(0, ...seen) + 1;
}

function call(name: string, args: object, id: string): ResponseItem {
  return { type: "function_call", call_id: id, name, arguments: JSON.stringify(args) };
}

test("over 2,000 calls and more than 50 compactions every pinned byte stays, and no step is done twice", async () => {
  const seen: string[] = [];
  let planned = false;
  let proposed = false;
  await using run = await scriptedThread({
    keepRequests: false,
    projectDocs: DOCS,
    compaction: { limit: 9000 },
    output: (input) => `step ${JSON.parse(input).step} is done\n${"filler ".repeat(120)}`,
    script: (request) => {
      const all = texts(request.input);
      if (!proposed) {
        proposed = true;
        return {
          items: [textMessage("assistant", `<proposed_plan>\n${PROPOSED}\n</proposed_plan>`)],
        };
      }
      if (!all.some((text) => text.includes(PROPOSED))) seen.push("lost: the approved plan");
      if (!all.some((text) => text.startsWith("<goal>") && text.includes(GOAL))) seen.push("lost: the goal");
      // Steering joins with the second request.
      for (const pinned of planned ? [FIRST, LAST, DOCS] : [FIRST, DOCS])
        if (!all.includes(pinned)) seen.push(`lost: ${pinned}`);
      const summary = all.find((text) => text.startsWith("<context_summary>"));
      if (summary && !summary.includes("[x] Begin\n[>] Work through it all")) seen.push("lost: the plan");
      if (!all.some((text) => text.startsWith("<permissions>"))) seen.push("lost: permissions");
      if (!all.some((text) => text.startsWith("<environment_context>"))) seen.push("lost: environment");
      if (unanswered(request.input).length > 0) seen.push("a call without its answer");
      if (!planned) {
        planned = true;
        return { items: [call("plan", { plan: PLAN }, "plan")] };
      }
      const step = nextStep(request);
      if (step > CALLS) return { items: [textMessage("assistant", "All of it is done.")] };
      return { items: [call("work", { step }, `call-${step}`)] };
    },
  });
  const planning = { ...run.settings, planMode: true };
  await (await run.thread.startTurn([{ type: "text", text: "Plan it." }], { settings: planning })).done;
  run.thread.goals.set({ objective: GOAL });
  const running = await run.thread.startTurn([{ type: "text", text: FIRST }], {
    settings: run.settings,
    approves: run.thread.plan?.itemId ?? "",
  });
  await running.steer([{ type: "text", text: LAST }]);
  const turn = await running.done;
  expect([turn.status, turn.error, turn.finalText]).toEqual(["completed", null, "All of it is done."]);
  expect([...new Set(seen)]).toEqual([]);
  expect(run.worked).toEqual(Array.from({ length: CALLS }, (_, index) => `{"step":${index + 1}}`));
  const compactions = run.events.filter(
    (event) => event.method === "item/completed" && event.params.item.type === "contextCompaction",
  );
  expect(compactions.length).toBeGreaterThan(50);
});

function unanswered(input: readonly ResponseItem[]): string[] {
  const calls = input.filter(isToolCall).map(({ call_id }) => call_id);
  const answers = new Set(
    input.flatMap((item) =>
      item.type === "function_call_output" || item.type === "custom_tool_call_output" ? [item.call_id] : [],
    ),
  );
  return calls.filter((id) => !answers.has(id));
}

test("when compaction frees next to nothing twice in a row the turn ends, with one error that says what to do", async () => {
  let calls = 0;
  await using run = await scriptedThread({
    projectDocs: `# AGENTS.md instructions for /x\n\n${"rule ".repeat(2000)}`,
    compaction: { limit: 3800 },
    output: () => "x".repeat(1200),
    script: () => ({ items: [call("work", { calls: ++calls }, `call-${calls}`)] }),
  });
  const turn = await run.turn("go");
  expect(turn).toMatchObject({ status: "failed", error: { code: "context_too_small", retryable: false } });
  expect(calls).toBeLessThan(20);
});

test("what an extracted summary says is carried on by the next one, over a resume as well", async () => {
  await using run = await scriptedThread({
    compaction: { compactor: "extract" },
    script: () => ({ items: [textMessage("assistant", "Understood.")] }),
  });
  await run.turn("first");
  const compact = async (instructions: string) =>
    (await run.thread.compact({ settings: run.settings, instructions })).done;
  expect(await compact("one")).toMatchObject({ status: "completed" });
  await run.turn("second");
  expect(await compact("two")).toMatchObject({ status: "completed" });
  await run.reopen();
  await run.turn("third");
  const last = run.requests.at(-1);
  expect(texts(last?.input ?? []).filter((text) => !text.startsWith("<"))).toEqual([
    "first",
    "second",
    "third",
  ]);
  const summary = texts(last?.input ?? []).find((text) => text.startsWith("<context_summary>")) ?? "";
  expect(summary).toContain(
    "### Since then\n- (the user wants heeded: one)\n- you said: Understood.\n- (the user wants heeded: two)\n- you said: Understood.",
  );
});

test("a compactor of the program's own writes the summary; it is bounded and holds no secret, and a failing one gives way", async () => {
  const secret = "sk-A1b2C3d4E5f6G7h8I9j0K1l2M3n4";
  let fails = false;
  const compactor: Compactor = {
    name: "mine",
    summarise: async (input) =>
      fails
        ? { kind: "failed", error: { code: "tool_failed", message: "out of ideas", retryable: false } }
        : { kind: "summary", text: `token ${secret}\n${"word ".repeat(input.maxBytes)}` },
  };
  await using run = await scriptedThread({
    compactors: [compactor],
    compaction: { compactor: "mine" },
    script: () => ({ items: [textMessage("assistant", "Understood.")] }),
  });
  const compact = async () => (await run.thread.compact({ settings: run.settings })).done;
  await run.turn("first");
  await compact();
  fails = true;
  await run.turn("second");
  await compact();
  await run.thread.close();
  const items = run.events.flatMap((event) =>
    event.method === "item/completed" && event.params.item.type === "contextCompaction"
      ? [event.params.item]
      : [],
  );
  expect(items.map(({ compactor: by, error }) => [by, error?.message])).toEqual([
    ["mine", undefined],
    ["extract", "out of ideas"],
  ]);
  expect(items[0]?.summary).toMatch(/^token \[redacted:[\w-]+\]\n(word )+\w*\n\[\d+ bytes left out here\]$/);
  expect(Buffer.byteLength(items[0]?.summary ?? "")).toBeLessThan(13_000);
});
