import type { JsonSchema } from "@quire/models";
import type { Answer, AnswerKind } from "./step.ts";

/** First line of every final answer. A turn is over when an assistant message contains it. */
export const ANSWER_HEADER = "Offline repair engine (a search program, not a language model).";

const LABELS: ReadonlyMap<AnswerKind, string> = new Map([
  ["repaired", "Repaired:"],
  ["already-green", "Nothing to repair:"],
  ["not-repaired", "Not repaired:"],
  ["declined", "Declined:"],
  ["stopped", "Stopped:"],
]);

/** The final message: header, then a line that begins with the label of the answer's kind. */
export function renderAnswer({ kind, text }: Answer): string {
  return `${ANSWER_HEADER}\n${LABELS.get(kind)} ${text}`;
}

/** What a final answer of the engine says became of the task; null for every other text. JSON answers are understood. */
export function answerKind(text: string): AnswerKind | null {
  const [, rest] = text.replaceAll("\\n", "\n").split(`${ANSWER_HEADER}\n`);
  return [...LABELS].find(([, label]) => rest?.startsWith(label))?.[0] ?? null;
}

/** True when the engine handed the task back without trying: not its kind of work, no tests, no runtime. */
export function isDeclined(text: string): boolean {
  return answerKind(text) === "declined";
}

/**
 * The answer as JSON for a simple object schema: text fields get the answer, lists are empty, numbers zero, booleans
 * say whether the tests pass now. Null when the schema asks for more than that, or for a choice the engine cannot make.
 */
export function answerAsJson(answer: Answer, schema: JsonSchema): string | null {
  const value = valueFor(answer, schema);
  return value === undefined ? null : JSON.stringify(value);
}

interface FieldSchema {
  type?: unknown;
  enum?: unknown;
  properties?: Readonly<Record<string, FieldSchema>>;
}

function valueFor(answer: Answer, { type, enum: choices, properties }: FieldSchema): unknown {
  if (Array.isArray(choices)) return choices.length === 1 ? choices[0] : undefined;
  switch (Array.isArray(type) ? type[0] : type) {
    case "string":
      return renderAnswer(answer);
    case "boolean":
      return answer.kind === "repaired" || answer.kind === "already-green";
    case "number":
    case "integer":
      return 0;
    case "array":
      return [];
    case "null":
      return null;
    case "object": {
      const made = Object.entries(properties ?? {}).map(([name, field]) => [name, valueFor(answer, field)]);
      return made.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(made);
    }
    default:
      return undefined;
  }
}
