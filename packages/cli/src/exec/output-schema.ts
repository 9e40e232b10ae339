import fs from "node:fs";
import type { JsonSchema } from "@quire/models";
import { CodedError, visibleLine } from "@quire/protocol";

/** Reads the file of `--output-schema`. Fails with `schema_invalid`, naming the file and what is wrong with it. */
export function readOutputSchema(path: string): JsonSchema {
  let text: string;
  try {
    text = fs.readFileSync(path, "utf8");
  } catch (cause) {
    throw invalid(path, `cannot be read (${cause instanceof Error ? cause.message : String(cause)})`, cause);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(
      path,
      `is not JSON (${visibleLine(cause instanceof Error ? cause.message : String(cause))})`,
      cause,
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(path, "is not a JSON schema: it must be an object");
  }
  const schema = value as Record<string, unknown>;
  if (schema.type !== "object" && !("$ref" in schema) && !("anyOf" in schema)) {
    throw invalid(path, 'is not a schema of an object: "type": "object" is missing at its top');
  }
  return schema;
}

function invalid(path: string, what: string, cause?: unknown): CodedError {
  return new CodedError("schema_invalid", `the output schema ${path} ${what}`, {
    cause,
    nextStep: "Give a file with a JSON schema whose top is an object.",
  });
}

/** Whether an answer keeps the least of what a schema promises: it is JSON and an object. */
export function isJsonObject(answer: string): boolean {
  try {
    const value: unknown = JSON.parse(answer);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
