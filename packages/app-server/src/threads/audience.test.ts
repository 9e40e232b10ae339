import type { ServerNotification } from "@quire/protocol/app-server";
import { expect, test } from "vitest";
import { Connection } from "../connection.ts";
import { OUTPUT_LIMITS } from "../output-queue.ts";
import { Audience } from "./audience.ts";

function client() {
  const told: string[] = [];
  const connection = new Connection(
    {
      send: (frame) => {
        told.push(JSON.parse(frame).method);
        return true;
      },
      close: () => undefined,
    },
    {
      dispatcher: { run: async () => null, isConcurrent: () => false },
      limits: OUTPUT_LIMITS,
      onAnswer: () => undefined,
      onClose: () => undefined,
    },
  );
  connection.initialize({ clientInfo: { name: "test", version: "1" } });
  return { connection, told };
}

const CLOSED: ServerNotification = { method: "thread/closed", params: { threadId: "t" } };
const IDLE: ServerNotification = {
  method: "thread/status/changed",
  params: { threadId: "t", status: { type: "idle" } },
};

test("a client is not told of events that it has read, but always how the thread stands and what is no event", () => {
  const audience = new Audience();
  const [early, late] = [client(), client()];
  audience.add(early.connection, 0);
  audience.add(late.connection, 2);
  audience.tell(CLOSED, 2);
  expect([early.told, late.told]).toEqual([["thread/closed"], []]);
  audience.tell(IDLE, 2);
  audience.tell(CLOSED, 3);
  audience.tell(CLOSED);
  expect(late.told).toEqual(["thread/status/changed", "thread/closed", "thread/closed"]);
  expect(early.told).toHaveLength(4);
});
