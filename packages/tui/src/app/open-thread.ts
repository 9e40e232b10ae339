import type { Client } from "@quire/client";
import type { ClientParams, ClientResult } from "@quire/protocol/app-server";
import type { OpenHow } from "../commands/command.ts";

/** The settings that a thread of this run begins with. */
export type ThreadParams = Pick<
  ClientParams<"thread/start">,
  "model" | "modelProvider" | "cwd" | "approvalPolicy" | "sandbox" | "config" | "limits"
>;

/** A thread that was opened, with what it runs under. */
export type Opened = ClientResult<"thread/start"> & {
  readonly collaborationMode?: ClientResult<"thread/resume">["collaborationMode"] | undefined;
};

/** Opens a thread and follows it. */
export async function openThread(client: Client, how: OpenHow, params: ThreadParams): Promise<Opened> {
  switch (how.kind) {
    case "new":
      return client.request("thread/start", { ...params, threadSource: "user" });
    case "resume":
      return client.request("thread/resume", {
        ...params,
        threadId: how.threadId,
        excludeTurns: true,
        excludeHistory: true,
      });
    case "fork":
      return client.request("thread/fork", {
        ...params,
        threadId: how.threadId,
        excludeTurns: true,
        ...(how.lastTurnId === undefined ? {} : { lastTurnId: how.lastTurnId }),
      });
  }
}
