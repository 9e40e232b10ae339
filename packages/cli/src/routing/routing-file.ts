import fs from "node:fs";
import path from "node:path";
import { parseToml } from "@quire/config";
import { CodedError, ErrorCodeSchema, ReasoningEffortSchema } from "@quire/protocol";
import * as z from "zod/mini";

const list = z.optional(z.array(z.string()));
const count = z.optional(z.int().check(z.gte(0)));
const effort = z.optional(ReasoningEffortSchema);

const RuleSchema = z.strictObject({
  name: z.string(),
  /** Conditions: those that are given must all hold. */
  tags: list,
  words: list,
  files: list,
  roles: list,
  min_prompt_chars: count,
  max_prompt_chars: count,
  /** What follows. */
  model: z.optional(z.string()),
  effort,
  budget: z.optional(
    z.strictObject({
      max_cost: z.optional(z.number().check(z.gt(0))),
      max_tokens: z.optional(z.int().check(z.gte(1))),
    }),
  ),
  fallback: z.optional(
    z.strictObject({ model: z.string(), effort, on: z.optional(z.array(ErrorCodeSchema)) }),
  ),
});
/** One rule of `routing.toml`. */
export type RoutingRule = z.infer<typeof RuleSchema>;

const FileSchema = z.strictObject({ rule: z.optional(z.array(RuleSchema)) });

export function routingFile(home: string): string {
  return path.join(home, "routing.toml");
}

/** The rules of a home in their order; none without a file. Fails with `config_invalid`, naming the place. */
export async function readRouting(home: string): Promise<RoutingRule[]> {
  const file = routingFile(home);
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    throw invalid(file, "cannot be read", cause);
  }
  const toml = await parseToml(text);
  if (!toml.ok) throw invalid(file, `line ${toml.line}, column ${toml.column}: ${toml.message}`, null);
  const parsed = FileSchema.safeParse(toml.table);
  if (parsed.success) return parsed.data.rule ?? [];
  const [issue] = parsed.error.issues;
  throw invalid(file, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not as it should be"}`, null);
}

function invalid(file: string, what: string, cause: unknown): CodedError {
  return new CodedError("config_invalid", `${file}: ${what}`, {
    cause,
    nextStep: "Correct the file; quire route --help shows what a rule may say.",
  });
}
