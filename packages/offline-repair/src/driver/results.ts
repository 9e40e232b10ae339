import type { SourceText } from "../source/unit.ts";
import type { LineSpectrum } from "../suspicion.ts";

/** One source file as a localiser reports it. */
export interface LocatedFile {
  path: string;
  spectra: readonly LineSpectrum[];
  /** Lines on the stack of a failure. */
  trace: readonly number[];
  pieces: readonly SourceText[];
}

/** What a localiser found. `how` is "coverage", or "trace" when only stack traces were there. */
export interface Located {
  how: "coverage" | "trace";
  totalFailed: number;
  /** Tests that were stopped because they ran too long. */
  hung: readonly string[];
  files: readonly LocatedFile[];
  /** Words of the test code at the failures, with weights up to 1; filled when nothing was measured. */
  mentions: ReadonlyMap<string, number>;
}

/** What became of a batch of candidates. Indexes are positions in the job's list. */
export interface BatchResult {
  /** Why nothing was tried, null when the search ran. */
  problem: string | null;
  tried: number;
  invalid: number;
  timeouts: number;
  plausible: readonly number[];
  seconds: number;
}

type Fields = Readonly<Record<string, unknown>>;

function fields(value: unknown): Fields {
  return value !== null && typeof value === "object" ? (value as Fields) : {}; // every field is checked where it is read
}

function numberOf(value: unknown): number {
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Checks a localiser's JSON; null when it is not one. */
export function readLocated(value: unknown): Located | null {
  const found = fields(value);
  if (!Array.isArray(found.files)) return null;
  return {
    how: found.how === "coverage" ? "coverage" : "trace",
    totalFailed: numberOf(found.totalFailed),
    hung: listOf(found.hung).map(textOf),
    files: found.files.map(readFile),
    mentions: new Map(
      Object.entries(fields(found.mentions)).map(([word, weight]) => [word, numberOf(weight)]),
    ),
  };
}

function readFile(value: unknown): LocatedFile {
  const file = fields(value);
  const path = textOf(file.path);
  return {
    path,
    spectra: listOf(file.lines).map((entry) => {
      const [line, failed, passed] = listOf(entry).map(numberOf);
      return { line: line ?? 0, failed: failed ?? 0, passed: passed ?? 0 };
    }),
    trace: listOf(file.trace).map(numberOf),
    pieces: listOf(file.pieces).map((entry) => {
      const piece = fields(entry);
      return {
        path,
        text: textOf(piece.text),
        firstLine: numberOf(piece.firstLine),
        offset: numberOf(piece.offset),
      };
    }),
  };
}

/** Checks a batch driver's JSON; null when it is not one. */
export function readBatchResult(value: unknown): BatchResult | null {
  const found = fields(value);
  if (!Array.isArray(found.plausible)) return null;
  return {
    problem: typeof found.problem === "string" ? found.problem : null,
    tried: numberOf(found.tried),
    invalid: numberOf(found.invalid),
    timeouts: numberOf(found.timeouts),
    plausible: found.plausible.map(numberOf),
    seconds: numberOf(found.seconds),
  };
}
