import { describeReport } from "@quire/test-report";
import type { Candidate } from "../candidates.ts";
import type { Located } from "../driver/results.ts";
import { functionNameAt } from "../source/unit.ts";
import { toLineEdit } from "./patch-text.ts";
import type { Run } from "./run-tests.ts";
import { type SearchResult, TIME_IS_UP } from "./search.ts";

const USE_A_MODEL =
  "configure a language model: set OPENAI_API_KEY, or describe a provider under [model_providers] in config.toml and select it with `model` and `model_provider`.";

/** What the engine can do, and how to get a model for the rest. */
export const ABILITIES = `I only make failing tests pass, by a small edit of one line or two related ones, in Python, JavaScript or TypeScript. For other work ${USE_A_MODEL}`;

/** A text of others on one line, short enough for a sentence. */
export function brief(text: string, most = 120): string {
  const line = text.trim().replace(/\s+/g, " ");
  return line.length > most ? `${line.slice(0, most - 3)}...` : line;
}

/** `path:line`, with the function's name where there is one. */
export function placeOf(candidate: Candidate): string {
  const { unit } = candidate;
  const name = functionNameAt(unit, candidate.start);
  return `${unit.path}:${lineOf(candidate)}${name === "" ? "" : `, in \`${name}\``}`;
}

function lineOf(candidate: Candidate): number {
  return candidate.unit.firstLine + toLineEdit(candidate.unit.text, candidate).first;
}

/** The lines of an edit, as in a diff. */
export function diffOf(candidate: Candidate): string {
  const { hunk } = toLineEdit(candidate.unit.text, candidate);
  return ["```diff", ...hunk, "```"].join("\n");
}

/** The same on one line. */
function shortDiff(candidate: Candidate): string {
  const { removed, added } = toLineEdit(candidate.unit.text, candidate);
  const [old, put] = [removed, added].map((lines) => brief(lines.map((line) => line.trim()).join(" ⏎ ")));
  if (old === "") return `put in \`${put}\``;
  return put === "" ? `take out \`${old}\`` : `\`${old}\` → \`${put}\``;
}

/** What was wrong if this edit is the fix, in terms of the code where the template says it in general words only. */
export function faultOf({ unit, start, end, text, why }: Candidate): string {
  const old = unit.text.slice(start, end);
  const canShow = !why.includes("`") && [old, text].every((part) => /^\S.{0,58}$/.test(part));
  return canShow ? `${why}: \`${old.trim()}\` should be \`${text.trim()}\`` : why;
}

/** Why the search looked at the line of an edit. */
function suspicionOf({ unit, line, suspicion }: Candidate, { how, files }: Located, hung: boolean): string {
  const file = files.find(({ path }) => path === unit.path);
  if (file?.trace.includes(line))
    return hung ? "the tests ran here when they were stopped" : "the failure's stack trace passes here";
  if (how === "trace") return "the failing tests name this code, or code that calls it";
  const passed = file?.lines.find(([number]) => number === line)?.[2];
  if (passed === 0) return "what fails in the tests runs this line, and what passes does not";
  return `what fails in the tests runs this line, though what passes does so too (suspicion ${suspicion.toFixed(2)} of 1)`;
}

function countsOf({ hung, exitCode, report }: Run): string {
  if (hung) return "stopped";
  return report.passed === null ? (exitCode === 0 ? "passing" : "failing") : describeReport(report);
}

/** What a run says of the tests, as what follows "the tests". */
export function verdictOf({ hung, exitCode, report }: Run): string {
  if (hung) return "did not end in time and were stopped";
  return `${exitCode === 0 ? "pass" : "fail"}${report.passed === null ? "" : `: ${describeReport(report)}`}`;
}

/** The assertion itself where Python says no more; the line of an error, with the next where it ends in a colon; TAP. */
const ERRORS = [
  /^ +(\S.*)\n(?:[ ~^]+\n)?AssertionError$/m,
  /^(?:E +| *)(?!ImportError(?:: Failed| while))((?:\w+\.)*\w*(?:Error|Exception)\b(?:.*:$\s+.+|.*))/m,
  /^ *error: (?:\|-\s+)?(.+:$\s+.+|.+)/m,
];

