import { callsTool, fault, reasons, replies, says } from "@quire/test-support";
import OpenAI from "openai";
import { zodResponsesFunction, zodTextFormat } from "openai/helpers/zod";
import { expect, test } from "vitest";
import * as z from "zod";
import { gatewayWorld } from "./gateway-world.ts";

test("a response, whole: what the client sees and what the model was sent", async () => {
  await using world = await gatewayWorld([
    says("Hello there.", { usage: { input: 12, cached: 4, output: 3 } }),
  ]);
  const response = await world.openai.responses.create({
    model: "scripted-model",
    input: "Hi",
    instructions: "Be brief.",
    metadata: { job: "7" },
    max_output_tokens: 99,
    temperature: 0.5,
    reasoning: { effort: "low", summary: "auto" },
  });
  expect(response).toMatchObject({
    object: "response",
    status: "completed",
    output_text: "Hello there.",
    error: null,
    incomplete_details: null,
    metadata: { job: "7" },
    instructions: "Be brief.",
    max_output_tokens: 99,
    temperature: 0.5,
    usage: {
      input_tokens: 12,
      input_tokens_details: { cached_tokens: 4 },
      output_tokens: 3,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 15,
    },
  });
  expect(response.output).toEqual([
    {
      id: expect.stringMatching(/^msg_[0-9a-f]{48}$/),
      type: "message",
      status: "completed",
      role: "assistant",
      content: [{ type: "output_text", text: "Hello there.", annotations: [], logprobs: [] }],
    },
  ]);
  expect(world.server.requests[0]?.body).toMatchObject({
    model: "scripted-model",
    instructions: "Be brief.",
    input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "Hi" }] }],
    max_output_tokens: 99,
    temperature: 0.5,
    reasoning: { effort: "low", summary: "auto" },
  });
  expect(world.usage).toMatchObject([
    {
      purpose: "gateway",
      door: "responses",
      provider: "scripted",
      outcome: "completed",
      metadata: { job: "7" },
    },
  ]);
  expect(await world.openai.responses.retrieve(response.id)).toEqual(response);
});

test("a stream: every event in its order, numbered without gaps", async () => {
  await using world = await gatewayWorld([
    replies(reasons("I think"), says("Hello"), callsTool("add", { a: 1 }, { callId: "call_1" })),
  ]);
  const stream = await world.openai.responses.create({
    model: "scripted-model",
    input: [{ role: "user", content: "Hi" }],
    tools: [{ type: "function", name: "add", parameters: { type: "object" }, strict: false }],
    stream: true,
  });
  const events = [];
  for await (const event of stream) events.push(event);
  expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index));
  const types = events.map((event) => event.type);
  expect(types.filter((type, index) => type !== types[index - 1])).toEqual([
    "response.created",
    "response.in_progress",
    "response.output_item.added",
    "response.reasoning_summary_part.added",
    "response.reasoning_summary_text.delta",
    "response.reasoning_summary_text.done",
    "response.reasoning_summary_part.done",
    "response.output_item.done",
    "response.output_item.added",
    "response.content_part.added",
    "response.output_text.delta",
    "response.output_text.done",
    "response.content_part.done",
    "response.output_item.done",
    "response.output_item.added",
    "response.function_call_arguments.delta",
    "response.function_call_arguments.done",
    "response.output_item.done",
    "response.completed",
  ]);
});

test("the client's own stream helper builds the final response from the events", async () => {
  await using world = await gatewayWorld([replies(says("Hello"), callsTool("add", { a: 1 }))]);
  const stream = world.openai.responses.stream({ model: "scripted-model", input: "Hi" });
  let text = "";
  stream.on("response.output_text.delta", (event) => {
    text = event.snapshot;
  });
  const final = await stream.finalResponse();
  expect(text).toBe("Hello");
  expect(final.output.map((item) => item.type)).toEqual(["message", "function_call"]);
});

test("structured output and tools by the client's zod helpers", async () => {
  await using world = await gatewayWorld([
    says(JSON.stringify({ steps: ["a"], answer: 4 })),
    callsTool("add", { a: 1, b: 2 }),
  ]);
  const Answer = z.object({ steps: z.array(z.string()), answer: z.number() });
  const parsed = await world.openai.responses.parse({
    model: "scripted-model",
    input: "2+2?",
    text: { format: zodTextFormat(Answer, "answer") },
  });
  expect(parsed.output_parsed).toEqual({ steps: ["a"], answer: 4 });
  expect(world.server.requests[0]?.body).toMatchObject({
    text: { format: { type: "json_schema", strict: true } },
  });
  const called = await world.openai.responses.parse({
    model: "scripted-model",
    input: "add",
    tools: [zodResponsesFunction({ name: "add", parameters: z.object({ a: z.number(), b: z.number() }) })],
    tool_choice: { type: "function", name: "add" },
  });
  const call = called.output.find((item) => item.type === "function_call");
  expect(call).toMatchObject({ name: "add", parsed_arguments: { a: 1, b: 2 } });
  expect(world.server.requests[1]?.body).toMatchObject({
    tools: [{ type: "function", name: "add", strict: true }],
    tool_choice: { type: "function", name: "add" },
  });
});

