import { textMessage } from "@quire/protocol";
import { delivered, says } from "@quire/test-support";
import { describe, expect, test } from "vitest";
import { collect, outline, textOf } from "../calls.ts";
import { type ConformanceSubject, starter } from "./subject.ts";

/** What a model says in words. */
export function textCases(name: string, subject: ConformanceSubject): void {
  const start = starter(subject);

  describe(`${name}: what a model says`, () => {
    test("text arrives as deltas, then as an item, then the call completes with its usage", async () => {
      await using run = await start([
        says("Grüße 🎉, all of it.", { usage: { input: 120, cached: 100, output: 7 } }),
      ]);
      const events = await collect(run.client);
      expect(textOf(events)).toBe("Grüße 🎉, all of it.");
      expect(outline(events)).toEqual(["done message Grüße 🎉, all of it.", "completed"]);
      expect(events.at(-1)).toMatchObject({
        type: "completed",
        completion: { usage: { input_tokens: 120, cached_input_tokens: 100, output_tokens: 7 } },
      });
    });

    test("a response cut off by the output limit keeps its text and says so", async () => {
      await using run = await start([
        says("Half a", { outcome: { kind: "incomplete", reason: "max_output_tokens" } }),
      ]);
      const events = await collect(run.client);
      const end = subject.limitIsFailure ? "failed model_incomplete" : "completed";
      expect(outline(events)).toEqual(["done message Half a", end]);
      expect(JSON.stringify(events.at(-1))).toContain('"output_tokens":10');
    });

    test("an answer without a word completes", async () => {
      await using run = await start([says("")]);
      const events = await collect(run.client);
      expect(textOf(events)).toBe("");
      expect(events.at(-1)?.type).toBe("completed");
    });

    test("20,000 deltas arrive whole and in their order", async () => {
      await using run = await start([says({ deltas: 20_000, chars: 5 })]);
      const events = await collect(run.client);
      const done = outline(events)[0] ?? "";
      expect(textOf(events)).toHaveLength(100_000);
      expect(done).toBe(`done message ${textOf(events)}`);
    });

    test.each([1, 2, 3, 7, 64, 1_000])(
      "pieces of %i bytes give the text of whole ones",
      async (chunkBytes) => {
        const said = "Ünïcödé 🎉👩‍👩‍👧 日本語\r\n\ndata: {}\n\nevent: x";
        await using run = await start([delivered(says(said), { chunkBytes })]);
        const events = await collect(run.client);
        expect(textOf(events)).toBe(said);
        expect(outline(events)).toEqual([`done message ${said}`, "completed"]);
      },
    );

    test("what was cached is part of the input, and the model that answered is named", async () => {
      await using run = await start([says("x", { usage: { input: 1_000, cached: 900, output: 5 } })]);
      const last = (await collect(run.client)).at(-1);
      expect(last).toMatchObject({
        type: "completed",
        completion: {
          model: "scripted-model",
          responseId: expect.stringMatching(/./),
          usage: {
            input_tokens: 1_000,
            cached_input_tokens: 900,
            cache_write_input_tokens: 0,
            output_tokens: 5,
          },
        },
      });
    });

    test("a delta belongs to the item that follows", async () => {
      await using run = await start([says("one two three")]);
      const events = await collect(run.client);
      const ids = new Set(events.flatMap((event) => (event.type === "text_delta" ? [event.itemId] : [])));
      const done = events.flatMap((event) => (event.type === "item_done" ? [event.item] : []));
      expect([...ids]).toEqual(done.map((item) => ("id" in item ? item.id : undefined)));
    });

    test("two answers of one client have items of their own", async () => {
      await using run = await start([says("one"), says("two")]);
      const ids: unknown[] = [];
      for (let n = 0; n < 2; n++) {
        for (const event of await collect(run.client)) {
          if (event.type === "item_done" && "id" in event.item) ids.push(event.item.id);
        }
      }
      expect(new Set(ids).size).toBe(2);
    });

    test("twenty calls at once each get their own answer", async () => {
      const echo = (asked: { inputTexts: readonly string[] }) => says(`you said ${asked.inputTexts.at(-1)}`);
      await using run = await start([], {}, { afterwards: echo });
      const texts = await Promise.all(
        Array.from({ length: 20 }, async (_, n) =>
          textOf(await collect(run.client, { instructions: "", input: [textMessage("user", `${n}`)] })),
        ),
      );
      expect(texts).toEqual(Array.from({ length: 20 }, (_, n) => `you said ${n}`));
    });

    test("a filter's end is a failure that is not tried again", async () => {
      await using run = await start([
        says("Well", { outcome: { kind: "incomplete", reason: "content_filter" } }),
      ]);
      const events = await collect(run.client);
      expect(outline(events)[0]).toBe("done message Well");
      expect(outline(events).at(-1)).toMatch(/^failed model_(incomplete|refused)$/);
      expect(run.server.requests).toHaveLength(1);
    });
  });
}
