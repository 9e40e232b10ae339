import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import {
  anthropicDialect,
  callsTool,
  callsTools,
  chatDialect,
  completionsDialect,
  type Dialect,
  delivered,
  patches,
  type Reply,
  reasons,
  replies,
  responsesDialect,
  says,
  scriptedResponses,
  sendsItem,
  streams,
} from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_RETRY_LIMITS } from "../src/endpoint.ts";
import type { ModelEvent } from "../src/model-client.ts";
import { createAnthropicDecoder } from "../src/providers/anthropic/stream-decoder.ts";
import { createChatDecoder } from "../src/providers/chat/stream-decoder.ts";
import { createCompletionDecoder } from "../src/providers/completions/stream-decoder.ts";
import { createResponsesClient } from "../src/providers/responses/client.ts";
import { createResponsesDecoder } from "../src/providers/responses/stream-decoder.ts";
import type { WireCall } from "../src/transport/attempt.ts";
import type { StreamDecoder } from "../src/transport/ending.ts";
import type { HttpPoster } from "../src/transport/http-post.ts";
import { ActiveCalls, streamingCall } from "../src/transport/streaming-call.ts";
import { afterRetries, collect } from "./calls.ts";
import { processDeps } from "./process-deps.ts";

const PATCH_TEXT = "*** Begin Patch\n*** Update File: größe.txt\n@@\n-alt\n+neu 🎉\n*** End Patch\n";
const SCRIPTS: Readonly<Record<string, Reply>> = {
  "plain text": says("Hi, a little text."),
  "text of many bytes a character": says("Grüße 🎉👩‍👩‍👧 日本語"),
  "reasoning and text": replies(reasons("**Thinking** größer"), says("So be it.")),
  "a function call": callsTool("exec_command", { cmd: "printf '\\u00fc\\n'" }),
  "a patch": patches(PATCH_TEXT),
  "parallel calls": callsTools([
    ["exec_command", { cmd: "ls" }],
    ["exec_command", { cmd: "pwd" }],
  ]),
  "everything at once": replies(
    reasons("Hm"),
    says("Ja 🎉"),
    callsTool("exec_command", { cmd: "ls" }),
    patches("*** P"),
  ),
  "an incomplete answer": says("Half of", { outcome: { kind: "incomplete", reason: "max_output_tokens" } }),
  "a filtered answer": says("", { outcome: { kind: "incomplete", reason: "content_filter" } }),
  "a refusal": { kind: "reply", parts: [{ kind: "refusal", text: "I cannot." }] },
  "a failure for good": says("Well", {
    outcome: { kind: "failed", code: "context_length_exceeded", message: "too long" },
  }),
  "text with log probabilities": says("ab cd ef", { logprob: -0.5, delivery: { chunkChars: 3 } }),
  "no text": says(""),
  "line ends in text": says("a\r\nb\n\ndata: c\n\n"),
  "text that looks like events": says('data: {"type":"response.completed"}\n\n: x'),
  "two messages": replies(says("One."), says("Two.")),
  "two thoughts": replies(reasons("A"), reasons("B")),
  "a call with broken arguments": callsTool("exec_command", '{"cmd": "l'),
  "calls that share an id": callsTools([
    ["a", {}, { callId: "same" }],
    ["b", {}, { callId: "same" }],
  ]),
  "a search by the endpoint": sendsItem({
    type: "web_search_call",
    id: "ws_1",
    status: "completed",
    action: {},
  }),
  "fields nobody knows": sendsItem({
    type: "message",
    role: "assistant",
    content: [],
    phase: "final",
    n: [1, null],
  }),
};

const FACTS = { url: "http://test", model: "m", auth: { kind: "none" as const }, nowMs: 0 };

interface Wire {
  dialect: Dialect;
  decoder: () => StreamDecoder;
  /**
   * A stream of this kind may end without its last event and be whole all the same, because not every server sends it;
   * only the usage can then be missing.
   */
  openEnded: boolean;
}

const WIRES: Readonly<Record<string, Wire>> = {
  responses: {
    dialect: responsesDialect,
    decoder: () => createResponsesDecoder(FACTS, () => {}),
    openEnded: false,
  },
  chat: {
    dialect: chatDialect,
    decoder: () => createChatDecoder({ facts: FACTS, newId: counted(), tools: [], openJson: false }),
    openEnded: true,
  },
  anthropic: {
    dialect: anthropicDialect,
    decoder: () => createAnthropicDecoder({ facts: FACTS, newId: counted(), note: () => {} }),
    openEnded: false,
  },
  completions: {
    dialect: completionsDialect,
    decoder: () => createCompletionDecoder(FACTS, counted()),
    openEnded: true,
  },
};

function counted(): (prefix: string) => string {
  let ids = 0;
  return (prefix) => `${prefix}_${++ids}`;
}

function bytesOf(reply: Reply, dialect: Dialect = responsesDialect): Buffer {
  let ids = 0;
  const request = { model: "m", tools: [], toolOutputs: [], inputTexts: [] };
  const blocks = dialect.write(reply, request, (prefix) => `${prefix}_${++ids}`);
  return Buffer.from([...blocks].map((block) => block.text).join(""));
}

/** A response without a network, so that thousands of cuts take seconds. */
function response(chunks: readonly Buffer[]): IncomingMessage {
  const message = new IncomingMessage(new Socket());
  message.statusCode = 200;
  message.headers["content-type"] = "text/event-stream";
  for (const chunk of chunks) message.push(chunk);
  message.push(null);
  return message;
}

