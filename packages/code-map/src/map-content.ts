import type { FileFacts } from "./file-facts.ts";
import type { Listing } from "./listing.ts";
import { isDistinctive } from "./names.ts";
import type { KnownFile } from "./rank-files.ts";
import type { SkipReason } from "./skip-rules.ts";
import type { CodeSymbol } from "./symbols.ts";

/** A file of the map. */
export interface MapFile {
  path: string;
  /** The most used first; null as long as nobody read them, which is never so of a file that is shown. */
  symbols: readonly CodeSymbol[] | null;
  /** How many more declarations it has. */
  moreSymbols: number;
}

/** Everything that an answer is made of, whatever its size. */
export interface MapContent {
  /** Listed below the asked-for path, skipped ones included. */
  files: number;
  /** Of these, the ones whose language is understood and that are no one's vendored or generated code. */
  codeFiles: number;
  skipped: Readonly<Partial<Record<SkipReason, number>>>;
  /** Folders with the number of files in them, the fullest first. */
  folders: readonly (readonly [folder: string, files: number])[];
  /** The weightiest first; not all of them. */
  ranked: readonly MapFile[];
  /** Whether symbols could be read; false where the grammars are not installed. */
  hasGrammars: boolean;
}

/** Files that are kept for one answer, and declarations of each: more than the largest budget can show. */
const MOST_RANKED = 600;
const MOST_SHOWN_SYMBOLS = 16;
const MOST_FOLDERS = 40;

/** The files that have a weight, with what they told. */
export function knownFiles({ code }: Listing, facts: ReadonlyMap<string, FileFacts>): KnownFile[] {
  return code.flatMap(({ path, key }) => {
    const known = facts.get(key);
    return known === undefined || known.skipped !== null ? [] : [{ path, facts: known }];
  });
}

/** A map in which nobody has looked for declarations yet. `ranked`: the weightiest first. */
export function contentOf(
  { files, code, skipped }: Listing,
  facts: ReadonlyMap<string, FileFacts>,
  ranked: readonly KnownFile[],
  hasGrammars: boolean,
): MapContent {
  const reasons = new Map(skipped);
  for (const { path, key } of code) {
    const reason = facts.get(key)?.skipped ?? null;
    if (reason !== null) reasons.set(path, reason);
  }
  const counts: Partial<Record<SkipReason, number>> = {};
  for (const reason of reasons.values()) counts[reason] = (counts[reason] ?? 0) + 1;
  const own = files.flatMap(({ path }) => (reasons.has(path) ? [] : [path]));
  // Nothing is understood here: then at least the names of the files.
  const shown = ranked.length > 0 ? ranked.map(({ path }) => path) : own;
  const symbols = ranked.length > 0 && hasGrammars ? null : [];
  return {
    files: files.length,
    codeFiles: code.length,
    skipped: counts,
    folders: folderCounts(own),
    ranked: shown.slice(0, MOST_RANKED).map((path) => ({ path, symbols, moreSymbols: 0 })),
    hasGrammars,
  };
}

/** The declarations of a file, the most used first; where uses say nothing, outer ones and then earlier ones. */
export function mapFile(
  path: string,
  all: readonly CodeSymbol[],
  weightOf: (name: string) => number,
): MapFile {
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

/** Counts files by folder, down to two levels. */
function folderCounts(paths: readonly string[]): [string, number][] {
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
