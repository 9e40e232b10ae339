import { isUtf8 } from "node:buffer";
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

const LINE_END = 10;
const BYTE_ORDER_MARK = "\ufeff";

/** The text of a file, unpacked if it is gzipped. Fails with `usage_invalid`, naming `what` it should have been. */
export function readTextFile(file: string, what: string): string {
  const bytes = readBytes(file, what);
  if (!isUtf8(bytes)) {
    throw new CodedError("usage_invalid", `${file}:${firstForeignLine(bytes)} is not UTF-8`, {
      nextStep: "Save the file as UTF-8: other bytes would be judged as something else.",
    });
  }
  const text = bytes.toString("utf8");
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

function readBytes(file: string, what: string): Buffer {
  try {
    const bytes = readFileSync(file);
    return bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CodedError("usage_invalid", `the ${what} cannot be read from ${file}: ${reason}`, {
      cause,
      nextStep: "Give the path of a JSON Lines file (.jsonl or .jsonl.gz).",
    });
  }
}

function firstForeignLine(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; ; line++) {
    const end = bytes.indexOf(LINE_END, start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
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
      const why = json === undefined ? "not JSON" : issueWords(json, issue);
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

/** What is wrong, by the place in the line: `completion is missing`, `completion is null, not string`. */
function issueWords(json: unknown, issue: z.core.$ZodIssue | undefined): string {
  const path = issue?.path ?? [];
  const value = path.reduce<unknown>(
    (at, key) => (typeof at === "object" && at !== null ? Reflect.get(at, key) : undefined),
    json,
  );
  const place = path.length === 0 ? "it" : path.join(".");
  if (value === undefined) return `${place} is missing`;
  if (issue?.code === "invalid_type") return `${place} is ${kindOf(value)}, not ${issue.expected}`;
  return `${place} is not as it should be`;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "array" : typeof value;
}

/** Python writes numbers that JSON does not have, and not into strings. */
const STRING_OR_NO_NUMBER = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    if (!/NaN|Infinity/.test(line)) return undefined;
  }
  try {
    return JSON.parse(
      line.replaceAll(STRING_OR_NO_NUMBER, (found) => (found.startsWith('"') ? found : "null")),
    );
  } catch {
    // The schema refuses it with the line's number.
    return undefined;
  }
}