test("a chain carries everything that was said, tool outputs and images included", async () => {
  await using world = await gatewayWorld([callsTool("look", {}, { callId: "call_7" }), says("A red dot.")]);
  const image = "data:image/png;base64,iVBORw0KGgo=";
  const first = await world.openai.responses.create({
    model: "scripted-model",
    input: [
      {
        role: "user",
        content: [
          { type: "input_text", text: "What is this?" },
          { type: "input_image", image_url: image, detail: "low" },
        ],
      },
    ],
    tools: [{ type: "function", name: "look", parameters: null, strict: null }],
  });
  const second = await world.openai.responses.create({
    model: "scripted-model",
    previous_response_id: first.id,
    input: [{ type: "function_call_output", call_id: "call_7", output: "red" }],
  });
  expect(second.output_text).toBe("A red dot.");
  expect(world.server.requests[1]?.body).toHaveProperty("input", [
    {
      type: "message",
      role: "user",
      content: [
        { type: "input_text", text: "What is this?" },
        { type: "input_image", image_url: image, detail: "low" },
      ],
    },
    { type: "function_call", call_id: "call_7", name: "look", arguments: "{}" },
    { type: "function_call_output", call_id: "call_7", output: "red" },
  ]);
  const items = await world.openai.responses.inputItems.list(first.id);
  expect(items.data).toMatchObject([{ type: "message", role: "user", content: [{}, { image_url: image }] }]);
});

test("what fails before the first word is an HTTP error with the provider's status and Retry-After", async () => {
  await using world = await gatewayWorld([
    fault({ status: 429, retryAfter: 7 }),
    fault({ status: 400, message: "bad tool" }),
    fault({ status: 401 }),
  ]);
  for (const stream of [false, true]) {
    const ask = world.openai.responses.create({ model: "scripted-model", input: "Hi", stream });
    const error = await ask.then(
      () => null,
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof OpenAI.APIError)) throw new Error("no error came");
    expect(error.status).toBe(stream ? 400 : 429);
    if (!stream) expect(error.headers?.get("retry-after")).toMatch(/^[78]$/);
    expect(error.error).toMatchObject({ code: stream ? "model_bad_request" : "rate_limit_exceeded" });
  }
  const refused = await world.post("/v1/responses", { model: "scripted-model", input: "Hi" });
  expect(refused.status).toBe(502);
  expect(refused.headers.get("x-should-retry")).toBe("false");
});

test("a stream that breaks after the first word ends with response.failed", async () => {
  await using world = await gatewayWorld([fault({ drop: "midway" })]);
  const stream = await world.openai.responses.create({ model: "scripted-model", input: "Hi", stream: true });
  const events = [];
  for await (const event of stream) events.push(event);
  const last = events.at(-1);
  expect(last).toMatchObject({
    type: "response.failed",
    response: { status: "failed", error: { code: "server_error" } },
  });
});

test("a cut answer is incomplete and says why", async () => {
  await using world = await gatewayWorld([
    says("half", { outcome: { kind: "incomplete", reason: "max_output_tokens" } }),
  ]);
  const response = await world.openai.responses.create({ model: "scripted-model", input: "Hi" });
  expect(response).toMatchObject({
    status: "incomplete",
    incomplete_details: { reason: "max_output_tokens" },
    output_text: "half",
  });
});

test("the offline engine: streamed and not, and it refuses what it cannot honour", async () => {
  await using world = await gatewayWorld();
  const response = await world.openai.responses.create({ model: "offline-repair", input: "Add a dark mode" });
  expect(response.output_text).toContain("not a language model");
  // It is a program: it uses no tokens, and that is known.
  expect(response.usage).toMatchObject({ input_tokens: 0, output_tokens: 0, total_tokens: 0 });
  const streamed = await world.openai.responses
    .stream({ model: "offline-repair", input: "Add a dark mode" })
    .finalResponse();
  expect(streamed.output.map((item) => item.type)).toEqual(["message"]);
  const tools = [
    {
      type: "function" as const,
      name: "exec_command",
      parameters: { type: "object", properties: { cmd: { type: "string" } } },
      strict: false,
    },
  ];
  const working = await world.openai.responses.create({
    model: "offline-repair",
    input: "fix the failing test",
    tools,
  });
  expect(working.output.map((item) => item.type)).toEqual(["message", "function_call"]);
  const refused = await world.post("/v1/responses", { model: "offline-repair", input: "x", temperature: 0 });
  expect([refused.status, await refused.json()]).toEqual([
    400,
    {
      error: {
        message: "The provider \"offline-repair\" cannot honour 'temperature'.",
        type: "invalid_request_error",
        param: "temperature",
        code: "unsupported_parameter",
      },
    },
  ]);
});
