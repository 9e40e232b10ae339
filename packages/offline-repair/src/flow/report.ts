import { describeReport } from "@quire/test-report";
import type { Candidate } from "../candidates.ts";
import { innermostScope } from "../source/scopes.ts";
import { toLineEdit } from "./patch-text.ts";
import type { Run } from "./run-tests.ts";
import type { FoundEdit, SearchResult } from "./search.ts";

/** What the engine can do, for every answer in which it does not do what was asked. */
export const ABILITIES =
  "I can make failing tests pass by one small edit in Python, JavaScript or TypeScript: I run the tests, find the suspicious lines, try small edits in a copy, apply the best one and run the tests again. " +
  "For any other work configure a language model: set OPENAI_API_KEY, or describe a provider under [model_providers] in config.toml and select it with `model` and `model_provider`.";

const NOT_PROOF = "Passing tests is not proof: read the edit before you keep it.";

/** Removed and added lines of an edit, as in a diff. */
export function showEdit(candidate: Candidate): string {
  const { removed, added } = toLineEdit(candidate.unit.text, candidate);
  return [...removed.map((line) => `-${line}`), ...added.map((line) => `+${line}`)].join("\n");
}

/** Line of the file at which an edit begins. */
export function lineOfEdit(candidate: Candidate): number {
  return candidate.unit.firstLine + toLineEdit(candidate.unit.text, candidate).first;
}

/** `path:line`, with the function's name where there is one. */
export function placeOf(candidate: Candidate): string {
  const { unit } = candidate;
  const token = unit.tokens.findIndex((one) => one.end > candidate.start);
  const scope = innermostScope(unit.scopes, Math.max(0, token));
  return `${unit.path}:${lineOfEdit(candidate)}${scope?.name ? `, in \`${scope.name}\`` : ""}`;
}

/** The last words of a successful turn. */
export function repairedText(outcome: {
  found: FoundEdit;
  result: SearchResult;
  before: Run;
  after: Run;
}): string {
  const { found, result, before, after } = outcome;
  const { chosen, rank, others } = found;
  return [
    `${placeOf(chosen)}: ${chosen.why}.`,
    "",
    `Edit (template "${chosen.template}"):`,
    "```diff",
    showEdit(chosen),
    "```",
    `Tests (\`${shortCommand(before.command.shown)}\`): before ${describeReport(before.report)}; after ${describeReport(after.report)}.`,
    `Search: ${result.tried} of ${result.candidates} candidate edits tried in ${result.seconds.toFixed(1)} s; the edit was candidate ${rank}. ${otherWords(others)}`,
    NOT_PROOF,
  ].join("\n");
}

/** A command on one line, short enough for a sentence. */
export function shortCommand(command: string): string {
  const line = command.replace(/\s+/g, " ");
  return line.length > 120 ? `${line.slice(0, 117)}...` : line;
}

function otherWords(others: readonly Candidate[]): string {
  if (others.length === 0) return "No other plausible edit was seen.";
  const shown = others
    .slice(0, 3)
    .map((one) => `${one.unit.path}:${lineOfEdit(one)} (${one.template})`)
    .join(", ");
  return `${others.length} other plausible ${others.length === 1 ? "edit" : "edits"} also made the tests pass: ${shown}${others.length > 3 ? ", …" : ""}.`;
}

/** What was tried when nothing passed. */
export function triedWords(result: SearchResult): string {
  const parts = [
    `${result.tried} of ${result.candidates} candidate edits tried in ${result.seconds.toFixed(1)} s`,
  ];
  if (result.timeouts > 0) parts.push(`${result.timeouts} ran too long`);
  if (result.invalid > 0) parts.push(`${result.invalid} did not parse`);
  return parts.join(", ");
}
