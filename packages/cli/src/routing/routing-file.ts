import fs from "node:fs";
import { parseToml } from "@quire/config";
import { CodedError, ErrorCodeSchema, isWithin, ReasoningEffortSchema } from "@quire/protocol";
import * as z from "zod/mini";
import { readPlainText } from "../session/plain-text.ts";
import { homeRoutingFile, projectRoutingFile, type RoutingPlaces } from "./routing-places.ts";

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
  /** Files that git knows in the repository. */
  min_repo_files: count,
  max_repo_files: count,
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
/** One rule of a routing file. */
export type RoutingRule = z.infer<typeof RuleSchema> & {
  /** The file that it stands in, for people. */
  readonly file: string;
};

const FileSchema = z.strictObject({ rule: z.optional(z.array(RuleSchema)) });

export interface Routing {
  /** The project's in their order, then the user's: what is said of one project is nearer. */
  readonly rules: readonly RoutingRule[];
  /** Why a project's file does not count; null when there is none or it does. */
  readonly ignored: { readonly file: string; readonly why: "changed" | "untrusted" } | null;
}

/** The rules that count; none without files. Fails with `config_invalid`, naming the place. */
export async function readRouting({ home, project }: RoutingPlaces): Promise<Routing> {
  const own = homeRoutingFile(home);
  const ownText = readText(own);
  const ownRules = ownText === null ? [] : await parseRules(ownText, own, "routing.toml");
  if (project === null) return { rules: ownRules, ignored: null };
  const file = projectRoutingFile(project.root);
  const text = staysInside(file, project.root) && !isSameFile(file, own) ? readText(file) : null;
  if (text === null) return { rules: ownRules, ignored: null };
  const verdict = project.accepts(file, text);
  if (verdict !== "trusted") return { rules: ownRules, ignored: { file, why: verdict } };
  const rules = await parseRules(text, file, ".quire/routing.toml");
  return { rules: [...rules, ...ownRules], ignored: null };
}

async function parseRules(text: string, file: string, shown: string): Promise<RoutingRule[]> {
  const toml = await parseToml(text);
  if (!toml.ok) throw invalid(file, `line ${toml.line}, column ${toml.column}: ${toml.message}`, null);
  const parsed = FileSchema.safeParse(toml.table);
  if (parsed.success) return (parsed.data.rule ?? []).map((rule) => ({ ...rule, file: shown }));
  const [issue] = parsed.error.issues;
  throw invalid(file, `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not as it should be"}`, null);
}

/** Null where there is none. */
function readText(file: string): string | null {
  if (!fs.existsSync(file)) return null;
  const text = readPlainText(file, null);
  if (text === null) throw invalid(file, "cannot be read as a text file of at most 1 MiB", null);
  return text;
}

/** A link out of the project is no file of the project's. */
function staysInside(file: string, root: string): boolean {
  try {
    return isWithin(fs.realpathSync(file), fs.realpathSync(root));
  } catch {
    // There is none.
    return false;
  }
}

/** In the user's own folder the home is `.quire` of the project as well. */
function isSameFile(a: string, b: string): boolean {
  return fs.existsSync(b) && fs.realpathSync(a) === fs.realpathSync(b);
}

function invalid(file: string, what: string, cause: unknown): CodedError {
  return new CodedError("config_invalid", `${file}: ${what}`, {
    cause,
    nextStep: "Correct the file; quire route --help shows what a rule may say.",
  });
}
