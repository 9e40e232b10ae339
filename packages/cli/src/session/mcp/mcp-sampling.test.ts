import type { SideQuestion } from "@quire/core";
import type { McpElicitation } from "@quire/mcp";
import type { ToolCallItem } from "@quire/protocol";
import { expect, test } from "vitest";
import { askedSampling, refusedSampling, type SamplingDesk } from "./mcp-sampling.ts";

const { signal } = new AbortController();
const wish = (text: string) => ({
  systemPrompt: "Be brief.",
  messages: [{ role: "user" as const, text }],
  maxTokens: 1_000_000,
});

function deskWith(more: Partial<SamplingDesk> = {}) {
  const items: ToolCallItem[] = [];
  const questions: SideQuestion[] = [];
  const desk: SamplingDesk = {
    model: () => "m",
    answer: async (question) => {
      questions.push(question);
      return { kind: "answer", text: "Three.", model: "m", cut: false };
    },
    show: (item) => items.push(item as ToolCallItem),
    newId: () => `i${items.length}`,
    ...more,
  };
  return { desk, items, questions };
}

test("a person sees what is asked and what it may cost, and the model gets that and nothing else", async () => {
  const { desk, items, questions } = deskWith();
  const shown: McpElicitation[] = [];
  const sample = askedSampling(desk, async (_, elicitation) => {
    shown.push(elicitation);
    return { action: "accept" };
  });
  expect(await sample("web", wish("Sum this up."), { signal })).toMatchObject({ text: "Three." });
  expect(shown).toEqual([
    {
      mode: "form",
      message:
        "web wants your model (m) to answer this. It counts for this thread, with at most 4,096 tokens of answer; nothing of the conversation goes along.\n\nsystem: Be brief.\n\nuser: Sum this up.",
      requestedSchema: { type: "object", properties: {} },
    },
  ]);
  expect(questions).toMatchObject([
    { instructions: "Be brief.", maxOutputTokens: 4096, purpose: "sampling", input: [{ role: "user" }] },
  ]);
  const long = `${"a".repeat(50_000)}the end`;
  await sample("web", wish(long), { signal });
  expect(shown[1]?.message.length).toBeLessThan(4500);
  expect(shown[1]?.message).toMatch(/a\n\[… 46,0\d\d characters are not shown …\]\na+the end$/);
  expect(items.map(({ status, output }) => [status, output])).toEqual([
    ["completed", "Three."],
    ["completed", "Three."],
  ]);
});

test("without a language model, without a yes and without an answer the server is refused, which is shown", async () => {
  const yes = async () => ({ action: "accept" as const });
  const no = async () => ({ action: "decline" as const });
  const gone = () => Promise.reject(new Error("the terminal is gone"));
  const error = { code: "budget_exceeded", message: "It is used up.", retryable: false } as const;
  const cases = [
    { more: { model: () => null }, ask: yes },
    { more: {}, ask: no },
    { more: {}, ask: gone },
    { more: { answer: async () => ({ kind: "failed", error }) as const }, ask: yes },
  ];
  const said = [];
  for (const { more, ask } of cases) {
    const { desk, items, questions } = deskWith(more);
    const answer = await askedSampling(desk, ask)("web", wish("x"), { signal });
    said.push([answer.kind, items[0]?.status, items[0]?.error?.code, questions.length]);
  }
  expect(said).toEqual([
    ["refused", "declined", "mcp_sampling_refused", 0],
    ["refused", "declined", "mcp_sampling_refused", 0],
    ["refused", "failed", "internal", 0],
    ["refused", "failed", "budget_exceeded", 0],
  ]);
});

test("a server that may not ask is shown with what would let it, a few times and no more", () => {
  const { desk, items } = deskWith();
  const refused = refusedSampling(desk);
  for (let time = 0; time < 100; time++) refused("web");
  refused("other");
  expect(items.map(({ arguments: about }) => about)).toEqual([
    ...Array.from({ length: 4 }, () => '{"server":"web"}'),
    '{"server":"other"}',
  ]);
  expect(items[0]).toMatchObject({
    tool: "sampling/createMessage",
    status: "declined",
    error: { code: "mcp_sampling_refused", message: expect.stringContaining('sampling = "ask"') },
  });
});
