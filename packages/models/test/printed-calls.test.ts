import { fault, type Reply, says, scriptedResponses } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ModelEvent, ModelRequest } from "../src/model-client.ts";
import { createChatClient } from "../src/providers/chat/client.ts";
import { createChatDecoder } from "../src/providers/chat/stream-decoder.ts";
import { collect, outline, textOf } from "./calls.ts";
import { processDeps } from "./process-deps.ts";
import { PATCH, SHELL } from "./tool-specs.ts";

const LS = 'done call exec_command {"cmd":"ls"}';
const PWD = 'done call exec_command {"cmd":"pwd"}';

const CALLS: Readonly<Record<string, readonly [text: string, ...expected: string[]]>> = {
  hermes: ['<tool_call>\n{"name": "exec_command", "arguments": {"cmd": "ls"}}\n</tool_call>', LS],
  "hermes without its end": ['<tool_call>{"name":"exec_command","arguments":{"cmd":"ls"}}', LS],
  "hermes, two": [
    '<tool_call>{"name":"exec_command","arguments":{"cmd":"ls"}}</tool_call>\n<tool_call>{"name":"exec_command","arguments":{"cmd":"pwd"}}</tool_call>',
    LS,
    PWD,
  ],
  "hermes after words": [
    'I look first.\n<tool_call>{"name":"exec_command","arguments":{"cmd":"ls"}}</tool_call>',
    "done message I look first.\n",
    LS,
  ],
  "arguments as text": [
    '<tool_call>{"name":"exec_command","arguments":"{\\"cmd\\":\\"ls\\"}"}</tool_call>',
    LS,
  ],
  "qwen coder": [
    "<tool_call>\n<function=exec_command>\n<parameter=cmd>\nls\n</parameter>\n</function>\n</tool_call>",
    LS,
  ],
  llama: ['<function=exec_command>{"cmd": "ls"}</function>', LS],
  "llama, bare": ['{"name": "exec_command", "parameters": {"cmd": "ls"}}', LS],
  "llama, python tag": ['<|python_tag|>{"name": "exec_command", "parameters": {"cmd": "ls"}}', LS],
  mistral: ['[TOOL_CALLS] [{"name": "exec_command", "arguments": {"cmd": "ls"}}]', LS],
  "mistral, new": ['[TOOL_CALLS]exec_command[ARGS]{"cmd": "ls"}', LS],
  "mistral, two": ['[TOOL_CALLS]exec_command{"cmd": "ls"}[TOOL_CALLS]exec_command{"cmd": "pwd"}', LS, PWD],
  fenced: [
    'Sure:\n```json\n{"name": "exec_command", "arguments": {"cmd": "ls"}}\n```\n',
    "done message Sure:\n",
    LS,
  ],
  "fenced without a language": ['```\n{"name":"exec_command","arguments":{"cmd":"ls"}}\n```', LS],
  "a patch": [
    '<tool_call>{"name":"apply_patch","arguments":{"patch":"*** P"}}</tool_call>',
    'done call apply_patch {"patch":"*** P"}',
  ],
};

const TEXTS: Readonly<Record<string, string>> = {
  "another tool": '<tool_call>{"name":"rm_rf","arguments":{"cmd":"ls"}}</tool_call>',
  "arguments that do not parse": '<tool_call>{"name":"exec_command","arguments":{"cmd":"ls}</tool_call>',
  "arguments that are no object": '<tool_call>{"name":"exec_command","arguments":"ls"}</tool_call>',
  "one good and one bad":
    '<tool_call>{"name":"exec_command","arguments":{"cmd":"ls"}}</tool_call><tool_call>{"name":"x"}</tool_call>',
  "a fenced example in the middle":
    'Like this:\n```json\n{"name":"exec_command","arguments":{"cmd":"ls"}}\n```\nand then you look.',
  "other code": "```ts\nconst a = { name: 1 };\n```\nand `<tool` or a < b [0] {x}",
  "other json": '{"name": "quire", "version": "1"}',
  "a tag in a sentence": "Write <tool_call> around it.",
};

