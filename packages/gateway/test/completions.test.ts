import { callsTool, callsTools, fault, replies, says } from "@quire/test-support";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import { describe, expect, test } from "vitest";
import * as z from "zod";
import { errorIn, gatewayWorld } from "./gateway-world.ts";

const usage = { input: 10, cached: 2, output: 5 };

describe("chat", () => {
  test("a whole completion, and what the model was sent", async () => {
    await using world = await gatewayWorld([says("Hello.", { usage })]);
    const completion = await world.openai.chat.completions.create({
      model: "scripted-model",
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Hi" },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c1", type: "function", function: { name: "look", arguments: "{}" } }],
        },
        { role: "tool", tool_call_id: "c1", content: "red" },
        {
          role: "user",
          content: [
            { type: "text", text: "And this?" },
            { type: "image_url", image_url: { url: "data:image/png;base64,iVBORw0KGgo=", detail: "high" } },
          ],
        },
      ],
      max_completion_tokens: 50,
      top_p: 0.5,
    });
    expect(completion).toMatchObject({
      object: "chat.completion",
      choices: [
        {
          index: 0,
          finish_reason: "stop",
          logprobs: null,
          message: { role: "assistant", content: "Hello.", refusal: null },
        },
      ],
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 2 },
      },
    });
    expect(world.server.requests[0]?.body).toMatchObject({
      instructions: "Be brief.",
      input: [
        { role: "user", content: [{ text: "Hi" }] },
        { type: "function_call", call_id: "c1", name: "look", arguments: "{}" },
        { type: "function_call_output", call_id: "c1", output: "red" },
        { role: "user", content: [{ text: "And this?" }, { type: "input_image", detail: "high" }] },
      ],
      max_output_tokens: 50,
      top_p: 0.5,
    });
  });

  test("a stream with calls and usage, put together by the client's helper", async () => {
    await using world = await gatewayWorld([
      replies(
        says("Two calls.", { usage }),
        callsTools([
          ["add", { a: 1 }],
          ["sub", { a: 2 }],
        ]),
      ),
    ]);
    const stream = world.openai.chat.completions.stream({
      model: "scripted-model",
      messages: [{ role: "user", content: "Hi" }],
      stream_options: { include_usage: true },
    });
    const final = await stream.finalChatCompletion();
    expect(final.choices[0]).toMatchObject({
      finish_reason: "tool_calls",
      message: {
        content: "Two calls.",
        tool_calls: [
          { type: "function", function: { name: "add", arguments: '{"a":1}' } },
          { type: "function", function: { name: "sub", arguments: '{"a":2}' } },
        ],
      },
    });
    expect(final.usage).toMatchObject({ total_tokens: 15 });
  });

  test("several choices are several calls, whose usage is added up", async () => {
    await using world = await gatewayWorld([], { script: { afterwards: says("Yes.", { usage }) } });
    const request = { model: "scripted-model", messages: [{ role: "user" as const, content: "Hi" }], n: 3 };
    const completion = await world.openai.chat.completions.create(request);
    expect(completion.choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, "Yes."],
      [1, "Yes."],
      [2, "Yes."],
    ]);
    expect(completion.usage?.total_tokens).toBe(45);
    const streamed = await world.openai.chat.completions.stream(request).finalChatCompletion();
    expect(streamed.choices.map(({ message }) => message.content)).toEqual(["Yes.", "Yes.", "Yes."]);
    expect(world.usage).toHaveLength(6);
  });

  test("structured output, tools and custom tools", async () => {
    await using world = await gatewayWorld([
      says('{"answer":4}'),
      callsTool("add", { a: 1 }),
      replies({
        kind: "reply",
        parts: [{ kind: "freeform", name: "note", input: "plain text", callId: "c9" }],
      }),
    ]);
    const messages = [{ role: "user" as const, content: "Hi" }];
    const parsed = await world.openai.chat.completions.parse({
      model: "scripted-model",
      messages,
      response_format: zodResponseFormat(z.object({ answer: z.number() }), "answer"),
    });
    expect(parsed.choices[0]?.message.parsed).toEqual({ answer: 4 });
    const called = await world.openai.chat.completions.parse({
      model: "scripted-model",
      messages,
      tools: [zodFunction({ name: "add", parameters: z.object({ a: z.number() }) })],
      tool_choice: "required",
    });
    expect(called.choices[0]?.message.tool_calls?.[0]?.function.parsed_arguments).toEqual({ a: 1 });
    const custom = await world.openai.chat.completions.create({
      model: "scripted-model",
      messages,
      tools: [{ type: "custom", custom: { name: "note", description: "Takes a note." } }],
    });
    expect(custom.choices[0]?.message.tool_calls).toEqual([
      { id: "c9", type: "custom", custom: { name: "note", input: "plain text" } },
    ]);
  });

  test("stop sequences cut, wherever the stream is cut, and end the call", async () => {
    await using world = await gatewayWorld([], {
      script: { afterwards: says("one STOP two", { delivery: { chunkChars: 1 } }) },
    });
    const request = {
      model: "scripted-model",
      messages: [{ role: "user" as const, content: "Hi" }],
      stop: [" STOP", "zwei"],
    };
    const whole = await world.openai.chat.completions.create(request);
    expect(whole.choices[0]).toMatchObject({ finish_reason: "stop", message: { content: "one" } });
    const streamed = await world.openai.chat.completions.stream(request).finalChatCompletion();
    expect(streamed.choices[0]?.message.content).toBe("one");
    expect(world.usage.map(({ outcome, usage: known }) => [outcome, known])).toEqual([
      ["cut", null],
      ["cut", null],
    ]);
  });

  test("errors: before the first word a status, after it an event", async () => {
    await using world = await gatewayWorld([fault({ status: 503 }), fault({ drop: "midway" })]);
    const request = {
      model: "scripted-model",
      messages: [{ role: "user" as const, content: "Hi" }],
      stream: true as const,
    };
    await expect(world.openai.chat.completions.create(request)).rejects.toMatchObject({ status: 503 });
    const stream = await world.openai.chat.completions.create(request);
    const read = async () => {
      for await (const _ of stream);
    };
    await expect(read()).rejects.toThrow(OpenAI.APIError);
  });
});