/** Which tests fail and with what error; the last line of the output where it does not say that. */
function failuresOf({ output, report: { failing } }: Run): string {
  // unittest says the name of a test twice: "test_a (module.Class.test_a)".
  const first = failing.slice(0, 3).map((name) => name.replace(/^(\S+) \((\S+\.\1)\)$/, "$2"));
  const names = first.join(", ") + (failing.length > 3 ? ` and ${failing.length - 3} more` : "");
  const error = ERRORS.map((pattern) => pattern.exec(output)?.[1]).find((found) => found !== undefined) ?? "";
  const said = [names, brief(error)].filter((part) => part !== "").join(": ");
  return said || brief(output.trim().split("\n").at(-1) ?? "");
}

/** What is known of the tests, before an edit and after it. */
export function testLines(before: Run, after?: Run): string[] {
  const [tests, when] =
    after === undefined
      ? [`The tests ${verdictOf(before)}.`, ""]
      : [`Tests: before ${countsOf(before)}; after ${countsOf(after)}.`, " before"];
  const failing = before.hung ? [] : [`Failing${when}: ${failuresOf(before)}`];
  return [`${tests} Command: \`${brief(before.command.shown)}\``, ...failing];
}

function searchLine({ tried, ranked, seconds, timeouts, invalid, problem }: SearchResult): string {
  const parts = [`${tried} of ${ranked.length} candidate edits tried in ${seconds.toFixed(1)} s`];
  if (timeouts > 0) parts.push(`${timeouts} ran too long`);
  if (invalid > 0) parts.push(`${invalid} did not parse`);
  if (problem !== null) parts.push(`ended early because ${problem}`);
  return `Search: ${parts.join(", ")}`;
}

/** The last words of a successful turn. */
export function repairedText(result: SearchResult, located: Located, before: Run, after: Run): string {
  const [chosen, ...others] = result.passing;
  if (chosen === undefined) throw new RangeError("nothing was repaired");
  return [
    `${placeOf(chosen)}: ${faultOf(chosen)}.`,
    diffOf(chosen),
    `Why there: ${suspicionOf(chosen, located, before.hung)}.`,
    ...testLines(before, after),
    `${searchLine(result)}; the edit was candidate ${result.ranked.indexOf(chosen) + 1} (template "${chosen.template}").`,
    ...doubts(chosen, others),
    "Passing tests is not proof: read the edit before you keep it.",
  ].join("\n");
}

/** Other edits that pass, those of other lines first. */
function doubts(chosen: Candidate, others: readonly Candidate[]): string[] {
  if (others.length === 0) return ["Doubt: of the edits that were tried no other passes."];
  const isNear = (one: Candidate) => one.unit === chosen.unit && lineOf(one) === lineOf(chosen);
  const shown = [...others].sort((a, b) => Number(isNear(a)) - Number(isNear(b))).slice(0, 3);
  const count = others.length === 1 ? "1 other edit passes" : `${others.length} other edits pass`;
  return [
    `Doubt: ${count} too, so the tests do not tell which is right. ${shown.length < others.length ? "Among them" : "Instead"}:`,
    ...shown.map((one) => `  ${one.unit.path}:${lineOf(one)}: ${shortDiff(one)}`),
  ];
}

/** What is said when no edit was made. */
export function notRepairedText(result: SearchResult, before: Run): string {
  const facts = [...testLines(before), `${searchLine(result)}.`];
  const [doubt] = result.contradicting;
  if (doubt !== undefined)
    return [
      `the tests contradict an example in the source. At ${placeOf(doubt)}, this edit makes the tests pass and breaks the example:`,
      diffOf(doubt),
      ...facts,
      "No file was changed. Next: decide which is right, correct the example or the test, and ask again.",
    ].join("\n");
  const suspects = [...result.ranked].sort((a, b) => b.suspicion - a.suspicion);
  const lines = new Set(
    suspects.map(({ unit, line }) => `  ${unit.path}:${line}: \`${lineText(unit, line)}\``),
  );
  const time = result.problem === TIME_IS_UP ? ' give it more time ("within 300 seconds"),' : "";
  return [
    "no small edit makes the failing tests pass.",
    ...facts,
    "The failing tests point to:",
    ...[...lines].slice(0, 3),
    `No file was changed. Next: look there,${time} or ${USE_A_MODEL}`,
  ].join("\n");
}

function lineText({ text, firstLine }: Candidate["unit"], line: number): string {
  return brief(text.split("\n")[line - firstLine] ?? "");
}
