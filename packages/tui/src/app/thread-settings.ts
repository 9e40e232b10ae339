import type { ReasoningEffort } from "@quire/protocol";
import type {
  ClientParams,
  ClientResult,
  NotificationParams,
  SandboxPolicy,
} from "@quire/protocol/app-server";
import type { Opened } from "./open-thread.ts";

/** What the thread runs under from the next turn on. */
export interface ThreadSettings {
  readonly model: string;
  readonly modelProvider: string;
  readonly effort: string | null;
  readonly cwd: string;
  readonly sandbox: SandboxPolicy;
  readonly approvalPolicy: ClientResult<"thread/start">["approvalPolicy"];
}

/** Settings that the next turn is started with. */
export type TurnChange = Pick<
  ClientParams<"turn/start">,
  "model" | "sandboxPolicy" | "approvalPolicy" | "cwd"
> & { effort?: ReasoningEffort };

/** What a thread was opened with. */
export function settingsOf(opened: Opened): ThreadSettings {
  return {
    model: opened.model,
    modelProvider: opened.modelProvider,
    effort: opened.reasoningEffort,
    cwd: opened.cwd,
    sandbox: opened.sandbox,
    approvalPolicy: opened.approvalPolicy,
  };
}

/** With what was changed and not sent yet. */
export function changed(settings: ThreadSettings, change: TurnChange): ThreadSettings {
  return {
    ...settings,
    ...(change.model ? { model: change.model } : {}),
    ...(change.effort ? { effort: change.effort } : {}),
    ...(change.sandboxPolicy ? { sandbox: change.sandboxPolicy } : {}),
    ...(change.approvalPolicy ? { approvalPolicy: change.approvalPolicy } : {}),
    ...(change.cwd ? { cwd: change.cwd } : {}),
  };
}

/** As the server tells them, which may be of a change by another client; `unsent` still counts from the next turn on. */
export function settingsTold(
  told: NotificationParams<"thread/settings/updated">["threadSettings"],
  unsent: TurnChange,
): ThreadSettings {
  const { model, modelProvider, effort, cwd, sandboxPolicy, approvalPolicy } = told;
  return changed({ model, modelProvider, effort, cwd, sandbox: sandboxPolicy, approvalPolicy }, unsent);
}
