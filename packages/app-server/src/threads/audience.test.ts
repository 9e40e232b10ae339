import type { ServerNotification } from "@quire/protocol/app-server";
import { expect, test } from "vitest";
import { listeningClient } from "../../test/listening-client.ts";
import { Audience } from "./audience.ts";

const CLOSED: ServerNotification = { method: "thread/closed", params: { threadId: "t" } };
const IDLE: ServerNotification = {
  method: "thread/status/changed",
  params: { threadId: "t", status: { type: "idle" } },
};

test("a client is not told of events that it has read, but always how the thread stands and what is no event", () => {
  const audience = new Audience();
  const [early, late] = [listeningClient(), listeningClient()];
  audience.add(early.connection, 0);
  audience.add(late.connection, 2);
  audience.tell(CLOSED, 2);
  expect([early.methods(), late.methods()]).toEqual([["thread/closed"], []]);
  audience.tell(IDLE, 2);
  audience.tell(CLOSED, 3);
  audience.tell(CLOSED);
  expect(late.methods()).toEqual(["thread/status/changed", "thread/closed", "thread/closed"]);
  expect(early.methods()).toHaveLength(4);
});