function posterOf(responses: readonly (() => IncomingMessage)[]): HttpPoster {
  let at = 0;
  return {
    post: async () => {
      const next = responses[Math.min(at++, responses.length - 1)];
      if (next === undefined) throw new Error("no response was given");
      return { kind: "answered", response: next() };
    },
    close: () => {},
  };
}

async function play(
  responses: readonly (() => IncomingMessage)[],
  decoder: () => StreamDecoder = () => createResponsesDecoder(FACTS, () => {}),
): Promise<ModelEvent[]> {
  const call: WireCall = {
    url: new URL(FACTS.url),
    body: Buffer.from("{}"),
    headers: async () => ({}),
    decoder,
    refusal: () => {
      throw new Error("every answer here is a 200");
    },
  };
  const times = { idleTimeoutMs: 10_000, stallNoticeMs: 5_000, connectTimeoutMs: 5_000 };
  const policy = { times, retries: DEFAULT_RETRY_LIMITS, secrets: () => [] };
  const deps = { ...processDeps({ sleep: async () => {} }), poster: posterOf(responses), agent: undefined };
  const events: ModelEvent[] = [];
  for await (const event of streamingCall(
    () => call,
    policy,
    deps,
    new ActiveCalls(),
    new AbortController().signal,
  )) {
    events.push(event);
  }
  return events;
}

const CASES = Object.entries(WIRES).flatMap(([wire, parts]) =>
  Object.entries(SCRIPTS).map(([name, reply]) => [wire, name, parts, reply] as const),
);

test.each(CASES)(
  "%s: %s, cut after every byte, is whole after one retry",
  async (_wire, _name, wire, reply) => {
    const bytes = bytesOf(reply, wire.dialect);
    const whole = await play([() => response([bytes])], wire.decoder);
    for (let cut = 0; cut < bytes.length; cut++) {
      const events = await play(
        [() => response([bytes.subarray(0, cut)]), () => response([bytes])],
        wire.decoder,
      );
      const retries = events.filter((event) => event.type === "retrying").length;
      if (retries === 0 && wire.openEnded) {
        expect(events.map(withoutUsage)).toEqual(whole.map(withoutUsage));
        continue;
      }
      expect(retries).toBe(1);
      expect(afterRetries(events)).toEqual(whole);
      const before = events.slice(0, events.length - whole.length - 1);
      expect(before).toEqual(whole.slice(0, before.length));
    }
  },
);

function withoutUsage(event: ModelEvent): object {
  if (event.type === "completed") return { ...event, completion: { ...event.completion, usage: null } };
  return event.type === "failed" ? { ...event, usage: null } : event;
}

test("chunks of any sizes give the events of the whole", async () => {
  const reply = SCRIPTS["everything at once"] ?? says("");
  const bytes = bytesOf(reply);
  const whole = await play([() => response([bytes])]);
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 400 }),
      async (sizes) => {
        const chunks: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          if (at >= bytes.length) break;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        chunks.push(bytes.subarray(at));
        expect(await play([() => response(chunks)])).toEqual(whole);
      },
    ),
    { numRuns: 60 },
  );
});

test("line ends of either kind, a byte order mark and comments change nothing", async () => {
  const text = bytesOf(SCRIPTS["a patch"] ?? says("")).toString("utf8");
  const whole = await play([() => response([Buffer.from(text)])]);
  const carriage = Buffer.from(`\uFEFF: hello\r\n\r\n${text.replaceAll("\n", "\r\n")}`);
  const bytewise = Array.from(carriage, (byte) => Buffer.from([byte]));
  expect(await play([() => response([carriage])])).toEqual(whole);
  expect(await play([() => response(bytewise)])).toEqual(whole);
});

test("arbitrary bytes never throw, and end as failed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (noise) => {
      const events = await play([() => response([Buffer.from(noise)])]);
      expect(events.at(-1)?.type).toBe("failed");
    }),
    { numRuns: 100 },
  );
});

test("over a real connection, cuts at event boundaries and inside characters are whole after one retry", async () => {
  const reply = replies(says("Grüße 🎉"), callsTool("exec_command", { cmd: "ls" }));
  const bytes = bytesOf(reply);
  const cuts = interestingCuts(bytes);
  expect(cuts.length).toBeGreaterThan(20);
  const how = ["drop", "end", "reset"] as const;
  const stream = streams(bytes.toString("utf8"));
  const steps = cuts.flatMap((atByte, index) => [
    delivered(stream, { cut: { atByte, how: how[index % 3] ?? "drop" } }),
    stream,
  ]);
  await using server = await scriptedResponses([stream, ...steps]);
  const client = createResponsesClient(
    { provider: "p", baseUrl: server.url, auth: { kind: "none" } },
    processDeps({ sleep: async () => {} }),
  );
  const whole = await collect(client);
  for (const _cut of cuts) {
    const events = await collect(client);
    expect(events.filter((event) => event.type === "retrying")).toHaveLength(1);
    expect(afterRetries(events)).toEqual(whole);
  }
  client.close();
});

/** After each line, around each blank line, and inside each character of several bytes. */
function interestingCuts(bytes: Buffer): number[] {
  const cuts = new Set<number>();
  for (let at = 1; at < bytes.length; at++) {
    const afterLine = bytes[at - 1] === 0x0a;
    const insideCharacter = ((bytes[at] ?? 0) & 0xc0) === 0x80;
    if (afterLine || insideCharacter) cuts.add(at);
  }
  return [...cuts];
}
