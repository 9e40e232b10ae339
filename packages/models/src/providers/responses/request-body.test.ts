import { type ResponseItem, ResponseItemSchema, textMessage } from "@quire/protocol";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { request } from "../../../test/calls.ts";
import { PATCH, SHELL } from "../../../test/tool-specs.ts";
import { FULL_CAPABILITIES } from "../../endpoint.ts";
import type { ModelRequest } from "../../model-client.ts";
import { createRequestWriter } from "./request-body.ts";

function body(changes: Partial<ModelRequest>, capabilities: Partial<typeof FULL_CAPABILITIES> = {}) {
  const notes: string[] = [];
  const writer = createRequestWriter({ ...FULL_CAPABILITIES, ...capabilities }, (text) => notes.push(text));
  const text = writer.write(request(changes)).toString("utf8");
  return { text, json: JSON.parse(text), notes };
}

test("every field has its place, and what may change stands after the input", () => {
  const { text, json } = body({
    tools: [SHELL, PATCH],
    effort: "high",
    reasoningSummary: "auto",
    verbosity: "low",
    outputSchema: { type: "object" },
    maxOutputTokens: 100,
  });
  expect(Object.keys(json)).toEqual([
    "model",
    "instructions",
    "tools",
    "tool_choice",
    "parallel_tool_calls",
    "store",
    "include",
    "stream",
    "input",
    "prompt_cache_key",
    "reasoning",
    "text",
    "max_output_tokens",
  ]);
  expect(json).toEqual({
    model: "scripted-model",
    instructions: "You are a test.",
    tools: [
      {
        type: "function",
        name: "exec_command",
        description: "Runs a command.",
        strict: false,
        parameters: SHELL.kind === "function" ? SHELL.parameters : {},
      },
      {
        type: "custom",
        name: "apply_patch",
        description: "Edits files.",
        format: { type: "grammar", syntax: "lark", definition: "start: /.+/" },
      },
    ],
    tool_choice: "auto",
    parallel_tool_calls: true,
    store: false,
    stream: true,
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "thread-1",
    input: [{ type: "message", role: "user", content: [{ type: "input_text", text: "hello" }] }],
    reasoning: { effort: "high", summary: "auto" },
    text: {
      verbosity: "low",
      format: { type: "json_schema", name: "codex_output_schema", strict: true, schema: { type: "object" } },
    },
    max_output_tokens: 100,
  });
  expect(text).toBe(JSON.stringify(json));
});

test("what was not asked for is not sent", () => {
  const { json } = body({ instructions: "", reasoningSummary: "none" });
  expect(Object.keys(json)).toEqual([
    "model",
    "parallel_tool_calls",
    "store",
    "include",
    "stream",
    "input",
    "prompt_cache_key",
  ]);
});

const CUSTOM_CALL: ResponseItem = {
  type: "custom_tool_call",
  call_id: "c1",
  name: "apply_patch",
  input: "*** P",
};
const CUSTOM_OUTPUT: ResponseItem = { type: "custom_tool_call_output", call_id: "c1", output: "ok" };
const IMAGE: ResponseItem = {
  type: "message",
  role: "user",
  content: [
    { type: "input_text", text: "see" },
    { type: "input_image", image_url: "data:image/png;base64,AAAA" },
  ],
};
const REASONING: ResponseItem = { type: "reasoning", summary: [], encrypted_content: "x" };

describe("an endpoint that lacks something", () => {
  test("freeform calls of the history become function calls", () => {
    const { json } = body({ tools: [PATCH], input: [CUSTOM_CALL, CUSTOM_OUTPUT] }, { freeformTools: false });
    expect(json.input).toEqual([
      { type: "function_call", call_id: "c1", name: "apply_patch", arguments: '{"patch":"*** P"}' },
      { type: "function_call_output", call_id: "c1", output: "ok" },
    ]);
  });

  test("images are replaced by words, in messages and in tool outputs", () => {
    const output: ResponseItem = {
      type: "function_call_output",
      call_id: "c",
      output: IMAGE.content as never,
    };
    const { json } = body({ input: [IMAGE, output] }, { images: false });
    const replaced = [
      { type: "input_text", text: "see" },
      { type: "input_text", text: "[An image was left out: this model takes no images.]" },
    ];
    expect(json.input[0].content).toEqual(replaced);
    expect(json.input[1].output).toEqual(replaced);
    expect(body({ input: [IMAGE] }).json.input).toEqual([IMAGE]);
  });

  test("reasoning items and settings are left out", () => {
    const { json } = body(
      { input: [REASONING, textMessage("user", "a"), REASONING], effort: "high" },
      { reasoning: false },
    );
    expect(json.input).toEqual([textMessage("user", "a")]);
    expect(Object.keys(json)).not.toContain("reasoning");
    expect(Object.keys(json)).not.toContain("include");
  });

  test("parallel calls are not asked for", () => {
    expect(body({}, { parallelToolCalls: false }).json.parallel_tool_calls).toBe(false);
  });

  test("an output schema is left out, and that is noted", () => {
    const { json, notes } = body({ outputSchema: { type: "object" } }, { structuredOutput: false });
    expect(json.text).toBeUndefined();
    expect(notes).toEqual(["The endpoint does not take output schemas; the request was sent without one."]);
  });

  test("an effort it does not have becomes the nearest", () => {
    const efforts = ["low", "medium", "high"] as const;
    expect(body({ effort: "max" }, { efforts }).json.reasoning).toEqual({ effort: "high" });
    expect(body({ effort: "minimal" }, { efforts }).json.reasoning).toEqual({ effort: "low" });
    expect(body({ effort: "max" }).json.reasoning).toEqual({ effort: "max" });
  });
});

