import { callsTool, type Reply, type Step, says } from "@quire/test-support";
import { describe, expect, test } from "vitest";
import { errorIn, gatewayWorld } from "./gateway-world.ts";

const model = "scripted-model";
const messages = [{ role: "user" as const, content: "Answer in JSON." }];
const tools = [{ type: "function", function: { name: "add", parameters: { type: "object" }, strict: true } }];
const weighed = says("abcd", { logprob: -0.5, delivery: { chunkChars: 2 } });

/** The tokens of `weighed`, as chat completions and responses list them. */
const tokens = ["ab", "cd"].map((token) => {
  const chance = { token, logprob: -0.5, bytes: [...Buffer.from(token)] };
  return { ...chance, top_logprobs: [chance] };
});

describe.each(["responses", "chat"])("log probabilities over a provider that speaks %s", (wire) => {
  test("come whole and in pieces, on every endpoint", async () => {
    await using world = await gatewayWorld([], { wire, script: { afterwards: weighed } });
    const { openai } = world;
    const asked = { model, messages, logprobs: true, top_logprobs: 1 };
    const chat = await openai.chat.completions.create(asked);
    expect(chat.choices[0]?.logprobs).toEqual({ content: tokens, refusal: null });
    const streamed = await openai.chat.completions.stream(asked).finalChatCompletion();
    expect(streamed.choices[0]?.logprobs?.content).toEqual(tokens);
    const include = ["message.output_text.logprobs" as const];
    const response = await openai.responses.create({ model, input: "Hi", include, top_logprobs: 1 });
    expect(response).toMatchObject({
      top_logprobs: 1,
      output: [{ content: [{ text: "abcd", logprobs: tokens }] }],
    });
    const seen: unknown[] = [];
    const stream = openai.responses.stream({ model, input: "Hi", include, top_logprobs: 1 });
    stream.on("response.output_text.delta", (event) => seen.push(...event.logprobs));
    expect((await stream.finalResponse()).output).toMatchObject([{ content: [{ logprobs: tokens }] }]);
    expect(seen).toEqual(tokens);
    const text = await openai.completions.create({ model, prompt: "Hi", logprobs: 1 });
    expect(text.choices[0]?.logprobs).toEqual({
      tokens: ["ab", "cd"],
      token_logprobs: [-0.5, -0.5],
      top_logprobs: [{ ab: -0.5 }, { cd: -0.5 }],
      text_offset: [0, 2],
    });
    const wanted =
      wire === "chat"
        ? { logprobs: true, top_logprobs: 1 }
        : { include: ["reasoning.encrypted_content", "message.output_text.logprobs"], top_logprobs: 1 };
    for (const { body } of world.server.requests) expect(body).toMatchObject(wanted);
  });

  test("are not there unless they were asked for, and are cut with the text", async () => {
    await using world = await gatewayWorld([], { wire, script: { afterwards: weighed } });
    const plain = await world.openai.chat.completions.create({ model, messages });
    expect(plain.choices[0]?.logprobs).toBeNull();
    const response = await world.openai.responses.create({ model, input: "Hi" });
    const next = await world.openai.responses.create({
      model,
      input: "And?",
      previous_response_id: response.id,
      include: ["message.output_text.logprobs"],
    });
    expect(next.output_text).toBe("abcd");
    expect(JSON.stringify(world.server.requests[2]?.body)).not.toContain('"logprobs":[');
    const cut = await world.openai.chat.completions.create({ model, messages, logprobs: true, stop: "c" });
    expect(cut.choices[0]).toMatchObject({ message: { content: "ab" }, logprobs: { content: [tokens[0]] } });
  });

  test("a provider that gives none is an error that says so, whole and in the middle of a stream", async () => {
    await using world = await gatewayWorld([], { wire, script: { afterwards: says("Hello") } });
    const chat = { model, messages, logprobs: true };
    const include = ["message.output_text.logprobs"];
    for (const [route, body] of [
      ["/v1/chat/completions", chat],
      ["/v1/responses", { model, input: "Hi", include }],
      ["/v1/completions", { model, prompt: "Hi", logprobs: 0 }],
    ] as const) {
      expect(await errorIn(await world.post(route, body))).toMatchObject({
        status: 400,
        type: "invalid_request_error",
        message: 'The provider "scripted" gave no log probabilities for "scripted-model".',
      });
    }
    await expect(world.openai.chat.completions.stream(chat).finalChatCompletion()).rejects.toThrow(
      "gave no log probabilities",
    );
  });
});

