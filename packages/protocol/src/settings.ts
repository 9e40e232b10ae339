import * as z from "zod/mini";

/** What the sandbox lets a command do. `external-sandbox` declares that a container around us is the boundary. */
export const SandboxModeSchema = z.enum([
  "read-only",
  "workspace-write",
  "danger-full-access",
  "external-sandbox",
]);
export type SandboxMode = z.infer<typeof SandboxModeSchema>;

/** When a person is asked. `never` turns every question into an error that the model sees. */
export const ApprovalPolicySchema = z.union([
  z.enum(["untrusted", "on-failure", "on-request", "never"]),
  z.object({
    granular: z.object({
      sandbox_approval: z.boolean(),
      rules: z.boolean(),
      skill_approval: z.optional(z.boolean()),
      request_permissions: z.optional(z.boolean()),
      mcp_elicitations: z.optional(z.boolean()),
    }),
  }),
]);
export type ApprovalPolicy = z.infer<typeof ApprovalPolicySchema>;

/** How agent and user work together: `plan` looks and proposes, and changes nothing; `default` does the work. */
export const ModeKindSchema = z.enum(["plan", "default"]);
export type ModeKind = z.infer<typeof ModeKindSchema>;

/** The efforts that are known here, from least to most. */
export const KNOWN_EFFORTS = ["none", "minimal", "low", "medium", "high", "xhigh", "max", "ultra"] as const;

/** One of `KNOWN_EFFORTS` or a newer model's own word; providers map the ones they lack to the nearest they have. */
export const ReasoningEffortSchema = z.string().check(z.regex(/^[\w-]{1,32}$/));
export type ReasoningEffort = z.infer<typeof ReasoningEffortSchema>;
