import { visibleLine } from "@quire/protocol";
import { type Diagnostic, isError } from "./messages.ts";

/** The errors of a text, each with the line it stands on: an edit above moves them, and they are no new ones for that. */
export interface TextErrors {
  readonly errors: readonly { readonly key: string; readonly finding: Diagnostic }[];
}

export function errorsIn(text: string, findings: readonly Diagnostic[]): TextErrors {
  const lines = text.split("\n");
  return {
    errors: findings.filter(isError).map((finding) => {
      const line = lines[finding.range.start.line]?.trim() ?? "";
      return { key: JSON.stringify([finding.code ?? "", finding.message, line]), finding };
    }),
  };
}

/** Errors of `after` beyond those of `before`: two alike where there was one count as one new. */
export function newErrors(before: TextErrors, after: TextErrors): Diagnostic[] {
  const known = new Map<string, number>();
  for (const { key } of before.errors) known.set(key, (known.get(key) ?? 0) + 1);
  return after.errors.flatMap(({ key, finding }) => {
    const left = known.get(key) ?? 0;
    if (left === 0) return [finding];
    known.set(key, left - 1);
    return [];
  });
}

const LONGEST_MESSAGE = 300;

/** `path:line:column: message [code]`, on one line. */
export function errorLine(path: string, { range, code, message }: Diagnostic): string {
  const { line, character } = range.start;
  const words = message.length <= LONGEST_MESSAGE ? message : `${message.slice(0, LONGEST_MESSAGE)}…`;
  const tag = code === undefined ? "" : ` [${String(code).slice(0, 40)}]`;
  return visibleLine(`${path}:${line + 1}:${character + 1}: ${words.replace(/\s+/g, " ")}${tag}`);
}
