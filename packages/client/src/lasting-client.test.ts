import { expect, test } from "vitest";
import { ClientError } from "./client-error.ts";
import { type ConnectionState, connectLasting } from "./lasting-client.ts";
import type { MessageChannel, MessageListener } from "./message-channel.ts";

const INITIALIZE = { clientInfo: { name: "test", title: null, version: "1" }, capabilities: null };

/** A server that answers `initialize`, whose connections the test ends. */
function server() {
  let listener: MessageListener | null = null;
  let failure: ClientError | null = null;
  const sent: string[] = [];
  const waits: { ms: number; call: () => void }[] = [];
  const channel = (): MessageChannel => ({
    listen(next) {
      listener = next;
    },
    send: () => undefined,
    sendValue(frame) {
      const { id, method } = frame as { id?: number; method?: string };
      sent.push(method ?? `answer to ${id}`);
      if (method === "initialize") queueMicrotask(() => listener?.value({ id, result: { userAgent: "s" } }));
    },
    close: () => listener?.closed(null),
  });
  return {
    sent,
    waits,
    refuse: (next: ClientError | null) => {
      failure = next;
    },
    lose: (reason: string) => listener?.closed(reason),
    say: (frame: object) => listener?.value(frame),
    options: {
      connect: async () => {
        if (failure !== null) throw failure;
        return channel();
      },
      initialize: INITIALIZE,
      clock: {
        now: () => 1000,
        after(ms: number, call: () => void) {
          waits.push({ ms, call });
          return () => undefined;
        },
      },
    },
  };
}

const rest = () => new Promise((resolve) => setImmediate(resolve));

test("it connects again, later each time, with its handlers and listeners, and says where it stands", async () => {
  const { options, waits, lose, say, sent, refuse } = server();
  const client = await connectLasting(options);
  const states: ConnectionState[] = [];
  const heard: string[] = [];
  client.onState((state) => states.push(state));
  client.onNotification(({ method }) => heard.push(method));
  client.onRequest("item/tool/requestUserInput", () => ({ answers: {} }));
  client.onReconnected(async () => {
    heard.push("again");
    throw new Error("its own to tell");
  });
  const pending = client.request("thread/loaded/list", {});
  lose("cut");
  await expect(pending).rejects.toMatchObject({ code: "connection_closed" });
  await expect(client.request("thread/loaded/list", {})).rejects.toMatchObject({ code: "connection_lost" });
  await rest();
  refuse(new ClientError("connection_failed", "nobody there"));
  waits.shift()?.call();
  await rest();
  refuse(null);
  waits.shift()?.call();
  await rest();
  expect(states).toEqual([
    { kind: "lost", reason: "cut", attempt: 1, retryAt: 1250 },
    { kind: "lost", reason: "nobody there", attempt: 2, retryAt: 1500 },
    { kind: "connected" },
  ]);
  say({ method: "thread/closed", params: { threadId: "t" } });
  say({
    id: "q",
    method: "item/tool/requestUserInput",
    params: { threadId: "t", turnId: "u", itemId: "i", questions: [] },
  });
  await rest();
  expect(heard).toEqual(["again", "thread/closed"]);
  expect(sent.filter((method) => method === "initialize")).toHaveLength(2);
  expect(sent.at(-1)).toBe("answer to q");
  client.close();
  expect(await client.closed).toBeNull();
});

test("a server that does not want it back ends it; so does closing, and nothing is tried after that", async () => {
  const { options, waits, lose, refuse } = server();
  const client = await connectLasting(options);
  lose("cut");
  await rest();
  refuse(new ClientError("connection_refused", "wrong token"));
  waits.shift()?.call();
  expect(await client.closed).toBe("wrong token");
  expect(waits).toEqual([]);
  await expect(connectLasting(options)).rejects.toMatchObject({ code: "connection_refused" });
});
