import { parseToml } from "@quire/config";
import { ApprovalPolicySchema, ReasoningEffortSchema, SandboxModeSchema } from "@quire/protocol";
import * as z from "zod/mini";
import type { AgentRole } from "./agent-role.ts";

const positive = z.optional(z.number().check(z.gt(0)));
const words = z.optional(z.string());

/** A role's file: Codex's keys, and ours for tools and budget. */
const RoleFileSchema = z.looseObject({
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

const KNOWN_KEYS: ReadonlySet<string> = new Set(Object.keys(RoleFileSchema.shape));

export type ReadRole =
  /** `unused` are keys that are valid somewhere and do nothing here. */
  { ok: true; role: AgentRole; unused: readonly string[] } | { ok: false; problem: string };

/** Reads the text of a role's file. `given` is what is said of it elsewhere, and wins. */
export async function readRole(
  text: string,
  given: { name: string; description: string | null; file: string },
): Promise<ReadRole> {
  const parsed = await parseToml(text);
  if (!parsed.ok) return { ok: false, problem: parsed.message };
  const read = RoleFileSchema.safeParse(parsed.table);
  if (!read.success) {
    const [issue] = read.error.issues;
    return { ok: false, problem: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not understood"}` };
  }
  const { data } = read;
  const { budget = {} } = data;
  const role: AgentRole = {
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
  return { ok: true, role, unused: Object.keys(data).filter((key) => !KNOWN_KEYS.has(key)) };
}
