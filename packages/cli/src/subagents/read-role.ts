import { checkTable, formatKeyPath, type KeyFinding, lineOfKey, parseToml } from "@quire/config";
import { ApprovalPolicySchema, ReasoningEffortSchema, SandboxModeSchema } from "@quire/protocol";
import * as z from "zod/mini";
import type { AgentRole } from "./agent-role.ts";

const positive = z.optional(z.number().check(z.gt(0)));
const words = z.optional(z.string());

/** A role's file: Codex's keys, and ours for tools and budget. */
const RoleFileSchema = z.object({
  name: words,
  description: words,
  developer_instructions: words,
  model: words,
  model_reasoning_effort: z.optional(ReasoningEffortSchema),
  sandbox_mode: z.optional(SandboxModeSchema),
  approval_policy: z.optional(ApprovalPolicySchema),
  tools: z.optional(z.array(z.string())),
  budget: z.optional(
    z.object({ max_tokens: positive, max_cost: positive, max_calls: positive, timeout_seconds: positive }),
  ),
  nickname_candidates: z.optional(z.array(z.string())),
});

const NAME = /^[\w.-]{1,64}$/;

/** Something about a role's file that a person should mend. */
export interface RoleFileProblem {
  /** From 1; null where it is about the file as a whole. */
  readonly line: number | null;
  /** The key, dotted; null where it is about none. */
  readonly key: string | null;
  /** What is wrong and what would be right, without the place. */
  readonly message: string;
}

export type ReadRole =
  /** `unused` are keys that do nothing here. */
  { ok: true; role: AgentRole; unused: readonly RoleFileProblem[] } | { ok: false; problem: RoleFileProblem };

/** Reads the text of a role's file. `given` is what is said of it elsewhere, and wins. */
export async function readRole(
  text: string,
  given: { name: string; description: string | null; file: string },
): Promise<ReadRole> {
  const parsed = await parseToml(text);
  if (!parsed.ok) {
    const message = `this is not TOML: ${parsed.message}${parsed.lineText === "" ? "" : `, in: ${parsed.lineText}`}`;
    return { ok: false, problem: { line: parsed.line, key: null, message } };
  }
  const { table, findings } = checkTable(parsed.table, RoleFileSchema);
  const invalid = findings.find(({ kind }) => kind === "invalid");
  if (invalid !== undefined) return { ok: false, problem: problemOf(text, invalid) };
  const role = roleOf(z.parse(RoleFileSchema, table), given);
  if (!NAME.test(role.name)) {
    const message = `the name must be of letters, digits and . _ - (at most 64), found ${JSON.stringify(role.name.slice(0, 80))}; set name = "…" in the file`;
    return { ok: false, problem: { line: lineOfKey(text, ["name"]), key: "name", message } };
  }
  return { ok: true, role, unused: findings.map((finding) => problemOf(text, finding)) };
}

function problemOf(text: string, finding: KeyFinding): RoleFileProblem {
  const key = formatKeyPath(finding.path);
  const line = lineOfKey(text, finding.path);
  if (finding.kind === "invalid") {
    return { line, key, message: `${key} must be ${finding.expected}, found ${finding.found}` };
  }
  const hint = finding.suggestion === null ? "" : `; did you mean ${finding.suggestion}?`;
  return { line, key, message: `kinds of agents do not use ${key}${hint}` };
}

function roleOf(
  data: z.infer<typeof RoleFileSchema>,
  given: { name: string; description: string | null; file: string },
): AgentRole {
  const { budget = {} } = data;
  return {
    name: data.name ?? given.name,
    description: given.description ?? data.description ?? "No description.",
    prompt: data.developer_instructions ?? null,
    model: data.model ?? null,
    effort: data.model_reasoning_effort ?? null,
    sandboxMode: data.sandbox_mode ?? null,
    approvalPolicy: data.approval_policy ?? null,
    tools: data.tools ?? null,
    limits: {
      ...(budget.max_tokens === undefined ? {} : { maxTokens: budget.max_tokens }),
      ...(budget.max_cost === undefined ? {} : { maxCostUsd: budget.max_cost }),
      ...(budget.max_calls === undefined ? {} : { maxModelCalls: budget.max_calls }),
      ...(budget.timeout_seconds === undefined ? {} : { timeoutMs: budget.timeout_seconds * 1000 }),
    },
    file: given.file,
  };
}
