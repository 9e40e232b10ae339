import type { ApprovalPolicy, SandboxMode } from "./settings.ts";

/** A named pair of rights: how far commands reach, and when a person is asked. Where nobody can be asked, nobody is. */
export interface Preset {
  readonly name: "read-only" | "auto" | "full-access";
  readonly sandboxMode: SandboxMode;
  readonly approvalPolicy: ApprovalPolicy;
  /** One sentence for a person who chooses. */
  readonly meaning: string;
}

export const PRESETS: readonly Preset[] = [
  {
    name: "read-only",
    sandboxMode: "read-only",
    approvalPolicy: "on-request",
    meaning: "Looks at everything but secrets, changes nothing, has no network.",
  },
  {
    name: "auto",
    sandboxMode: "workspace-write",
    approvalPolicy: "on-request",
    meaning: "Works inside the workspace without asking; anything beyond it, and the network, is asked for.",
  },
  {
    name: "full-access",
    sandboxMode: "danger-full-access",
    approvalPolicy: "never",
    meaning:
      "Runs commands as you would; what looks hostile, or destroys something outside the workspace, is held up.",
  },
];

export function findPreset(name: string): Preset | null {
  return PRESETS.find((preset) => preset.name === name) ?? null;
}

/** A sandbox mode as people see it: with the name of its preset where it has one. */
export function sandboxLabel(mode: SandboxMode): string {
  const preset = PRESETS.find((candidate) => candidate.sandboxMode === mode);
  return preset === undefined || preset.name === mode ? mode : `${preset.name} (${mode})`;
}
