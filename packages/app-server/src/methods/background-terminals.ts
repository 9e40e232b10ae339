import { pageOf } from "../page.ts";
import type { LoadedThreads } from "../threads/loaded-threads.ts";
import type { Handlers } from "./handlers.ts";

/** Commands that the agent left running. */
export function backgroundTerminalMethods(
  loaded: LoadedThreads,
): Handlers<"thread/backgroundTerminals/list" | "thread/backgroundTerminals/terminate"> {
  return {
    "thread/backgroundTerminals/list"(params) {
      const commands = loaded.get(params.threadId).engine.backgroundCommands();
      const { data, nextCursor } = pageOf(commands, ({ processId }) => processId, params, 100);
      const unmeasured = { osPid: null, cpuPercent: null, rssKb: null };
      return { data: data.map((command) => ({ ...command, ...unmeasured })), nextCursor };
    },
    async "thread/backgroundTerminals/terminate"({ threadId, processId }) {
      return { terminated: await loaded.get(threadId).engine.terminateCommand(processId) };
    },
  };
}
