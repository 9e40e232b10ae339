import { callsTool, callsTools, delivered, patches, reasons, replies, says } from "@quire/test-support";
import { describe, expect, test } from "vitest";
import { collect, outline } from "../calls.ts";
import { PATCH, SHELL } from "../tool-specs.ts";
import { type ConformanceSubject, starter } from "./subject.ts";

/** Calls and thoughts. */
export function toolCallCases(name: string, subject: ConformanceSubject): void {
  const start = starter(subject);

  describe(`${name}: calls and thoughts`, () => {
    test("reasoning, text and calls of both kinds come in their order", async () => {
      await using run = await start([
        replies(
          reasons("Thinking."),
          says("Looking."),
          callsTool("exec_command", { cmd: "ls" }),
          patches("*** P"),
        ),
      ]);
      const events = await collect(run.client, { tools: [SHELL, PATCH] });
      expect(outline(events)).toEqual([
        ...(subject.reasoning ? ["done reasoning Thinking."] : []),
        "done message Looking.",
        'done call exec_command {"cmd":"ls"}',
        subject.freeformTools ? "done freeform apply_patch *** P" : 'done call apply_patch {"patch":"*** P"}',
        "completed",
      ]);
    });

    test("200 parallel calls all arrive, each with its own id", async () => {
      const calls = Array.from({ length: 200 }, (_, n) => ["exec_command", { cmd: `echo ${n}` }] as const);
      await using run = await start([callsTools(calls)]);
      const events = await collect(run.client, { tools: [SHELL] });
      const done = events.flatMap((event) =>
        event.type === "item_done" && event.item.type === "function_call" ? [event.item] : [],
      );
      expect(done.map((call) => call.arguments)).toEqual(calls.map(([, args]) => JSON.stringify(args)));
      expect(new Set(done.map((call) => call.call_id)).size).toBe(200);
    });

    test("malformed, unknown and duplicate calls are passed on as they came", async () => {
      await using run = await start([
        callsTools([
          ["exec_command", '{"cmd": "unfinished', { callId: "same" }],
          ["no_such_tool", "not json at all", { callId: "same" }],
        ]),
      ]);
      const events = await collect(run.client, { tools: [SHELL] });
      expect(outline(events)).toEqual([
        'done call exec_command {"cmd": "unfinished',
        "done call no_such_tool not json at all",
        "completed",
      ]);
    });

    test("pieces of one byte give the same events as whole ones", async () => {
      const reply = replies(says("Ünïcödé 🎉 and more"), callsTool("exec_command", { cmd: "printf 'ü'" }));
      await using whole = await start([reply]);
      await using cut = await start([delivered(reply, { chunkBytes: 1 })]);
      expect(await collect(cut.client, { tools: [SHELL] })).toEqual(
        await collect(whole.client, { tools: [SHELL] }),
      );
    });

    test.each([1, 3, 17])("calls in pieces of %i bytes are the calls of whole ones", async (chunkBytes) => {
      const reply = replies(
        says("Ich prüfe 🎉"),
        callsTools([
          ["exec_command", { cmd: "printf 'ü'" }],
          ["exec_command", { cmd: 'echo "\\n"' }],
        ]),
        patches("*** Größe\n"),
      );
      await using run = await start([delivered(reply, { chunkBytes })]);
      const patch = subject.freeformTools
        ? "done freeform apply_patch *** Größe\n"
        : `done call apply_patch ${JSON.stringify({ patch: "*** Größe\n" })}`;
      expect(outline(await collect(run.client, { tools: [SHELL, PATCH] }))).toEqual([
        "done message Ich prüfe 🎉",
        `done call exec_command ${JSON.stringify({ cmd: "printf 'ü'" })}`,
        `done call exec_command ${JSON.stringify({ cmd: 'echo "\\n"' })}`,
        patch,
        "completed",
      ]);
    });

    test("a call without arguments is a call with none", async () => {
      await using run = await start([callsTool("exec_command", {})]);
      expect(outline(await collect(run.client, { tools: [SHELL] }))).toEqual([
        "done call exec_command {}",
        "completed",
      ]);
    });

    test("a patch of 200 KB arrives byte for byte", async () => {
      const patch = `*** Begin Patch\n${'+größer \\ "quoted" 🎉\n'.repeat(6_000)}*** End Patch`;
      await using run = await start([patches(patch)]);
      const [item] = (await collect(run.client, { tools: [PATCH] })).flatMap((event) =>
        event.type === "item_done" ? [event.item] : [],
      );
      const got =
        item?.type === "custom_tool_call"
          ? item.input
          : item?.type === "function_call"
            ? JSON.parse(item.arguments).patch
            : null;
      expect(got).toBe(patch);
    });

    test("the pieces of a call's input add up to it", async () => {
      await using run = await start([callsTool("exec_command", { cmd: "x".repeat(1_000) })]);
      const events = await collect(run.client, { tools: [SHELL] });
      const pieces = events.map((event) => (event.type === "tool_input_delta" ? event.delta : "")).join("");
      expect(pieces).toBe(JSON.stringify({ cmd: "x".repeat(1_000) }));
    });

    test("reasoning comes as deltas and as an item", async () => {
      if (!subject.reasoning) return;
      await using run = await start([replies(reasons("Größer 🎉 gedacht."), says("So."))]);
      const events = await collect(run.client);
      const thought = events.map((event) => (event.type === "reasoning_delta" ? event.delta : "")).join("");
      expect(thought).toBe("Größer 🎉 gedacht.");
      expect(outline(events)).toEqual(["done reasoning Größer 🎉 gedacht.", "done message So.", "completed"]);
    });
  });
}