const itemArbitrary: fc.Arbitrary<ResponseItem> = fc.oneof(
  fc.string({ unit: "binary" }).map((text) => textMessage("user", text)),
  fc
    .string({ unit: "binary" })
    .map((text) => ({ ...textMessage("assistant", text), id: "msg_1", status: "completed" })),
  fc.json().map((args) => ({
    type: "function_call" as const,
    call_id: "c1",
    name: "exec_command",
    arguments: args,
  })),
  fc.string().map((output) => ({ type: "function_call_output" as const, call_id: "c1", output })),
);

test("a longer history begins with the bytes of the shorter, whichever settings change and whoever writes", () => {
  fc.assert(
    fc.property(fc.array(itemArbitrary, { minLength: 1, maxLength: 8 }), fc.nat(7), (items, split) => {
      const before = items.slice(0, Math.min(split, items.length - 1));
      const one = createRequestWriter(FULL_CAPABILITIES, () => {});
      const two = createRequestWriter(FULL_CAPABILITIES, () => {});
      const first = one.write(request({ input: before, tools: [SHELL], effort: "low" })).toString("utf8");
      const next = one
        .write(request({ input: items, tools: [SHELL], effort: "high", verbosity: "low" }))
        .toString("utf8");
      const prefix = first.slice(0, first.indexOf('],"prompt_cache_key":'));
      expect(next.startsWith(prefix)).toBe(true);
      expect(JSON.parse(next).input).toEqual(JSON.parse(JSON.stringify(items)));
      // A resumed thread has the same items, but read from a file: the bytes must not differ.
      const reread = items.map((item) => ResponseItemSchema.parse(JSON.parse(JSON.stringify(item))));
      const written = (list: readonly ResponseItem[]) =>
        two
          .write(request({ input: list, tools: [SHELL], effort: "high", verbosity: "low" }))
          .toString("utf8");
      const parsedOnce = items.map((item) => ResponseItemSchema.parse(item));
      expect(written(reread)).toBe(written(parsedOnce));
    }),
  );
});

describe("the endpoint's own search", () => {
  const search = { access: "cached", allowedDomains: [], contextSize: null, location: null } as const;

  test("stands behind the tools in the form of its mode", () => {
    const toolsFor = (webSearch: ModelRequest["webSearch"] & object) =>
      body({ tools: [], webSearch }).json.tools;
    expect(toolsFor(search)).toEqual([{ type: "web_search", external_web_access: false }]);
    expect(toolsFor({ ...search, access: "indexed" })).toEqual([
      { type: "web_search", external_web_access: true, index_gated_web_access: true },
    ]);
    expect(
      toolsFor({
        access: "live",
        allowedDomains: ["example.com"],
        contextSize: "low",
        location: { country: "NZ" },
      }),
    ).toEqual([
      {
        type: "web_search",
        external_web_access: true,
        filters: { allowed_domains: ["example.com"] },
        user_location: { type: "approximate", country: "NZ" },
        search_context_size: "low",
      },
    ]);
  });

  test("is left out where the endpoint has none", () => {
    expect(body({ tools: [], webSearch: search }, { webSearch: false }).json).not.toHaveProperty("tools");
  });
});

test("a choice of tool, strictness and sampling are sent where they are set", () => {
  const strict = { kind: "function", name: "add", description: "", parameters: {}, strict: true } as const;
  const { json } = body({
    tools: [strict, PATCH],
    toolChoice: { tool: "apply_patch" },
    sampling: { temperature: 0.2, topP: 0.9 },
  });
  expect(json).toMatchObject({
    tools: [{ name: "add", strict: true }, { name: "apply_patch" }],
    tool_choice: { type: "custom", name: "apply_patch" },
    temperature: 0.2,
    top_p: 0.9,
  });
  const asFunctions = body(
    { tools: [strict, PATCH], toolChoice: { tool: "apply_patch" } },
    { freeformTools: false },
  );
  expect(asFunctions.json.tool_choice).toEqual({ type: "function", name: "apply_patch" });
  expect(body({ tools: [strict], toolChoice: "required" }).json.tool_choice).toBe("required");
});
