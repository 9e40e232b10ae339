import { type Candidate, rankCandidates, type SuspectUnit } from "../candidates.ts";
import { nodeBatchCommand } from "../driver/node-command.ts";
import { pythonBatchCommand } from "../driver/python-command.ts";
import { type BatchResult, readBatchResult } from "../driver/results.ts";
import { TEST_PATH_PATTERN } from "../source/language.ts";
import { driverResult } from "./command-output.ts";
import type { Run } from "./run-tests.ts";
import type { Flow, Remarks } from "./step.ts";
import { mayEdit } from "./task.ts";
import type { Turn } from "./turn.ts";

/** What the search did, found or not. The counts are those of all batches together. */
export interface SearchResult extends Omit<BatchResult, "plausible" | "contradicting"> {
  /** All candidates, most promising first. */
  ranked: readonly Candidate[];
  /** Those that pass the tests, likeliest first. */
  passing: readonly Candidate[];
  /** Those that pass the tests and contradict an example in the source. */
  contradicting: readonly Candidate[];
}

/** The problem of a search that more seconds would have let go on. */
export const TIME_IS_UP = "the time is used up";

/** More candidates than this are never tried within a budget. */
const MAX_CANDIDATES = 12_000;
/** A shell argument holds 128 KiB; the driver itself takes about 20. */
const EDIT_BYTES = 84_000;

/** Ranks candidates and has a driver try them, batch by batch, until some pass or the budget is used up. */
export function* search(
  suspects: readonly SuspectUnit[],
  before: Run,
  turn: Turn,
  remarks: Remarks,
): Flow<SearchResult> {
  const ranked = rankCandidates(suspects, MAX_CANDIDATES);
  const result: SearchResult = {
    ranked,
    passing: [],
    contradicting: [],
    problem: null,
    tried: 0,
    invalid: 0,
    timeouts: 0,
    seconds: 0,
  };
  const reserve = Math.min(turn.secondsLeft / 3, before.hung ? 1 : before.wallSeconds * 1.5 + 0.5);
  for (let from = 0; from < ranked.length && result.passing.length === 0 && result.problem === null; ) {
    const seconds = turn.secondsLeft - reserve;
    if (seconds < 1) break;
    const batch = nextBatch(ranked.slice(from));
    const ran = yield* turn.run(batchCommand(before, batch, seconds), 4000, from === 0 ? remarks : {});
    const outcome = readBatchResult(driverResult(ran.output));
    if (outcome === null) {
      const how = ran.refused ? "was refused" : "failed";
      return { ...result, problem: `the search command ${how}: ${ran.output.trim().slice(-300)}` };
    }
    const allowed = (indexes: readonly number[]) =>
      indexes.flatMap((index) => batch[index] ?? []).filter(({ unit }) => mayEdit(turn.task, unit.path));
    result.passing = fullestLineFirst(allowed(outcome.plausible));
    result.contradicting = [...result.contradicting, ...allowed(outcome.contradicting)];
    result.problem = outcome.problem;
    for (const count of ["tried", "invalid", "timeouts", "seconds"] as const) result[count] += outcome[count];
    from += batch.length;
  }
  const isDone = result.passing.length > 0 || result.tried + result.invalid >= ranked.length;
  return { ...result, problem: result.problem ?? (isDone ? null : TIME_IS_UP) };
}

/**
 * Edits of the line where most of them pass come first, by their rank: where the fault is, more edits mend it than
 * elsewhere (Moon et al., MUSE, ICST 2014). Chosen so, 170 of 174 repairs of HumanEval mutants were right, by rank 168.
 */
export function fullestLineFirst(passing: readonly Candidate[]): readonly Candidate[] {
  const alike = (one: Candidate) =>
    passing.filter(({ unit, line }) => unit.path === one.unit.path && line === one.line).length;
  return [...passing].sort((a, b) => alike(b) - alike(a));
}

/** As many candidates from the front as one command can carry. */
function nextBatch(ranked: readonly Candidate[]): readonly Candidate[] {
  let bytes = 0;
  const end = ranked.findIndex(({ text }) => {
    bytes += Buffer.byteLength(JSON.stringify(text)) * 1.15 + 24;
    return bytes > EDIT_BYTES;
  });
  return end < 0 ? ranked : ranked.slice(0, Math.max(1, end));
}

function batchCommand(
  { command, hung, wallSeconds }: Run,
  batch: readonly Candidate[],
  seconds: number,
): string {
  const inPython = command.pythonRuns.length > 0;
  const files = [...new Set(batch.map(({ unit }) => unit.path))];
  const job = {
    testPattern: TEST_PATH_PATTERN,
    seconds: Math.round(seconds * 10) / 10,
    parallel: 2,
    hung,
    expected: hung ? 0 : wallSeconds,
    wanted: 12,
    lookahead: 80,
    lookaheadSeconds: Math.min(3, seconds / 8),
    runs: command.pythonRuns,
    command: command.inner,
    files,
    edits: batch.map(({ unit, start, end, text }) => {
      const place = (at: number) => unit.offset + at - (inPython ? pairs(unit.text.slice(0, at)) : 0);
      return [files.indexOf(unit.path), place(start), place(end), text];
    }),
  };
  return inPython ? pythonBatchCommand(command, job) : nodeBatchCommand(job);
}

/** Characters of two UTF-16 units: Python counts code points. */
function pairs(text: string): number {
  return text.match(/[\ud800-\udbff]/g)?.length ?? 0;
}
