import type { JsonSchema } from "@quire/models";
import type { Answer, AnswerKind } from "./step.ts";

/** First line of every final answer. A turn is over when an assistant message contains it. */
export const ANSWER_HEADER = "Offline repair engine (a search program, not a language model).";

const LABELS: Record<AnswerKind, string> = {
  repaired: "Repaired:",
  "already-green": "Nothing to repair:",
  "not-repaired": "Not repaired:",
  declined: "Declined:",
  stopped: "Stopped:",
};

/** The final message: header, then a line that begins with the label of the answer's kind. */
export function renderAnswer({ kind, text }: Answer): string {
  return `${ANSWER_HEADER}\n${LABELS[kind]} ${text}`;
}

/** What a final answer of the engine says became of the task; null for every other text. JSON answers are understood. */
export function answerKind(text: string): AnswerKind | null {
  const plain = text.includes("\\n") ? text.replaceAll("\\n", "\n") : text;
  const at = plain.indexOf(`${ANSWER_HEADER}\n`);
  if (at < 0) return null;
  const rest = plain.slice(at + ANSWER_HEADER.length + 1);
  for (const [kind, label] of Object.entries(LABELS) as [AnswerKind, string][]) // keys of a Record typed by AnswerKind
    if (rest.startsWith(label)) return kind;
  return null;
}

/** True when the engine handed the task back without trying: not its kind of work, no tests, no runtime. */
export function isDeclined(text: string): boolean {
  return answerKind(text) === "declined";
}

/**
 * The answer as JSON for a simple object schema: text fields get the answer, lists are empty, numbers zero, booleans
 * say whether the repair succeeded. Null when the schema asks for more than that.
 */
export function answerAsJson(answer: Answer, schema: JsonSchema): string | null {
  const value = valueFor(answer, schema, 0);
  return value === undefined ? null : JSON.stringify(value);
}

function valueFor(answer: Answer, schema: unknown, depth: number): unknown {
  if (typeof schema !== "object" || schema === null || depth > 4) return undefined;
  const {
    type,
    enum: choices,
    properties,
  } = schema as { type?: unknown; enum?: unknown; properties?: unknown }; // read field by field below
  if (Array.isArray(choices)) return choices[0];
  const kind = Array.isArray(type) ? type[0] : type;
  if (kind === "string") return renderAnswer(answer);
  if (kind === "boolean") return answer.kind === "repaired" || answer.kind === "already-green";
  if (kind === "number" || kind === "integer") return 0;
  if (kind === "array") return [];
  if (kind === "null") return null;
  if (kind !== "object") return undefined;
  const made: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(properties ?? {})) {
    const value = valueFor(answer, field, depth + 1);
    if (value === undefined) return undefined;
    made[name] = value;
  }
  return made;
}