const TOOLS = [SHELL, PATCH];

function decoded(pieces: readonly string[], finish = "stop"): ModelEvent[] {
  let ids = 0;
  const decoder = createChatDecoder({
    facts: { url: "http://test", model: "m", auth: { kind: "none" }, nowMs: 0 },
    newId: (prefix) => `${prefix}_${++ids}`,
    tools: TOOLS,
    openJson: true,
  });
  const events: ModelEvent[] = [];
  const emit = (event: ModelEvent): void => void events.push(event);
  for (const content of pieces) {
    decoder.feed(JSON.stringify({ choices: [{ index: 0, delta: { content } }] }), undefined, emit);
  }
  decoder.feed(
    JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: finish }] }),
    undefined,
    emit,
  );
  const ending = decoder.feed("[DONE]", undefined, emit);
  if (ending?.kind === "completed") events.push({ type: "completed", completion: ending.completion });
  return events;
}

test.each(Object.entries(CALLS))("a printed call becomes a call: %s", (_name, [text, ...expected]) => {
  expect(outline(decoded([text]))).toEqual([...expected, "completed"]);
});

test.each(Object.entries(TEXTS))("text stays text: %s", (_name, text) => {
  const events = decoded([text]);
  expect(outline(events)).toEqual([`done message ${text}`, "completed"]);
  expect(textOf(events)).toBe(text);
});

test("however the text is cut into deltas, the items are the same and nothing of a call is shown", () => {
  const all = [...Object.values(CALLS).map(([text]) => text), ...Object.values(TEXTS)];
  fc.assert(
    fc.property(fc.constantFrom(...all), fc.array(fc.integer({ min: 1, max: 12 })), (text, sizes) => {
      const pieces: string[] = [];
      let at = 0;
      for (const size of sizes) {
        pieces.push(text.slice(at, at + size));
        at += size;
      }
      pieces.push(text.slice(at));
      const cut = decoded(pieces);
      expect(outline(cut)).toEqual(outline(decoded([text])));
      expect(textOf(cut)).toBe(textOf(decoded([text])));
    }),
    { numRuns: 500 },
  );
});

test("arbitrary text of markers and words is never lost", () => {
  const word = fc.constantFrom(
    "<tool_call>",
    "```json\n",
    "{",
    '"name":',
    '"exec_command"',
    "}",
    " a ",
    "\n",
    "```",
    "[",
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), (words) => {
      const events = decoded(words);
      const calls = outline(events).filter((line) => line.startsWith("done call"));
      if (calls.length === 0) expect(textOf(events)).toBe(words.join(""));
    }),
    { numRuns: 300 },
  );
});

test("an answer that was cut by a limit holds no calls", () => {
  const [text] = CALLS.hermes ?? [""];
  expect(outline(decoded([text], "length"))).toEqual([`done message ${text}`]);
});

async function run(steps: readonly Reply[], changes: Partial<ModelRequest>, baseUrl?: string) {
  await using server = await scriptedResponses(steps, { afterwards: fault({ status: 400 }) });
  const client = createChatClient(
    { provider: "p", baseUrl: baseUrl ?? server.url, auth: { kind: "none" } },
    processDeps(),
  );
  const events = await collect(client, changes);
  client.close();
  return events;
}

test("over the wire: with tools it is a call, without tools and with a schema for the answer it is text", async () => {
  const text = '{"name": "exec_command", "arguments": {"cmd": "ls"}}';
  expect(outline(await run([says(text)], { tools: TOOLS }))).toEqual([LS, "completed"]);
  expect(outline(await run([says(text)], {}))).toEqual([`done message ${text}`, "completed"]);
  const outputSchema = { type: "object" };
  expect(outline(await run([says(text)], { tools: TOOLS, outputSchema }))).toEqual([
    `done message ${text}`,
    "completed",
  ]);
});
