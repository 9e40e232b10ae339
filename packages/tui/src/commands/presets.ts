import type { SandboxPolicy } from "@quire/protocol/app-server";
import type { ThreadSettings } from "../app/thread-settings.ts";
import type { Choice } from "../dialogs/pick.ts";

export interface Preset {
  readonly sandboxPolicy: SandboxPolicy;
  readonly approvalPolicy: ThreadSettings["approvalPolicy"];
}

/** The three that have names everywhere. */
export const PRESET_CHOICES: readonly Choice<Preset>[] = [
  {
    key: "r",
    label: "read-only",
    hint: "look and answer; asks before anything else",
    value: { sandboxPolicy: { type: "readOnly" }, approvalPolicy: "on-request" },
  },
  {
    key: "a",
    label: "auto",
    hint: "edit and run in this folder; asks for the network and for other places",
    value: { sandboxPolicy: { type: "workspaceWrite" }, approvalPolicy: "on-request" },
  },
  {
    key: "f",
    label: "full-access",
    hint: "no sandbox; asks only before something destructive",
    value: { sandboxPolicy: { type: "dangerFullAccess" }, approvalPolicy: "on-request" },
  },
];

/** The name of what a thread may do. */
export function presetOf(policy: SandboxPolicy): string {
  switch (policy.type) {
    case "readOnly":
      return "read-only";
    case "workspaceWrite":
      return "auto";
    case "dangerFullAccess":
      return "full-access";
    case "externalSandbox":
      return "external sandbox";
  }
}
