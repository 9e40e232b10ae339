import { errorInfoOf } from "@quire/protocol";
import type { ServerNotification } from "@quire/protocol/app-server";
import type { LoadedThread } from "../threads/loaded-thread.ts";
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
      const tell = () => thread.tell(settingsUpdated(thread));
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

function settingsUpdated({ id: threadId, engine }: LoadedThread): ServerNotification {
  const { cwd, approvalPolicy, sandbox, model, modelProvider, effort, summary, developerInstructions } =
    engine.settings();
  return {
    method: "thread/settings/updated",
    params: {
      threadId,
      threadSettings: {
        disabledPluginIds: [],
        cwd,
        approvalPolicy,
        approvalsReviewer: "user",
        sandboxPolicy: sandbox,
        activePermissionProfile: null,
        model,
        modelProvider,
        serviceTier: null,
        effort,
        summary,
        collaborationMode: {
          mode: "default",
          settings: { model, reasoning_effort: effort, developer_instructions: developerInstructions },
        },
        personality: null,
      },
    },
  };
}
