import { loadConfig, resolveHome } from "@quire/config";
import { CodedError, visibleLine } from "@quire/protocol";
import { agentsEnabled } from "../session/features.ts";
import { workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";
import type { AgentRole } from "./agent-role.ts";
import { type FoundRoles, findRoles } from "./find-roles.ts";

/** The kinds of agents that a thread in a directory would have. */
export interface RolesReport extends FoundRoles {
  /** Whether the model may start agents there. */
  readonly enabled: boolean;
}

/** Finds them as a thread would. Fails with `directory_unusable` or `config_invalid`. */
export async function rolesReport(system: System, place: string | null): Promise<RolesReport> {
  const cwd = workingDirectory(system.cwd, place);
  const home = await resolveHome(system.env, system.homeDir);
  const loaded = await loadConfig({ home, cwd, env: system.env });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  const { config, project } = loaded;
  const found = await findRoles({ home, cwd, project, configured: config.agents.roles });
  return { ...found, enabled: agentsEnabled(config, home) };
}

/** Whether every file of a kind of agent can be used as it is. */
export function allUsable({ warnings }: FoundRoles): boolean {
  return warnings.every(({ code }) => code === "agent_key_unused" || code === "agent_untrusted");
}

/** For JSON: the names of a role's file, null for what is left as the parent has it. */
export function roleView(role: AgentRole) {
  return {
    name: role.name,
    description: role.description,
    file: role.file,
    model: role.model,
    model_reasoning_effort: role.effort,
    sandbox_mode: role.sandboxMode,
    approval_policy: role.approvalPolicy,
    tools: role.tools,
    budget: {
      max_tokens: role.limits.maxTokens ?? null,
      max_cost: role.limits.maxCostUsd ?? null,
      max_calls: role.limits.maxModelCalls ?? null,
      timeout_seconds: role.limits.timeoutMs == null ? null : role.limits.timeoutMs / 1000,
    },
    developer_instructions: role.prompt,
  };
}

export function rolesText({ roles, hidden, enabled }: RolesReport): string {
  const lines = roles.flatMap((role) => [
    `${visibleLine(role.name)}  ${visibleLine(role.description)}`,
    `  ${originOf(role)}: ${traitsOf(role)}`,
    ...hidden.filter(({ name }) => name === role.name).map((other) => `  in place of ${originOf(other)}`),
  ]);
  const off = "The model may not start agents here: [agents] enabled = true in config.toml lets it.";
  return `${[...lines, ...(enabled ? [] : ["", off])].join("\n")}\n`;
}

function originOf({ file }: AgentRole): string {
  return file === null ? "built in" : visibleLine(file);
}

/** What is different from the parent, in words. */
function traitsOf(role: AgentRole): string {
  const { model, effort, sandboxMode, approvalPolicy, tools, limits } = role;
  const traits = [
    model === null ? [] : [`model ${model}`],
    effort === null ? [] : [`effort ${effort}`],
    sandboxMode === null ? [] : [`${sandboxMode} at most`],
    approvalPolicy === null ? [] : [`approvals ${approvalPolicy}`],
    tools === null ? [] : [tools.length === 0 ? "no tools" : `tools ${tools.join(" ")}`],
    limits.maxTokens == null ? [] : [`${limits.maxTokens} tokens`],
    limits.maxCostUsd == null ? [] : [`$${limits.maxCostUsd}`],
    limits.maxModelCalls == null ? [] : [`${limits.maxModelCalls} calls`],
    limits.timeoutMs == null ? [] : [`${limits.timeoutMs / 1000} s`],
  ].flat();
  return traits.length === 0 ? "as the parent" : visibleLine(traits.join(", "));
}
