import { expect, test } from "vitest";
import type { McpSampling, Sample } from "../src/index.ts";
import { answerTold, fixture, mcpWorldWith } from "./world.ts";

/** What the tool `sample` of the fixture was answered, with the server allowed to ask. */
function answerTo(sample: Sample, args: Record<string, unknown> = {}, timeoutMs = 30_000) {
  return answerTold({ sample }, fixture("normal", { sampling: true }), "sample", args, timeoutMs);
}

test("what a server wants a model to answer is handed on, and the answer goes back in the protocol's words", async () => {
  const asked: [string, McpSampling][] = [];
  const sample: Sample = async (server, wish) => {
    asked.push([server, wish]);
    return { kind: "answer", text: "Three.", model: "m", cut: asked.length > 1 };
  };
  const content = { type: "text", text: "Three." };
  expect(await answerTo(sample)).toEqual({ role: "assistant", content, model: "m", stopReason: "endTurn" });
  const more = { systemPrompt: "Be brief.", maxTokens: 8, temperature: 1, includeContext: "allServers" };
  expect(await answerTo(sample, more)).toMatchObject({ stopReason: "maxTokens" });
  const messages = [{ role: "user", text: "Sum this up: one and two." }];
  expect(asked).toEqual([
    ["normal", { systemPrompt: null, messages, maxTokens: 50 }],
    ["normal", { systemPrompt: "Be brief.", messages, maxTokens: 8 }],
  ]);
});

test("a no, what is no text, tools and too much are refused with words; the server's time stands still meanwhile", async () => {
  let asked = 0;
  const no: Sample = async () => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 400));
    return { kind: "refused", message: "The user said no." };
  };
  const image = [{ role: "user", content: { type: "image", data: "AAAA", mimeType: "image/png" } }];
  const text = [{ role: "user", content: { type: "text", text: "x".repeat(70_000) } }];
  const tools = [{ name: "t", inputSchema: { type: "object" } }];
  const answers = [
    await answerTo(no, {}, 200),
    await answerTo(no, { messages: image }),
    await answerTo(no, { messages: [] }),
    await answerTo(no, { tools }),
    await answerTo(no, { messages: text }),
  ];
  expect([answers, asked]).toEqual([
    [
      { code: -1, message: "The user said no." },
      { code: -32602, message: expect.stringContaining("messages of text") },
      { code: -32602, message: expect.any(String) },
      { code: -32602, message: expect.any(String) },
      { code: -32602, message: expect.stringContaining("65536 characters") },
    ],
    1,
  ]);
});

test("when the call that it belongs to ends, the wish ends with it", async () => {
  const controller = new AbortController();
  let aborted = false;
  const sample: Sample = (_, __, { signal }) =>
    new Promise((resolve) => {
      signal.addEventListener("abort", () => {
        aborted = true;
        resolve({ kind: "refused", message: "over" });
      });
      controller.abort();
    });
  await using world = mcpWorldWith({ sample }, fixture("normal", { sampling: true }));
  await world.settle();
  const outcome = await world.servers.call("normal", "sample", {}, { signal: controller.signal });
  expect([outcome, aborted]).toEqual([expect.objectContaining({ reason: "interrupted" }), true]);
});
