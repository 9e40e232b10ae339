import { request as httpRequest } from "node:http";
import { expect, test } from "vitest";
import { type ScriptedServer, scriptedResponses } from "./scripted-server.ts";
import {
  callsTool,
  callsTools,
  delivered,
  fault,
  gate,
  patches,
  reasons,
  replies,
  type Step,
  says,
  sendsItem,
  streams,
} from "./step.ts";

interface Answered {
  status: number;
  headers: Record<string, unknown>;
  body: string;
  /** Sizes of the pieces as they arrived. */
  pieces: number[];
  brokenOff: boolean;
}

function post(server: ScriptedServer, body: object | string = {}): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${server.url}/responses`, { method: "POST" }, (response) => {
      const chunks: Buffer[] = [];
      const finish = (brokenOff: boolean): void =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString("utf8"),
          pieces: chunks.map((chunk) => chunk.length),
          brokenOff,
        });
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => finish(false));
      response.on("error", () => finish(true));
    });
    request.on("error", reject);
    request.end(typeof body === "string" ? body : JSON.stringify(body));
  });
}

interface StreamEvent {
  type: string;
  delta?: string;
  item?: { type: string };
  response?: {
    status: string;
    output: unknown[];
    usage: unknown;
    error?: unknown;
    incomplete_details?: unknown;
  };
}

function eventsIn(body: string): StreamEvent[] {
  return body
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => {
      const [event, data] = block.split("\n");
      const parsed: StreamEvent = JSON.parse((data ?? "").replace(/^data: /, ""));
      expect(event).toBe(`event: ${parsed.type}`);
      return parsed;
    });
}

async function answer(step: Step, body: object = {}): Promise<StreamEvent[]> {
  await using server = await scriptedResponses([step]);
  return eventsIn((await post(server, body)).body);
}

test("an answer tells its items and then repeats them in the closing event", async () => {
  const events = await answer(
    replies(
      reasons("Hm."),
      says("Grüße 🎉"),
      callsTool("ls", { a: 1 }),
      patches("*** P"),
      sendsItem({ type: "odd" }),
    ),
  );
  const done = events.flatMap((event) => (event.type === "response.output_item.done" ? [event.item] : []));
  expect(done.map((item) => item?.type)).toEqual([
    "reasoning",
    "message",
    "function_call",
    "custom_tool_call",
    "odd",
  ]);
  expect(done).toMatchObject([
    { summary: [{ type: "summary_text", text: "Hm." }] },
    { content: [{ type: "output_text", text: "Grüße 🎉" }] },
    { name: "ls", arguments: '{"a":1}' },
    { name: "apply_patch", input: "*** P" },
    {},
  ]);
  expect(events.at(-1)).toMatchObject({
    type: "response.completed",
    response: { status: "completed", output: done },
  });
  expect(events.filter((event) => event.type.endsWith("text.delta")).map((event) => event.delta)).toEqual([
    "Hm.",
    "Grüße 🎉",
  ]);
});

test("ids differ between parallel calls, unless the script wants them equal", async () => {
  const ids = async (step: Step) =>
    (await answer(step)).flatMap((event) =>
      event.type === "response.output_item.done" && event.item !== undefined && "call_id" in event.item
        ? [event.item.call_id]
        : [],
    );
  const [first, second] = await ids(
    callsTools([
      ["a", {}],
      ["b", {}],
    ]),
  );
  expect(first).not.toBe(second);
  const same = { callId: "same" };
  expect(
    await ids(
      callsTools([
        ["a", {}, same],
        ["b", "not json", same],
      ]),
    ),
  ).toEqual(["same", "same"]);
});

test("a patch comes as a function call where the tool is offered as one", async () => {
  const tools = [{ type: "function", name: "apply_patch", parameters: { properties: { patch: {} } } }];
  const events = await answer(patches("*** P"), { tools });
  expect(events.find((event) => event.type === "response.output_item.done")?.item).toMatchObject({
    type: "function_call",
    arguments: '{"patch":"*** P"}',
  });
});

test("responses can end as incomplete or failed", async () => {
  const incomplete = await answer(
    says("x", { outcome: { kind: "incomplete", reason: "max_output_tokens" } }),
  );
  expect(incomplete.at(-1)).toMatchObject({
    type: "response.incomplete",
    response: { incomplete_details: { reason: "max_output_tokens" } },
  });
  const failed = await answer(
    says("x", { outcome: { kind: "failed", code: "server_error", message: "no" } }),
  );
  expect(failed.at(-1)).toMatchObject({
    type: "response.failed",
    response: { error: { code: "server_error" } },
  });
});

test("so many deltas of so many characters", async () => {
  const deltas = (await answer(says({ deltas: 45, chars: 7 }))).filter((event) => event.delta !== undefined);
  expect(deltas.map((event) => event.delta?.length)).toEqual(Array.from({ length: 45 }, () => 7));
});

test("steps are taken in order, then the afterwards step, then it says that the script is over", async () => {
  await using server = await scriptedResponses([says("one"), (request) => says(`model ${request.model}`)]);
  expect((await post(server)).body).toContain("one");
  expect((await post(server, { model: "m7" })).body).toContain("model m7");
  const over = await post(server);
  expect([over.status, over.body]).toEqual([400, expect.stringContaining("none for request 3")]);
  await using endless = await scriptedResponses([], { afterwards: says("again") });
  expect((await post(endless)).body).toContain("again");
  expect((await post(endless)).body).toContain("again");
});

test("by history, the number of tool outputs chooses the step", async () => {
  await using server = await scriptedResponses([says("none yet"), says("one output")], { cursor: "history" });
  const output = { type: "function_call_output", call_id: "c", output: "x" };
  expect((await post(server, { input: [output] })).body).toContain("one output");
  expect((await post(server, { input: [] })).body).toContain("none yet");
});

test("requests are recorded with what tests ask about", async () => {
  await using server = await scriptedResponses([says("hi")]);
  const body = {
    model: "m",
    tools: [
      { type: "function", name: "f", parameters: { properties: { cmd: {} } } },
      { type: "custom", name: "c" },
    ],
    input: [
      {
        type: "message",
        role: "user",
        content: [
          { type: "input_text", text: "a" },
          { type: "input_text", text: "b" },
        ],
      },
      { type: "function_call_output", call_id: "1", output: "plain" },
      {
        type: "custom_tool_call_output",
        call_id: "2",
        output: [{ type: "input_image", image_url: "data:x" }],
      },
    ],
  };
  await post(server, body);
  expect(server.requests[0]).toMatchObject({
    method: "POST",
    path: "/v1/responses",
    model: "m",
    tools: [
      { name: "f", kind: "function", argument: "cmd" },
      { name: "c", kind: "freeform", argument: "input" },
    ],
    inputTexts: ["ab"],
    toolOutputs: ["plain", "data:x"],
    raw: Buffer.from(JSON.stringify(body)),
    body,
    closedByClient: false,
  });
});

test("a body that is no JSON is recorded, too", async () => {
  await using server = await scriptedResponses([says("hi")]);
  await post(server, "not json");
  expect(server.requests[0]).toMatchObject({ raw: Buffer.from("not json"), body: undefined, inputTexts: [] });
});

test("each fault does what it says", async () => {
  await using server = await scriptedResponses([
    fault({ status: 429, retryAfter: 7, code: "slow", message: "wait" }),
    fault({ html: true }),
    fault({ malformed: true }),
    fault({ truncate: true }),
    fault({ drop: "midway" }),
    fault({ drop: "before" }),
  ]);
  const limited = await post(server);
  expect([limited.status, limited.headers["retry-after"], JSON.parse(limited.body)]).toEqual([
    429,
    "7",
    { error: { code: "slow", type: "slow", message: "wait" } },
  ]);
  expect(await post(server)).toMatchObject({ status: 200, headers: { "content-type": "text/html" } });
  expect((await post(server)).body).toContain("}{");
  const truncated = await post(server);
  expect([truncated.brokenOff, truncated.body.includes("response.completed")]).toEqual([false, false]);
  const dropped = await post(server);
  expect([dropped.brokenOff, dropped.body.includes("output_text.delta")]).toEqual([true, true]);
  await expect(post(server)).rejects.toThrow();
});

test("bytes can be delivered one by one and cut anywhere", async () => {
  const body = "data: ü\n\n";
  await using server = await scriptedResponses([
    streams(body, { chunkBytes: 1 }),
    delivered(streams(body), { cut: { atByte: 7, how: "end" } }),
    delivered(streams(body), { cut: { atByte: 7, how: "drop" } }),
  ]);
  const single = await post(server);
  expect([single.body, single.pieces]).toEqual([body, Array.from({ length: 10 }, () => 1)]);
  const cut = { pieces: [7] };
  expect(await post(server)).toMatchObject({ ...cut, brokenOff: false });
  expect(await post(server)).toMatchObject({ ...cut, brokenOff: true });
});

test("a stall is silence in the middle and then the rest", async () => {
  await using server = await scriptedResponses([fault({ stall: 120 })]);
  const started = performance.now();
  const { body } = await post(server);
  expect(performance.now() - started).toBeGreaterThanOrEqual(110);
  expect(body).toContain("response.completed");
});

test("an answer can be held until the test goes on, and a held one ends with its client", async () => {
  const { open, delivery } = gate();
  await using server = await scriptedResponses([
    delivered(says("held"), delivery),
    delivered(says("one two three"), {
      chunkChars: 4,
      hold: (deltas) => (deltas === 2 ? opened : undefined),
    }),
  ]);
  const first = post(server);
  await server.arrived(1);
  open();
  expect((await first).body).toContain("held");
  let go = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    go = resolve;
  });
  const second = post(server);
  await server.arrived(2);
  go();
  expect((await second).pieces.length).toBeGreaterThan(1);
});

test("waiting for a request ends when it is there, or when the server closes", async () => {
  const server = await scriptedResponses([says("hi")]);
  const first = server.arrived(1);
  await post(server);
  await first;
  const never = server.arrived(2);
  await server.close();
  await never;
  await server.close();
});
