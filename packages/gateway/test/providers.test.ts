import { callsTool, delivered, fault, replies, says } from "@quire/test-support";
import { zodResponseFormat, zodTextFormat } from "openai/helpers/zod";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { errorIn, gatewayWorld, polled } from "./gateway-world.ts";

const add = { type: "function" as const, name: "add", parameters: { type: "object" }, strict: false };
const messages = [{ role: "user" as const, content: "Hi" }];
const usage = { input: 10, output: 5 };

/** The same client code, whatever the provider behind the gateway speaks. */
describe.each(["responses", "chat", "anthropic"])("over a provider that speaks %s", (wire) => {
  test("text, streamed and not, on every endpoint", async () => {
    await using world = await gatewayWorld([], {
      wire,
      script: { afterwards: says("Hello there.", { usage }) },
    });
    const { openai } = world;
    const model = "scripted-model";
    expect(await openai.responses.create({ model, input: "Hi" })).toMatchObject({
      status: "completed",
      output_text: "Hello there.",
      usage: { input_tokens: 10, output_tokens: 5 },
    });
    expect((await openai.responses.stream({ model, input: "Hi" }).finalResponse()).output_text).toBe(
      "Hello there.",
    );
    const chat = await openai.chat.completions.create({ model, messages });
    expect([chat.choices[0]?.message.content, chat.usage?.total_tokens]).toEqual(["Hello there.", 15]);
    const streamed = await openai.chat.completions.stream({ model, messages }).finalChatCompletion();
    expect(streamed.choices[0]?.message.content).toBe("Hello there.");
    expect((await openai.completions.create({ model, prompt: "Hi" })).choices[0]?.text).toBe("Hello there.");
  });

  test("tools, with the way back, and custom tools", async () => {
    await using world = await gatewayWorld(
      [
        replies(says("I add."), callsTool("add", { a: 1 }, { callId: "call_1" })),
        says("It is 2."),
        replies({
          kind: "reply",
          parts: [{ kind: "freeform", name: "note", input: "plain text", callId: "c9" }],
        }),
      ],
      { wire },
    );
    const first = await world.openai.responses
      .stream({ model: "scripted-model", input: "1+1", tools: [add] })
      .finalResponse();
    expect(first.output).toMatchObject([
      { type: "message" },
      { type: "function_call", name: "add", call_id: "call_1", arguments: '{"a":1}' },
    ]);
    const second = await world.openai.responses.create({
      model: "scripted-model",
      previous_response_id: first.id,
      tools: [add],
      input: [{ type: "function_call_output", call_id: "call_1", output: "2" }],
    });
    expect(second.output_text).toBe("It is 2.");
    expect(world.server.requests[1]?.toolOutputs).toEqual(["2"]);
    const third = await world.openai.responses
      .stream({ model: "scripted-model", input: "note", tools: [{ type: "custom", name: "note" }] })
      .finalResponse();
    expect(third.output).toMatchObject([{ type: "custom_tool_call", name: "note", input: "plain text" }]);
  });

  test("a forced tool, strictness and sampling reach the provider", async () => {
    await using world = await gatewayWorld([callsTool("add", { a: 1 })], { wire });
    const asked = {
      model: "scripted-model",
      input: "Hi",
      tools: [{ ...add, strict: true }],
      tool_choice: "required",
    };
    await world.post("/v1/responses", { ...asked, temperature: 0.5, top_p: 0.5 });
    const tool =
      wire === "chat"
        ? { type: "function", function: { name: "add", strict: true } }
        : { name: "add", strict: true };
    expect(world.server.requests[0]?.body).toMatchObject({
      tools: [tool],
      tool_choice: wire === "anthropic" ? { type: "any" } : "required",
      temperature: 0.5,
      top_p: 0.5,
    });
  });

  test("structured output", async () => {
    await using world = await gatewayWorld([], { wire, script: { afterwards: structured(wire) } });
    const Answer = z.object({ answer: z.number() });
    const parsed = await world.openai.responses.parse({
      model: "scripted-model",
      input: "Hi",
      text: { format: zodTextFormat(Answer, "answer") },
    });
    expect(parsed.output_parsed).toEqual({ answer: 4 });
    const chat = await world.openai.chat.completions.parse({
      model: "scripted-model",
      messages,
      response_format: zodResponseFormat(Answer, "answer"),
    });
    expect(chat.choices[0]?.message.parsed).toEqual({ answer: 4 });
  });

  test("images by data URL, on both endpoints that take them", async () => {
    await using world = await gatewayWorld([], { wire, script: { afterwards: says("A dot.") } });
    const model = "scripted-model";
    const url = "data:image/png;base64,iVBORw0KGgo=";
    const image = { type: "input_image" as const, image_url: url, detail: "low" as const };
    const input = [{ role: "user" as const, content: [image] }];
    expect((await world.openai.responses.create({ model, input })).output_text).toBe("A dot.");
    const content = [{ type: "image_url" as const, image_url: { url } }];
    const chat = await world.openai.chat.completions.create({ model, messages: [{ role: "user", content }] });
    expect(chat.choices[0]?.message.content).toBe("A dot.");
    expect(world.server.requests).toHaveLength(2);
    for (const { raw } of world.server.requests) expect(raw.toString("utf8")).toContain("iVBORw0KGgo=");
  });

  test("a background response is polled to its end; another is cancelled, and its call with it", async () => {
    const stuck = delivered(says({ deltas: 40, chars: 4 }), { stall: { afterDeltas: 3, ms: 120_000 } });
    await using world = await gatewayWorld([says("Done."), stuck], { wire });
    const { openai } = world;
    const asked = { model: "scripted-model", input: "Hi", background: true as const };
    const { id } = await openai.responses.create(asked);
    expect(await polled(openai, id)).toMatchObject({ status: "completed", output_text: "Done." });
    const other = await openai.responses.create(asked);
    await world.server.arrived(2);
    expect(await openai.responses.cancel(other.id)).toMatchObject({ status: "cancelled" });
    expect(await polled(openai, other.id)).toMatchObject({ status: "cancelled" });
    await expect.poll(() => world.server.requests[1]?.closedByClient, { timeout: 30_000 }).toBe(true);
  });

  test("a client that leaves a stream ends the call", async () => {
    const stuck = delivered(says({ deltas: 40, chars: 4 }), { stall: { afterDeltas: 3, ms: 120_000 } });
    await using world = await gatewayWorld([stuck, stuck], { wire });
    const { openai } = world;
    const model = "scripted-model";
    for await (const _ of await openai.chat.completions.create({ model, messages, stream: true })) break;
    for await (const event of await openai.responses.create({ model, input: "Hi", stream: true })) {
      if (event.type === "response.output_text.delta") break;
    }
    await expect
      .poll(() => world.server.requests.map(({ closedByClient }) => closedByClient), { timeout: 30_000 })
      .toEqual([true, true]);
  });

  test("errors, and what the provider cannot do", async () => {
    await using world = await gatewayWorld([fault({ status: 429, retryAfter: 3 })], { wire });
    const limited = await world.post("/v1/responses", { model: "scripted-model", input: "Hi" });
    expect([limited.status, limited.headers.get("retry-after")]).toEqual([
      429,
      expect.stringMatching(/^[34]$/),
    ]);
    if (wire !== "anthropic") return;
    const refused = await world.post("/v1/responses", {
      model: "scripted-model",
      input: "Hi",
      text: { verbosity: "low" },
    });
    expect(await errorIn(refused)).toMatchObject({
      status: 400,
      param: "text.verbosity",
      code: "unsupported_parameter",
    });
  });
});

