import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { CodedError } from "@quire/protocol";
import type * as z from "zod/mini";

/** A parsed line and where it was. */
export interface JsonLine<Value> {
  readonly value: Value;
  /** From 1. */
  readonly line: number;
}

/** The text of a file, unpacked if it is gzipped. Fails with `usage_invalid`, naming `what` it should have been. */
export function readTextFile(file: string, what: string): string {
  try {
    const bytes = readFileSync(file);
    return (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString("utf8");
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError("usage_invalid", `the ${what} cannot be read from ${file}: ${reason}`, {
      cause,
      nextStep: "Give the path of a JSON Lines file (.jsonl or .jsonl.gz).",
    });
  }
}

/**
 * Every line that is not empty, checked. Fails with `usage_invalid` at the first line that does not fit. `prepare` may
 * rewrite a line's text before it is read as JSON.
 */
export function readJsonLines<Value>(
  file: string,
  schema: z.ZodMiniType<Value>,
  what: string,
  prepare: (line: string) => string = (line) => line,
): JsonLine<Value>[] {
  const lines: JsonLine<Value>[] = [];
  for (const [index, text] of readTextFile(file, what).split("\n").entries()) {
    if (text.trim() === "") continue;
    const json = parseJson(prepare(text));
    const parsed = schema.safeParse(json);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const at = issue && issue.path.length > 0 ? ` at ${issue.path.join(".")}` : "";
      const why = json === undefined ? "not JSON" : `${issue?.message ?? "not so"}${at}`;
      throw new CodedError("usage_invalid", `${file}:${index + 1} is not one of the ${what}: ${why}`, {
        nextStep:
          lines.length === 0
            ? `Give a file of ${what}, one JSON object a line, or correct that line.`
            : "Correct or remove that line, then run the same command again.",
      });
    }
    lines.push({ value: parsed.data, line: index + 1 });
  }
  if (lines.length === 0)
    throw new CodedError("usage_invalid", `${file} holds no ${what}`, { nextStep: "Give another file." });
  return lines;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The schema refuses it with the line's number.
    return undefined;
  }
}
