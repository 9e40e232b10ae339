import { errorInfoOf } from "@quire/protocol";
import type { LoadedThreads } from "../threads/loaded-threads.ts";
import type { Handlers } from "./handlers.ts";
import { overridesOf } from "./turns.ts";

/** Settings of a thread between its turns. While one runs, a change waits for its end and does not fail the request. */
export function threadSettingsMethods(loaded: LoadedThreads): Handlers<"thread/settings/update"> {
  return {
    async "thread/settings/update"(params, call) {
      const thread = loaded.get(params.threadId);
      const overrides = overridesOf(params);
      const isRunning = thread.runningTurnId !== null;
      const applied = thread.change(overrides);
      const tell = () => thread.tellSettings();
      if (!isRunning) {
        await applied;
        call.afterwards(tell);
        return {};
      }
      void applied.then(tell, (thrown: unknown) => {
        const { code, message } = errorInfoOf(thrown);
        const text = `The settings were not changed: ${message}`;
        thread.tell({ method: "warning", params: { threadId: thread.id, message: text, code } });
      });
      return {};
    },
  };
}