/** Anthropic's interface has no schemas; its provider asks for the answer as the input of a tool. */
function structured(wire: string) {
  return wire === "anthropic" ? callsTool("final_message", { answer: 4 }) : says('{"answer":4}');
}

test("a provider of bare completions gets the prompt as it is, and nothing else than prompts", async () => {
  await using world = await gatewayWorld([says(" world")], { wire: "completions" });
  const completion = await world.openai.completions.create({
    model: "scripted-model",
    prompt: "Hello",
    suffix: "!",
    stop: ["\n"],
    temperature: 0,
    max_tokens: 9,
  });
  expect(completion.choices[0]?.text).toBe(" world");
  expect(world.server.requests[0]?.body).toMatchObject({
    prompt: "Hello",
    suffix: "!",
    stop: ["\n"],
    temperature: 0,
    max_tokens: 9,
  });
  const chat = await world.post("/v1/chat/completions", { model: "scripted-model", messages });
  expect(await errorIn(chat)).toMatchObject({ status: 404, code: "model_not_supported" });
});

test("a model that its publisher serves elsewhere is refused without the bridge, and served with it", async () => {
  const chat = { model: "gpt-5.3-codex", messages };
  await using strict = await gatewayWorld([], { models: { bridge: false } });
  expect(await errorIn(await strict.post("/v1/chat/completions", chat))).toMatchObject({
    status: 404,
    code: "model_not_supported",
    message: 'The model "gpt-5.3-codex" is served at /v1/responses, not at /v1/chat/completions.',
  });
  await using bridged = await gatewayWorld([says("ok")]);
  expect((await bridged.openai.chat.completions.create(chat)).choices[0]?.message.content).toBe("ok");
});

test("the offline engine follows a simple schema on both endpoints, streamed too, and takes no pictures", async () => {
  await using world = await gatewayWorld();
  const { openai } = world;
  const model = "offline-repair";
  const Answer = z.object({ summary: z.string(), ok: z.boolean() });
  const expected = { summary: expect.stringContaining("not a language model"), ok: false };
  const text = { format: zodTextFormat(Answer, "answer") };
  expect((await openai.responses.parse({ model, input: "Hi", text })).output_parsed).toEqual(expected);
  const response_format = zodResponseFormat(Answer, "answer");
  const chat = await openai.chat.completions
    .stream({ model, messages, response_format })
    .finalChatCompletion();
  expect(chat.choices[0]?.message.parsed).toEqual(expected);
  const image_url = "data:image/png;base64,iVBORw0KGgo=";
  const input = [{ role: "user", content: [{ type: "input_image", image_url }] }];
  expect(await errorIn(await world.post("/v1/responses", { model, input }))).toMatchObject({
    status: 400,
    param: "input[0].content[0]",
    code: "unsupported_parameter",
  });
});
