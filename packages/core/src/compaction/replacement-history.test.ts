import { isToolCall, type ResponseItem, textMessage } from "@quire/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isUserMessage, splitHistory } from "./replacement-history.ts";
import { summaryMessage } from "./summary-message.ts";
import { emptyDigest } from "./thread-digest.ts";

let calls = 0;

const thought: ResponseItem = { type: "reasoning", summary: [], encrypted_content: "x" };

/** One step of a conversation: what the user said, or a response with its calls and their answers. */
const step: fc.Arbitrary<ResponseItem[]> = fc.oneof(
  fc.string({ maxLength: 300 }).map((text) => [textMessage("user", `said ${text}`)]),
  fc
    .tuple(fc.boolean(), fc.boolean(), fc.array(fc.nat(3000), { maxLength: 4 }))
    .map(([thinks, talks, sizes]) => {
      const ids = sizes.map(() => `c${calls++}`);
      return [
        ...(thinks ? [thought] : []),
        ...(talks ? [textMessage("assistant", "saying")] : []),
        ...ids.map((call_id) => ({ type: "function_call", call_id, name: "run", arguments: "{}" }) as const),
        ...ids.map(
          (call_id, at) =>
            ({ type: "function_call_output", call_id, output: "y".repeat(sizes[at] ?? 0) }) as const,
        ),
      ];
    }),
  fc.constant<ResponseItem[]>([textMessage("user", "<environment_context>\n</environment_context>")]),
  fc.constant<ResponseItem[]>([
    summaryMessage({ plan: [], digest: emptyDigest(), running: [] }, "was", 1000),
  ]),
);

const idsOf = (items: readonly ResponseItem[], answers: boolean): string[] =>
  items.flatMap((item) => {
    if (item.type === "function_call_output") return answers ? [item.call_id] : [];
    return isToolCall(item) && !answers ? [item.call_id] : [];
  });

test("nothing gets lost or torn apart, and the newest message of the user always stays", () => {
  const bytes = fc.record({ users: fc.nat(2000), recent: fc.nat(6000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), bytes, (steps, kept) => {
      const history = steps.flat();
      const split = splitHistory(history, kept);
      const own = history.filter(
        (item) => !/^<(?:env|context)/.test(JSON.stringify(item).match(/"text":"(<[^>]*)/)?.[1] ?? ""),
      );
      expect(split.users.length + split.recent.length + split.leaving.length).toBe(own.length);
      expect(own.filter((item) => split.users.includes(item as never))).toEqual(split.users);
      expect(idsOf(split.recent, true)).toEqual(idsOf(split.recent, false));
      expect(new Set(idsOf(split.leaving, true))).toEqual(new Set(idsOf(split.leaving, false)));
      const newest = own.findLast(isUserMessage);
      if (newest) expect([...split.users, ...split.recent]).toContain(newest);
      const first = split.recent[0];
      if (first) expect(first.type).not.toBe("function_call_output");
    }),
    { numRuns: 500 },
  );
});

test("the last round stays, and loses the middle of its answers where they are too long", () => {
  const output = `begin\n${"line\n".repeat(5000)}end\n`;
  const history: ResponseItem[] = [
    textMessage("user", "go"),
    { type: "function_call", call_id: "a", name: "run", arguments: "{}" },
    { type: "function_call_output", call_id: "a", output: "old" },
    { type: "function_call", call_id: "b", name: "run", arguments: "{}" },
    { type: "function_call_output", call_id: "b", output },
  ];
  const { users, recent, leaving } = splitHistory(history, { users: 1000, recent: 2000 });
  expect([users, leaving]).toEqual([history.slice(0, 1), history.slice(1, 3)]);
  const [, answer] = recent;
  expect(answer).toMatchObject({
    type: "function_call_output",
    output: expect.stringMatching(/^begin\n[\s\S]*omitted[\s\S]*end\n$/),
  });
  expect(JSON.stringify(answer).length).toBeLessThan(2000);
});
