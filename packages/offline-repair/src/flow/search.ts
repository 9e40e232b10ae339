import { type Candidate, rankCandidates, type SuspectUnit } from "../candidates.ts";
import { nodeBatchCommand } from "../driver/node-command.ts";
import { pythonBatchCommand } from "../driver/python-command.ts";
import { type BatchResult, readBatchResult } from "../driver/results.ts";
import { TEST_PATH_PATTERN } from "../source/token.ts";
import type { Budget } from "./budget.ts";
import { type Remarks, runCommand } from "./run-command.ts";
import type { Flow } from "./step.ts";
import type { TestCommand } from "./test-command.ts";
import { driverResult } from "./tool-output.ts";

/** The edit to make, and what else passed. */
export interface FoundEdit {
  chosen: Candidate;
  /** Position of the chosen edit among the candidates, counted from 1. */
  rank: number;
  /** Other edits that also passed. */
  others: readonly Candidate[];
}

/** What the search did, found or not. */
export interface SearchResult {
  found: FoundEdit | null;
  /** The best of the edits that pass the tests and contradict an example in the source. */
  contradicting: Candidate | null;
  candidates: number;
  tried: number;
  invalid: number;
  timeouts: number;
  seconds: number;
  /** Why the search ended early, null when it did not. */
  problem: string | null;
  steering: readonly string[];
}

/** What the search needs to know. */
export interface SearchInput {
  suspects: readonly SuspectUnit[];
  command: TestCommand;
  budget: Budget;
  /** Seconds that one run of the tests takes; null when it had to be stopped. */
  testSeconds: number | null;
}

/** More candidates than this are never tried within a budget. */
const MAX_CANDIDATES = 12_000;
/** A shell argument holds 128 KiB; the driver itself takes about 20. */
const EDIT_BYTES = 84_000;

/** Ranks candidates and has a driver try them, batch by batch, until some pass or the budget is used up. */
export function* search(input: SearchInput, remarks: Remarks): Flow<SearchResult> {
  const ranked = rankCandidates(input.suspects, MAX_CANDIDATES);
  const result: SearchResult = {
    found: null,
    contradicting: null,
    candidates: ranked.length,
    tried: 0,
    invalid: 0,
    timeouts: 0,
    seconds: 0,
    problem: null,
    steering: [],
  };
  const { budget, testSeconds } = input;
  const reserve = Math.min(budget.left() / 3, testSeconds === null ? 1 : testSeconds * 1.5 + 0.5);
  for (let from = 0; from < ranked.length; ) {
    const seconds = budget.left() - reserve;
    if (seconds < 1) {
      result.problem = "the time budget is used up";
      break;
    }
    const batch = nextBatch(ranked, from);
    const finished = yield* runCommand(batchCommand(input, batch, seconds), 4000, from === 0 ? remarks : {});
    budget.spend(finished.wallSeconds);
    result.steering = [...result.steering, ...finished.steering];
    const outcome = readBatchResult(driverResult(finished.output));
    if (outcome === null) {
      const end = finished.output.trim();
      result.problem = finished.refused
        ? `the search command was refused: ${end.slice(0, 300)}`
        : `the search command failed: ${end.slice(-300)}`;
      break;
    }
    addOutcome(result, outcome);
    const [contradicting] = outcome.contradicting.flatMap((index) => batch[index] ?? []);
    result.contradicting ??= contradicting ?? null;
    result.found = pick(
      outcome.plausible.flatMap((index) => batch[index] ?? []),
      ranked,
    );
    if (result.found !== null || outcome.problem !== null || result.steering.length > 0) break;
    from += batch.length;
  }
  return result;
}

function addOutcome(result: SearchResult, outcome: BatchResult): void {
  result.tried += outcome.tried;
  result.invalid += outcome.invalid;
  result.timeouts += outcome.timeouts;
  result.seconds += outcome.seconds;
  result.problem = outcome.problem;
}

/** The likeliest of the passing edits: nothing that was known of them beside their rank chose better. */
function pick(passing: readonly Candidate[], ranked: readonly Candidate[]): FoundEdit | null {
  const [chosen, ...others] = passing;
  return chosen === undefined ? null : { chosen, rank: ranked.indexOf(chosen) + 1, others };
}

function nextBatch(ranked: readonly Candidate[], from: number): Candidate[] {
  const batch: Candidate[] = [];
  let bytes = 0;
  for (const candidate of ranked.slice(from)) {
    bytes += Buffer.byteLength(JSON.stringify(candidate.text)) * 1.15 + 24;
    if (bytes > EDIT_BYTES) break;
    batch.push(candidate);
  }
  return batch;
}

function batchCommand(
  { command, testSeconds }: SearchInput,
  batch: readonly Candidate[],
  seconds: number,
): string {
  const files = [...new Set(batch.map(({ unit }) => unit.path))];
  const job = {
    testPattern: TEST_PATH_PATTERN,
    seconds: Math.round(seconds * 10) / 10,
    parallel: 2,
    hung: testSeconds === null,
    expected: testSeconds ?? 0,
    wanted: 6,
    lookahead: 80,
    lookaheadSeconds: Math.min(3, seconds / 8),
    runs: command.pythonRuns,
    command:
      command.driver === "python" ? (command.pythonRuns.length > 0 ? "" : command.inner) : command.inner,
    files,
    edits: batch.map((candidate) => [
      files.indexOf(candidate.unit.path),
      ...driverOffsets(candidate, command.driver),
      candidate.text,
    ]),
  };
  return command.driver === "python"
    ? pythonBatchCommand(command, job)
    : nodeBatchCommand(command.environment, job);
}

/** Python counts code points, JavaScript UTF-16 units. */
function driverOffsets({ unit, start, end }: Candidate, driver: "python" | "node"): [number, number] {
  const place = (at: number) => unit.offset + (driver === "node" ? at : codePoints(unit.text, at));
  return [place(start), place(end)];
}

function codePoints(text: string, end: number): number {
  let count = end;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0xd800 && code < 0xdc00) count -= 1;
  }
  return count;
}
