import { isDistinctive } from "./names.ts";
import { isTestFile, type RankedFile } from "./rank-files.ts";
import type { SkipReason } from "./skip-rules.ts";
import type { CodeSymbol } from "./symbols.ts";

/** A file of the map. */
export interface MapFile {
  path: string;
  /** The most used first. */
  symbols: readonly CodeSymbol[];
  /** How many more declarations it has. */
  moreSymbols: number;
}

/** Everything that an answer is made of, whatever its size. */
export interface MapContent {
  /** Listed below the asked-for path, skipped ones included. */
  files: number;
  /** Of these, the ones whose language is understood and that are no one's vendored or generated code. */
  codeFiles: number;
  /** Code files that were not read yet. */
  unread: number;
  symbols: number;
  skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Folders with the number of files in them, the fullest first. */
  folders: readonly (readonly [folder: string, files: number])[];
  /** The weightiest first; not all of them. */
  ranked: readonly MapFile[];
  /** Whether symbols could be read; false where the grammars are not installed. */
  hasGrammars: boolean;
}

/** Files that are kept for one answer, and declarations of each: more than the largest budget can show. */
export const MOST_RANKED = 600;
const MOST_SHOWN_SYMBOLS = 16;
const MOST_FOLDERS = 40;

/** The declarations of a file, the most used first; where uses say nothing, outer ones and then earlier ones. */
export function mapFile(
  { path, facts }: Pick<RankedFile, "path" | "facts">,
  weightOf: (name: string) => number,
): MapFile {
  const all = symbolsIn(facts.symbols);
  const weighed = all.map((symbol, index) => ({
    symbol,
    index,
    weight: symbol.exported
      ? (0.1 + weightOf(symbol.name)) / (1 + symbol.depth) / (isDistinctive(symbol.name) ? 1 : 4)
      : 0,
  }));
  weighed.sort((a, b) => b.weight - a.weight || a.symbol.depth - b.symbol.depth || a.index - b.index);
  const symbols = weighed.slice(0, MOST_SHOWN_SYMBOLS).map(({ symbol }) => symbol);
  return { path, symbols, moreSymbols: all.length - symbols.length };
}

function symbolsIn(text: string): CodeSymbol[] {
  try {
    const symbols: CodeSymbol[] = JSON.parse(text);
    return symbols;
  } catch {
    // A damaged cache shows less; it is written anew when a file changes.
    return [];
  }
}

/** Counts files by folder, down to two levels. */
export function folderCounts(paths: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const first = path.indexOf("/");
    if (first < 0) continue;
    const second = path.indexOf("/", first + 1);
    const folder = second < 0 ? path.slice(0, first) : path.slice(0, second);
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, MOST_FOLDERS);
}

/** Which files are to be read first: where people work, and what stands near the root. */
export function readingOrder<F extends { path: string }>(
  files: readonly F[],
  changeTimes: ReadonlyMap<string, number>,
  focus: string | null,
): F[] {
  const weight = ({ path }: F): number => {
    const depth = path.split("/").length;
    const changed = changeTimes.get(path) ?? 0;
    const isFocus = focus !== null && (path === focus || path.endsWith(`/${focus}`));
    return (isFocus ? 1e15 : 0) + (isTestFile(path) ? 0 : 1e12) + changed * 10 - depth * 1e4;
  };
  return files
    .map((file) => ({ file, weight: weight(file) }))
    .sort((a, b) => b.weight - a.weight)
    .map(({ file }) => file);
}
