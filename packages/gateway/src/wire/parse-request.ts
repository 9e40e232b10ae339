import type * as z from "zod";
import { ApiError } from "../http/api-error.ts";

/**
 * Parses a body, or a part of one that lies at `at`, by its schema. What is wrong comes back as OpenAI says it: where,
 * what, and a code.
 */
export function parseRequest<T>(schema: z.ZodType<T>, value: unknown, at: readonly PropertyKey[] = []): T {
  const parsed = schema.safeParse(value, { reportInput: true });
  if (parsed.success) return parsed.data;
  throw errorOfIssue(parsed.error.issues[0], at);
}

function errorOfIssue(issue: z.core.$ZodIssue | undefined, prefix: readonly PropertyKey[]): ApiError {
  if (issue === undefined) return new ApiError(400, "The request is not valid.");
  const path = [...prefix, ...issue.path];
  const where = paramName(path);
  if (issue.code === "unrecognized_keys") {
    const param = paramName([...path, issue.keys[0] ?? ""]);
    return new ApiError(400, `Unknown parameter: '${param}'.`, { param, code: "unknown_parameter" });
  }
  if (issue.code === "invalid_union") {
    const inner = closest(issue.errors);
    if (inner !== null) return errorOfIssue(inner, path);
  }
  if (issue.code === "invalid_type" && issue.input === undefined && where !== null) {
    return new ApiError(400, `Missing required parameter: '${where}'.`, {
      param: where,
      code: "missing_required_parameter",
    });
  }
  if (issue.code === "invalid_union" && typeof issue.input === "object" && issue.input !== null) {
    const given =
      "discriminator" in issue
        ? Object.getOwnPropertyDescriptor(issue.input, String(issue.discriminator))
        : undefined;
    if (typeof given?.value === "string") {
      return new ApiError(400, `Unsupported value for '${where}': '${given.value.slice(0, 100)}'.`, {
        param: where,
        code: "unsupported_value",
      });
    }
  }
  const code = issue.code === "invalid_type" ? "invalid_type" : "invalid_value";
  return new ApiError(400, `Invalid value for '${where ?? "the body"}': ${issue.message}.`, {
    param: where,
    code,
  });
}

/** Of the alternatives of a union the one that the value came nearest to: the error that lies deepest. */
function closest(alternatives: readonly (readonly z.core.$ZodIssue[])[]): z.core.$ZodIssue | null {
  let best: z.core.$ZodIssue | null = null;
  for (const issues of alternatives) {
    const [issue] = issues;
    if (issue !== undefined && (best === null || issue.path.length > best.path.length)) best = issue;
  }
  return best;
}

/** `input[0].content` as OpenAI writes it; null for the body itself. */
function paramName(path: readonly PropertyKey[]): string | null {
  let name = "";
  for (const key of path)
    name += typeof key === "number" ? `[${key}]` : name === "" ? String(key) : `.${String(key)}`;
  return name === "" ? null : name;
}
