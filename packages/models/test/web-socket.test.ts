import { type ResponseItem, textMessage } from "@quire/protocol";
import {
  assertAppendOnly,
  callsTool,
  delivered,
  fault,
  reasons,
  replies,
  type ScriptOptions,
  type Step,
  says,
  scriptedResponses,
} from "@quire/test-support";
import { expect, test } from "vitest";
import { createResponsesClient } from "../src/providers/responses/client.ts";
import { collect, outline } from "./calls.ts";
import { processDeps } from "./process-deps.ts";
import { SHELL } from "./tool-specs.ts";

async function start(steps: readonly Step[], script: ScriptOptions = {}) {
  const server = await scriptedResponses(steps, { webSockets: true, ...script });
  const client = createResponsesClient(
    { provider: "p", baseUrl: server.url, auth: { kind: "none" }, webSockets: true },
    processDeps({ sleep: async () => {} }),
  );
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      client.close();
      await server.close();
    },
  };
}

/** Plays the calls of a thread, answering each tool call; gives the history. */
async function play(run: Awaited<ReturnType<typeof start>>, calls: number): Promise<ResponseItem[]> {
  const history: ResponseItem[] = [textMessage("user", "go")];
  for (let n = 0; n < calls; n++) {
    for (const event of await collect(run.client, { input: [...history], tools: [SHELL] })) {
      if (event.type !== "item_done") continue;
      const { item } = event;
      const { id: _id, status: _status, ...bare } = item;
      history.push(item.type === "reasoning" ? item : (bare as ResponseItem));
      if (item.type === "function_call") {
        history.push({ type: "function_call_output", call_id: item.call_id, output: `out ${n}` });
      }
    }
  }
  return history;
}

const TURN = replies(reasons("Hm."), says("Looking."), callsTool("exec_command", { cmd: "ls" }));

test("one connection serves a thread, and only what is new goes over it", async () => {
  await using run = await start([TURN, TURN, TURN, says("Done.")]);
  await play(run, 4);
  expect(run.server.requests.map(({ method, newItems }) => [method, newItems])).toEqual([
    ["GET", 1],
    ["GET", 1],
    ["GET", 1],
    ["GET", 1],
  ]);
  expect(new Set(run.server.requests.map(({ clientPort }) => clientPort)).size).toBe(1);
  expect(run.server.requests[3]?.toolOutputs).toEqual(["out 0", "out 1", "out 2"]);
  assertAppendOnly(run.server.requests);
});

test("a history that does not continue the last response is sent in full", async () => {
  await using run = await start([says("one"), says("two"), says("three")]);
  await collect(run.client);
  await collect(run.client, {
    input: [textMessage("user", "something else"), textMessage("user", "entirely")],
  });
  await collect(run.client, { model: "another" });
  expect(run.server.requests.map(({ newItems }) => newItems)).toEqual([1, 2, 1]);
});

test("after a failure everything is sent again over a new connection", async () => {
  const half = delivered(says("half of it and then"), { cutAfterDeltas: { deltas: 1, how: "drop" } });
  await using run = await start([TURN, half, says("Done.")]);
  await play(run, 2);
  expect(run.server.requests.map(({ newItems }) => newItems)).toEqual([1, 1, 5]);
});

test("a connection whose last response the endpoint has forgotten starts over without a retry", async () => {
  const forgotten = fault({ status: 400, code: "previous_response_not_found", message: "gone" });
  await using run = await start([TURN, forgotten, says("Done.")]);
  const history = await play(run, 1);
  const events = await collect(run.client, { input: history, tools: [SHELL] });
  expect(outline(events)).toEqual(["done message Done.", "completed"]);
  expect(run.server.requests.map(({ newItems }) => newItems)).toEqual([1, 1, 5]);
});

test("where no WebSocket is offered, HTTP is used, and no other try is made", async () => {
  await using run = await start([says("one"), says("two")], { webSockets: false });
  expect(outline(await collect(run.client))).toEqual(["done message one", "completed"]);
  expect(outline(await collect(run.client))).toEqual(["done message two", "completed"]);
  expect(run.server.requests.map(({ method }) => method)).toEqual(["POST", "POST"]);
});

test("threads have connections of their own", async () => {
  await using run = await start([], { afterwards: says("ok") });
  await Promise.all(
    ["a", "b", "c"].map(async (promptCacheKey) => await collect(run.client, { promptCacheKey })),
  );
  expect(new Set(run.server.requests.map(({ clientPort }) => clientPort)).size).toBe(3);
});
