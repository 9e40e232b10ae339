import { type TextFile, toReadableText } from "./text-file.ts";
import { normalisePunctuation } from "./whitespace.ts";

/** The lines of a file that look most like the lines a chunk was looking for. */
export interface NearestLines {
  /** 1-based. */
  readonly startLine: number;
  /** At most {@link MAX_SHOWN} lines, each cut at {@link MAX_WIDTH} characters. */
  readonly lines: readonly string[];
  /** The first line that differs from what was asked for; `actual` is absent past the end of the file. */
  readonly difference?: { readonly line: number; readonly expected: string; readonly actual?: string };
}

const MAX_SHOWN = 12;
const MAX_WIDTH = 200;
const MAX_PATTERN = 200;
const MAX_VOTES_PER_LINE = 500;
const MAX_COMPARED_LINES = 20_000;
const LEAST_SIMILARITY = 0.45;

/**
 * Finds the best candidate for `wanted` in the file, or nothing when no line is alike; a file of a few lines is
 * shown whole. `at` is a 0-based line that is known to be the best. Work is bounded, so the answer in a very big
 * file may be missing, never slow.
 */
export function findNearest(
  file: TextFile,
  wanted: readonly string[],
  at?: number,
): NearestLines | undefined {
  const pattern = wanted.slice(0, MAX_PATTERN).map(normalisePunctuation);
  const keys = file.lines.map((line) => normalisePunctuation(toReadableText(file, line)));
  const start = at ?? mostVotedStart(keys, pattern) ?? mostSimilarStart(keys, pattern);
  if (start === undefined) return wholeFile(file);
  const nearest = { startLine: start + 1, lines: shown(file, start, Math.min(MAX_SHOWN, wanted.length + 2)) };
  const offset = pattern.findIndex((line, index) => keys[start + index] !== line);
  if (offset < 0) return nearest;
  const expected = cut(wanted[offset] ?? "");
  const actual = file.lines[start + offset];
  const line = start + offset + 1;
  if (actual === undefined) return { ...nearest, difference: { line, expected } };
  return { ...nearest, difference: { line, expected, actual: cut(toReadableText(file, actual)) } };
}

function wholeFile(file: TextFile): NearestLines | undefined {
  const count = file.lines.length;
  return count === 0 || count > MAX_SHOWN ? undefined : { startLine: 1, lines: shown(file, 0, count) };
}

function shown(file: TextFile, start: number, count: number): string[] {
  return file.lines.slice(start, start + count).map((line) => cut(toReadableText(file, line)));
}

/** Every pattern line that occurs votes for the start it implies; rare lines count more. */
function mostVotedStart(keys: readonly string[], pattern: readonly string[]): number | undefined {
  const places = new Map<string, number[]>();
  for (const line of pattern) if (line !== "") places.set(line, []);
  for (const [index, key] of keys.entries()) {
    const list = places.get(key);
    if (list !== undefined && list.length < MAX_VOTES_PER_LINE) list.push(index);
  }
  const votes = new Map<number, number>();
  for (const [offset, line] of pattern.entries()) {
    const list = places.get(line) ?? [];
    for (const place of list) {
      const start = Math.max(0, place - offset);
      votes.set(start, (votes.get(start) ?? 0) + weight(line) / list.length);
    }
  }
  let best: number | undefined;
  let most = 0;
  for (const [start, count] of votes) {
    if (count > most || (count === most && best !== undefined && start < best)) {
      best = start;
      most = count;
    }
  }
  return most > weight("}") ? best : undefined;
}

/** A line of a few letters says more about a place than a brace does. */
function weight(line: string): number {
  return Math.min(line.length, 40);
}

function mostSimilarStart(keys: readonly string[], pattern: readonly string[]): number | undefined {
  const wanted = pattern.reduce((longest, line) => (line.length > longest.length ? line : longest), "");
  if (wanted.length < 2) return undefined;
  const pairs = letterPairs(wanted);
  let best: number | undefined;
  let most = LEAST_SIMILARITY;
  for (let line = 0; line < Math.min(keys.length, MAX_COMPARED_LINES); line += 1) {
    const key = keys[line] ?? "";
    if (key.length * 4 < wanted.length || key.length > wanted.length * 4) continue;
    const likeness = similarity(pairs, key.slice(0, MAX_WIDTH));
    if (likeness > most) {
      best = line;
      most = likeness;
    }
  }
  return best === undefined ? undefined : Math.max(0, best - pattern.indexOf(wanted));
}

function letterPairs(text: string): Map<string, number> {
  const pairs = new Map<string, number>();
  for (let i = 0; i + 1 < Math.min(text.length, MAX_WIDTH); i += 1) {
    const pair = text.slice(i, i + 2);
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  return pairs;
}

/** Share of letter pairs in common (Dice), from 0 to 1. */
function similarity(wanted: ReadonlyMap<string, number>, text: string): number {
  let common = 0;
  let total = 0;
  const used = letterPairs(text);
  for (const [pair, count] of used) {
    total += count;
    common += Math.min(count, wanted.get(pair) ?? 0);
  }
  for (const count of wanted.values()) total += count;
  return total === 0 ? 0 : (2 * common) / total;
}

function cut(text: string): string {
  return text.length <= MAX_WIDTH ? text : `${text.slice(0, MAX_WIDTH)}…`;
}

/** The nearest lines as text for a model, with line numbers. */
export function formatNearest(nearest: NearestLines): string {
  const last = nearest.startLine + nearest.lines.length - 1;
  const rows = nearest.lines.map((line, index) => `${nearest.startLine + index}| ${line}`);
  const text = [`The nearest lines of the file are ${nearest.startLine}-${last}:`, ...rows];
  const { difference } = nearest;
  if (difference !== undefined) {
    const actual =
      difference.actual === undefined ? "the file ends there" : `the file has '${difference.actual}'`;
    text.push(
      `They differ first at line ${difference.line}: the patch has '${difference.expected}', ${actual}.`,
    );
  }
  return text.join("\n");
}
