import type { ServerNotification } from "@quire/protocol/app-server";
import { expect, test } from "vitest";
import { createClient } from "./client.ts";
import type { MessageListener } from "./message-channel.ts";

const KNOWN = { id: "r", type: "reasoning", summary: ["a"], content: [] };
const UNKNOWN = { id: "h", type: "hologram", depth: 3, items: [{ id: "x", type: "inner" }] };
const CHANGED = { id: "i", type: "imageView", path: 7 };
const TURN = {
  id: "t",
  rootTurnId: null,
  itemsView: "full",
  status: "completed",
  error: null,
  startedAt: null,
  completedAt: null,
  durationMs: null,
};

/** A client whose server is elsewhere and newer. */
function connected() {
  let server: MessageListener | null = null;
  const sent: { id: number }[] = [];
  const unknown: unknown[] = [];
  const channel = {
    listen: (listener: MessageListener) => {
      server = listener;
    },
    send: (frame: string) => sent.push(JSON.parse(frame)),
    close: () => undefined,
  };
  const client = createClient(channel, { onUnknown: (frame) => unknown.push(frame) });
  const heard: ServerNotification[] = [];
  client.onNotification((notification) => heard.push(notification));
  return { client, sent, unknown, heard, say: (frame: object) => server?.frame(JSON.stringify(frame)) };
}

test("items of a newer server come through as they are, beside those that are known", async () => {
  const { client, sent, unknown, heard, say } = connected();
  const at = { threadId: "1", turnId: "t" };
  const ended = [UNKNOWN, CHANGED, KNOWN].map((item) => ({
    method: "item/completed",
    params: { ...at, item, completedAtMs: 1 },
  }));
  const turn = {
    method: "turn/completed",
    params: { threadId: "1", turn: { ...TURN, items: [UNKNOWN, KNOWN] } },
  };
  for (const frame of [...ended, turn]) say(frame);
  const newer = { ...CHANGED, type: "newer:imageView" };
  expect(heard).toEqual([
    ended[0],
    { ...ended[1], params: { ...at, item: newer, completedAtMs: 1 } },
    ended[2],
    turn,
  ]);
  const answer = client.request("thread/turns/list", { threadId: "1" });
  const page = { data: [{ ...TURN, items: [KNOWN, UNKNOWN] }], nextCursor: null, backwardsCursor: null };
  say({ id: sent[0]?.id, result: page });
  expect(await answer).toEqual(page);
  expect(unknown).toEqual([]);
});

test("what is wrong otherwise is still not understood", () => {
  const { unknown, heard, say } = connected();
  say({ method: "item/completed", params: { threadId: "1", item: UNKNOWN } });
  say({ method: "thread/teleported", params: {} });
  expect(heard).toEqual([]);
  expect(unknown).toHaveLength(2);
});