test.each(["anthropic", "offline-repair"])(
  "%s has no log probabilities, and says so by name",
  async (wire) => {
    await using world = await gatewayWorld([], { wire });
    const asked = { model: wire === "anthropic" ? model : wire };
    const cases: [string, object, string][] = [
      ["/v1/chat/completions", { ...asked, messages, logprobs: true }, "logprobs"],
      ["/v1/responses", { ...asked, input: "Hi", include: ["message.output_text.logprobs"] }, "include"],
      ["/v1/responses", { ...asked, input: "Hi", top_logprobs: 3 }, "top_logprobs"],
      ["/v1/completions", { ...asked, prompt: "Hi", logprobs: 2 }, "logprobs"],
      ["/v1/completions", { ...asked, prompt: "Hi", best_of: 2 }, "best_of"],
    ];
    for (const [route, body, param] of cases) {
      expect(await errorIn(await world.post(route, body))).toMatchObject({
        status: 400,
        param,
        code: "unsupported_parameter",
        message: `The provider "${wire === "anthropic" ? "scripted" : wire}" cannot honour '${param}'.`,
      });
    }
    expect(world.server.requests).toEqual([]);
  },
);

describe.each(["responses", "chat", "completions"])("best_of over %s", (wire) => {
  const candidates = [-2, -0.1, -1, -0.4].map((logprob) =>
    says(`answer ${logprob}`, { logprob, usage: { input: 3, output: 2 } }),
  );

  test("samples that many and answers with those of the highest mean log probability", async () => {
    await using world = await gatewayWorld(candidates, { wire });
    const best = await world.openai.completions.create({ model, prompt: "Hi", n: 2, best_of: 4, echo: true });
    expect(best.choices.map(({ index, text, logprobs }) => ({ index, text, logprobs }))).toEqual([
      { index: 0, text: "Hianswer -0.1", logprobs: null },
      { index: 1, text: "Hianswer -0.4", logprobs: null },
    ]);
    expect(best.usage?.total_tokens).toBe(20);
    expect(world.server.requests).toHaveLength(4);
  });

  test("cannot be streamed, and nothing is ranked that has no log probabilities", async () => {
    await using world = await gatewayWorld([], { wire, script: { afterwards: says("x") } });
    const asked = { model, prompt: "Hi", best_of: 2 };
    expect(await errorIn(await world.post("/v1/completions", { ...asked, stream: true }))).toMatchObject({
      status: 400,
      param: "best_of",
    });
    expect(await errorIn(await world.post("/v1/completions", asked))).toMatchObject({
      status: 400,
      message: expect.stringContaining("gave no log probabilities"),
    });
    const both = await world.post("/v1/completions", { model, prompt: "Hi", logprobs: 1, echo: true });
    expect(await errorIn(both)).toMatchObject({ status: 400, param: "logprobs" });
  });
});

describe("json_object", () => {
  const reply = (wire: string): Reply =>
    wire === "anthropic" ? callsTool("final_message", { ok: true }) : says('{"ok":true}');
  const sent: Readonly<Record<string, object>> = {
    responses: { text: { format: { type: "json_object" } } },
    chat: { response_format: { type: "json_object" } },
    anthropic: {
      tools: [{ name: "final_message", input_schema: { type: "object" } }],
      tool_choice: { type: "tool", name: "final_message" },
    },
  };

  test.each(Object.keys(sent))("is mapped for %s", async (wire) => {
    await using world = await gatewayWorld([], { wire, script: { afterwards: reply(wire) } });
    const chat = await world.openai.chat.completions.create({
      model,
      messages,
      response_format: { type: "json_object" },
    });
    expect(JSON.parse(chat.choices[0]?.message.content ?? "")).toEqual({ ok: true });
    const response = await world.openai.responses.create({
      model,
      input: "JSON!",
      text: { format: { type: "json_object" } },
    });
    expect(JSON.parse(response.output_text)).toEqual({ ok: true });
    for (const { body } of world.server.requests) expect(body).toMatchObject(sent[wire] ?? {});
  });

  test("the offline engine answers with one", async () => {
    await using world = await gatewayWorld();
    const chat = await world.openai.chat.completions.create({
      model: "offline-repair",
      messages,
      response_format: { type: "json_object" },
    });
    expect(JSON.parse(chat.choices[0]?.message.content ?? "")).toEqual({
      answer: expect.stringContaining("not a language model"),
    });
  });
});

