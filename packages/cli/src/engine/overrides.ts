import type { ThreadOverrides, TurnOverrides } from "@quire/app-server";
import { type ConfigFile, parseKeyPath } from "@quire/config";
import { CodedError } from "@quire/protocol";
import type { SandboxPolicy } from "@quire/protocol/app-server";

type Table = Record<string, unknown>;

/** What clients set, in the words of config.toml, so that one place checks it all. Later sets win. */
export function flagsOf(sets: readonly (ThreadOverrides & TurnOverrides)[]): Readonly<ConfigFile> {
  const flags: Table = {};
  for (const set of sets) {
    for (const [key, value] of Object.entries(set.config ?? {})) setAt(flags, parseKeyPath(key), value);
    assign(flags, "model", set.model);
    assign(flags, "model_provider", set.modelProvider);
    assign(flags, "approval_policy", set.approvalPolicy);
    assign(flags, "sandbox_mode", set.sandbox);
    assign(flags, "instructions", set.baseInstructions);
    assign(flags, "developer_instructions", set.developerInstructions);
    assign(flags, "model_reasoning_effort", set.effort);
    assign(flags, "model_reasoning_summary", set.summary);
    if (set.sandboxPolicy) setSandbox(flags, set.sandboxPolicy);
  }
  // Checked by the loader against its schema, as every other layer is.
  return flags as Readonly<ConfigFile>;
}

function assign(table: Table, key: string, value: unknown): void {
  if (value !== undefined) table[key] = value;
}

function setSandbox(flags: Table, policy: SandboxPolicy): void {
  switch (policy.type) {
    case "dangerFullAccess":
      flags.sandbox_mode = "danger-full-access";
      return;
    case "readOnly":
      flags.sandbox_mode = "read-only";
      return;
    case "externalSandbox":
      flags.sandbox_mode = "external-sandbox";
      return;
    case "workspaceWrite":
      flags.sandbox_mode = "workspace-write";
      setAt(flags, ["sandbox_workspace_write", "writable_roots"], policy.writableRoots);
      setAt(flags, ["sandbox_workspace_write", "network_access"], policy.networkAccess);
      setAt(flags, ["sandbox_workspace_write", "exclude_tmpdir_env_var"], policy.excludeTmpdirEnvVar);
      setAt(flags, ["sandbox_workspace_write", "exclude_slash_tmp"], policy.excludeSlashTmp);
  }
}

function setAt(table: Table, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path;
  if (key === undefined || value === undefined || value === null) return;
  if (key === "__proto__") throw new CodedError("usage_invalid", "a configuration key may not be __proto__");
  if (rest.length === 0) {
    table[key] = value;
    return;
  }
  const inner = table[key];
  const next: Table =
    typeof inner === "object" && inner !== null && !Array.isArray(inner) ? { ...inner } : {};
  table[key] = next;
  setAt(next, rest, value);
}
