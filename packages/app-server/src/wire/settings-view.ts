import type { CollaborationMode, ServerNotification } from "@quire/protocol/app-server";
import type { EffectiveSettings } from "../engine.ts";

/** The mode of a thread as clients see it. */
export function modeView(settings: EffectiveSettings): CollaborationMode {
  const { mode, model, effort, developerInstructions } = settings;
  return {
    mode,
    settings: { model, reasoning_effort: effort, developer_instructions: developerInstructions },
  };
}

/** What a thread runs under from now on. */
export function settingsUpdated(threadId: string, settings: EffectiveSettings): ServerNotification {
  const { cwd, approvalPolicy, sandbox, model, modelProvider, effort, summary } = settings;
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
        collaborationMode: modeView(settings),
        personality: null,
      },
    },
  };
}