describe("text completions", () => {
  test("derived from a chat model: asked for in words, echoed, several", async () => {
    await using world = await gatewayWorld([], { script: { afterwards: says(" world", { usage }) } });
    const completion = await world.openai.completions.create({
      model: "scripted-model",
      prompt: ["Hello", "Bye"],
      n: 2,
      best_of: 2,
      echo: true,
    });
    expect(completion.choices).toEqual(
      ["Hello", "Hello", "Bye", "Bye"].map((prompt, index) => ({
        text: `${prompt} world`,
        index,
        logprobs: null,
        finish_reason: "stop",
      })),
    );
    expect(completion.usage?.total_tokens).toBe(60);
    expect(world.server.requests[0]?.body).toMatchObject({
      instructions: expect.stringContaining("You complete texts."),
    });
    const stream = await world.openai.completions.create({
      model: "scripted-model",
      prompt: "def f(",
      suffix: "  return x",
      stream: true,
      echo: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let total = 0;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.text ?? "";
      total = chunk.usage?.total_tokens ?? total;
    }
    expect([text, total]).toEqual(["def f( world", 15]);
    expect(world.server.requests.at(-1)?.inputTexts).toEqual([
      "<before>def f(</before>\n<after>  return x</after>",
    ]);
  });

  test("what cannot be honoured is refused by name", async () => {
    await using world = await gatewayWorld();
    const refused = async (fields: object) => {
      const answer = await world.post("/v1/completions", { model: "scripted-model", prompt: "x", ...fields });
      const { status, param } = await errorIn(answer);
      return [status, param];
    };
    expect(await refused({ n: 3, best_of: 1 })).toEqual([400, "best_of"]);
    expect(await refused({ prompt: [1, 2, 3] })).toEqual([400, "prompt"]);
    expect(await refused({ presence_penalty: 1 })).toEqual([400, "presence_penalty"]);
    expect(await refused({ seed: 4 })).toEqual([400, "seed"]);
    expect(await refused({ nonsense: 4 })).toEqual([400, "nonsense"]);
    expect(await refused({ model: "code-davinci-002" })).toEqual([404, "model"]);
    expect(await refused({ model: "offline-repair", max_tokens: 5 })).toEqual([400, "max_tokens"]);
    expect(world.server.requests).toEqual([]);
  });

  test("a retired model is served when an alias says by which; the offline engine answers in its own words", async () => {
    await using world = await gatewayWorld([says("4")], {
      models: { aliases: new Map([["code-davinci-002", "scripted-model"]]) },
    });
    const mapped = await world.openai.completions.create({ model: "code-davinci-002", prompt: "2+2=" });
    expect(mapped.choices[0]?.text).toBe("4");
    expect(world.server.requests[0]?.model).toBe("scripted-model");
    const offline = await world.openai.completions.create({ model: "offline-repair", prompt: "2+2=" });
    expect(offline.choices[0]?.text).toContain("not a language model");
  });
});
