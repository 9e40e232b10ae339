import type { IncomingHttpHeaders } from "node:http";
import type { Failure } from "./ending.ts";
import { type Fields, fieldsOf, isFields } from "./json-fields.ts";
import { type CallFacts, refusalFailure, type ServerError } from "./refusal.ts";

/** Reads `{code, type, message, resets_at}` wherever an endpoint of this kind puts them. */
export function serverErrorOf(value: unknown, nowMs: number): ServerError {
  const outer = fieldsOf(value);
  const inner = isFields(outer.error) ? outer.error : outer;
  const codes = [inner.code, inner.type].filter(
    (code): code is string => typeof code === "string" && code !== "error",
  );
  const message = [inner.message, outer.message, outer.detail, outer.error].find(
    (text): text is string => typeof text === "string" && text !== "",
  );
  return { codes, message: message ?? "", resetAt: resetAtOf(inner, nowMs) };
}

function resetAtOf(error: Fields, nowMs: number): number | null {
  if (typeof error.resets_at === "number") return error.resets_at;
  if (typeof error.resets_in_seconds === "number") return Math.ceil(nowMs / 1_000 + error.resets_in_seconds);
  return null;
}

/** An HTTP answer other than 200. A body that is not JSON is kept as the message, without markup. */
export function httpRefusal(
  status: number,
  headers: IncomingHttpHeaders,
  body: string,
  facts: CallFacts,
): Failure {
  let error: ServerError;
  try {
    error = serverErrorOf(JSON.parse(body), facts.nowMs);
  } catch {
    // Gateways answer with pages and plain words; they are still the only explanation there is.
    error = { codes: [], message: plainWords(body), resetAt: null };
  }
  return refusalFailure({ status, headers, error }, facts);
}

function plainWords(body: string): string {
  return body
    .slice(0, 4_000)
    .replace(/<(script|style)[\s\S]*?<\/\1>/gi, " ")
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
}