describe("seed", () => {
  test.each(["chat", "completions"])("reaches %s", async (wire) => {
    await using world = await gatewayWorld([says("x")], { wire });
    await world.openai.completions.create({ model, prompt: "Hi", seed: 7 });
    expect(world.server.requests[0]?.body).toMatchObject({ seed: 7 });
  });

  test("gives the same answer twice from the offline engine, and is refused elsewhere", async () => {
    await using world = await gatewayWorld();
    const asked = { model: "offline-repair", messages, seed: 7 };
    const answers = [];
    for (let n = 0; n < 2; n++) answers.push((await world.openai.chat.completions.create(asked)).choices);
    expect(answers[0]).toEqual(answers[1]);
    for (const wire of ["responses", "anthropic"]) {
      await using other = await gatewayWorld([], { wire });
      const refused = await other.post("/v1/chat/completions", { model, messages, seed: 7 });
      expect(await errorIn(refused)).toMatchObject({ status: 400, param: "seed" });
    }
  });
});

describe("over a provider that speaks anthropic", () => {
  const answered = async (steps: readonly Step[], body: object) => {
    const world = await gatewayWorld(steps, { wire: "anthropic" });
    const answer = await world.post("/v1/chat/completions", { model, messages, ...body });
    return { world, answer };
  };
  test.each([
    ["auto", { type: "auto" }],
    ["none", { type: "none" }],
    ["required", { type: "any" }],
    [
      { type: "function", function: { name: "add" } },
      { type: "tool", name: "add" },
    ],
  ])("tool_choice %j becomes %j", async (tool_choice, expected) => {
    const { world, answer } = await answered([callsTool("add", {})], {
      tools,
      tool_choice,
      parallel_tool_calls: false,
    });
    await using _ = world;
    expect(answer.status).toBe(200);
    expect(world.server.requests[0]?.body).toMatchObject({
      tools: [{ name: "add", strict: true }],
      tool_choice: expected.type === "none" ? expected : { ...expected, disable_parallel_tool_use: true },
    });
  });

  test("temperature, top_p and stop are sent, and a stop there leaves the usage known", async () => {
    const { world, answer } = await answered([says("one", { usage: { input: 4, output: 1 } })], {
      temperature: 0.5,
      top_p: 0.9,
      stop: ["END", "\n"],
    });
    await using _ = world;
    expect(await answer.json()).toMatchObject({ usage: { total_tokens: 5 } });
    expect(world.server.requests[0]?.body).toMatchObject({
      temperature: 0.5,
      top_p: 0.9,
      stop_sequences: ["END"],
    });
  });

  test.each([
    [{ temperature: 1.5 }, "temperatures from 0 to 1"],
    [{ temperature: 0.5, reasoning_effort: "high" }, "a temperature for a model that thinks"],
    [{ tools, tool_choice: "required", reasoning_effort: "high" }, "a forced tool call"],
  ])("%j is refused before anything is sent", async (body, why) => {
    const { world, answer } = await answered([], body);
    await using _ = world;
    expect(await errorIn(answer)).toMatchObject({ status: 400, message: expect.stringContaining(why) });
    expect(world.server.requests).toEqual([]);
  });

  test("a forced call leaves no room for a final message, a forbidden one only that", async () => {
    const schema = { type: "object", properties: {}, required: [], additionalProperties: false };
    const response_format = { type: "json_schema", json_schema: { name: "x", strict: true, schema } };
    const forced = await answered([callsTool("add", {})], {
      tools,
      tool_choice: "required",
      response_format,
    });
    await using first = forced.world;
    expect(first.server.requests[0]?.tools.map(({ name }) => name)).toEqual(["add"]);
    const none = await answered([callsTool("final_message", {})], {
      tools,
      tool_choice: "none",
      response_format,
    });
    await using second = none.world;
    expect(second.server.requests[0]?.body).toMatchObject({
      tool_choice: { type: "tool", name: "final_message" },
    });
  });
});

test("a text completion that reached its limit says length, over every wire API", async () => {
  for (const wire of ["completions", "chat", "responses", "anthropic"]) {
    const cut = says("half", { outcome: { kind: "incomplete", reason: "max_output_tokens" } });
    await using world = await gatewayWorld([cut, cut], { wire });
    const asked = { model, prompt: "Hi", max_tokens: 1 };
    const whole = await world.openai.completions.create(asked);
    expect([wire, whole.choices[0]?.text, whole.choices[0]?.finish_reason]).toEqual([wire, "half", "length"]);
    const finishes: unknown[] = [];
    for await (const chunk of await world.openai.completions.create({ ...asked, stream: true })) {
      finishes.push(chunk.choices[0]?.finish_reason);
    }
    expect(finishes.at(-1)).toBe("length");
  }
});
