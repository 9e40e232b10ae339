import fs from "node:fs";
import path from "node:path";
import { readFacts, writeFacts } from "./fact-store.ts";
import type { FileSource, ListedFile } from "./file-source.ts";
import { cacheFolder, listingFingerprint, readKeptMap, writeKeptMap } from "./kept-map.ts";
import { type LanguageName, languageOfFile } from "./languages.ts";
import { folderCounts, type MapContent, MOST_RANKED, mapFile, readingOrder } from "./map-content.ts";
import { type KnownFile, rankFiles } from "./rank-files.ts";
import type { FileFacts, ReadTask } from "./read-facts.ts";
import { createReadPool } from "./read-pool.ts";
import { DEFAULT_BUDGET_BYTES, MOST_BUDGET_BYTES, renderMap } from "./render-map.ts";
import { type SkipReason, skipReasonOfPath } from "./skip-rules.ts";

export interface CodeMapDeps {
  /** Absolute, without links. */
  root: string;
  source: FileSource;
  /** Absolute; a folder in it is used for this root. Null keeps nothing. */
  cacheParent: string | null;
  /** As `findGrammars` says. */
  grammars: string | null;
  /** The built `worker.ts`; null reads in the caller's thread. */
  workerFile: string | null;
  /** How many threads read. */
  workers: number;
  monotonicMs: () => number;
}

export interface MapRequest {
  /** A folder or file below the root, relative; empty for all of it. */
  path?: string;
  /** A file, or the name of a symbol, that the answer is to be about. */
  focus?: string | null;
  /** Bytes of the answer: 512 to 65,536. */
  budgetBytes?: number;
  /** Milliseconds for files that were never read; what is missing then is said. Infinity waits for all. */
  withinMs?: number;
  /** Judges a file that would be shown, by its relative path. */
  mayShow?: (path: string) => boolean;
  signal: AbortSignal;
}

export interface MapAnswer {
  text: string;
  content: MapContent;
  shownFiles: readonly string[];
  /** Whether files are missing because there was no time to read them. */
  partial: boolean;
}

/** The map of one root. Asked again it reads only what changed; what was begun goes on in the background. */
export interface CodeMap {
  /** Rejects when the files cannot be listed or the signal fires. */
  map(request: MapRequest): Promise<MapAnswer>;
  /** Ends what still reads and keeps what was read. May be called twice. */
  close(): Promise<void>;
}

export const DEFAULT_WITHIN_MS = 2300;

interface CodeFile extends ListedFile {
  language: LanguageName;
  /** Of the content and the language it is read as. */
  key: string;
}

interface Listing {
  files: readonly ListedFile[];
  code: readonly CodeFile[];
  skipped: ReadonlyMap<string, SkipReason>;
}

/** Opens the map of a root. Nothing is read before it is asked for. */
export function openCodeMap(deps: CodeMapDeps): CodeMap {
  const folder = deps.cacheParent === null ? null : cacheFolder(deps.cacheParent, deps.root);
  const factsFile = folder === null ? null : path.join(folder, "facts.bin");
  const mapFileName = folder === null ? null : path.join(folder, "map.json");
  const pool = createReadPool(deps);
  const ending = new AbortController();
  let facts: Map<string, FileFacts> | null = null;
  let reading: Promise<void> | null = null;
  let unsaved = false;
  let newest: Listing | null = null;

  const known = (): Map<string, FileFacts> => {
    facts ??= factsFile === null ? new Map() : readFacts(factsFile);
    return facts;
  };
  const save = (): void => {
    if (!unsaved || facts === null || factsFile === null) return;
    unsaved = false;
    writeFacts(factsFile, onlyOf(facts, newest));
  };
  /** Reads what is missing; one reading at a time, the next call begins what a later listing brought. */
  const read = (missing: readonly CodeFile[]): Promise<void> => {
    const table = known();
    const byPath = new Map(missing.map((file) => [file.path, file]));
    const onFacts = (task: ReadTask, fact: FileFacts | null): void => {
      const file = byPath.get(task.path);
      if (file === undefined) return;
      unsaved = true;
      table.set(file.key, fact ?? UNREADABLE);
    };
    reading ??= pool.readAll(missing, onFacts, ending.signal).finally(() => {
      reading = null;
      save();
    });
    return reading;
  };

  return {
    async map(request) {
      const { signal, withinMs = DEFAULT_WITHIN_MS, focus = null } = request;
      const began = deps.monotonicMs();
      // The first time everything is to be read, and threads take a moment to start.
      if (facts === null && (factsFile === null || !fs.existsSync(factsFile))) pool.prepare();
      const files = await deps.source.list(signal);
      const fingerprint = listingFingerprint(files, deps.grammars !== null);
      const prefix = (request.path ?? "").replace(/^\.\/|\/+$/g, "");

      const isRoot = prefix === "" || prefix === ".";
      const isWhole = focus === null && isRoot;
      const kept = isWhole && mapFileName !== null ? readKeptMap(mapFileName, fingerprint) : null;
      if (kept !== null) return answer(kept, deps, request);

      newest = sortOut(files);
      const listing = isRoot ? newest : below(newest, prefix);
      const table = known();
      const missing = listing.code.filter(({ key }) => !table.has(key));
      const times = await deps.source.changeTimes(signal);
      if (missing.length > 0) {
        const left = Math.max(0, withinMs - (deps.monotonicMs() - began));
        await within(read(readingOrder(missing, times, focus)), left, signal);
      }
      const content = contentOf(listing, table, times, focus, deps.grammars !== null);
      if (isWhole && content.unread === 0 && mapFileName !== null) {
        writeKeptMap(mapFileName, fingerprint, content);
      }
      return answer(content, deps, request);
    },
    async close() {
      ending.abort();
      await pool.close();
      await reading;
      save();
    },
  };
}

/** A file that is there and cannot be read; it is not tried again until it changes. */
const UNREADABLE: FileFacts = {
  skipped: null,
  symbols: "[]",
  symbolCount: 0,
  names: new Uint32Array(0),
  topCount: 0,
  innerCount: 0,
};

function sortOut(files: readonly ListedFile[]): Listing {
  const code: CodeFile[] = [];
  const skipped = new Map<string, SkipReason>();
  for (const file of files) {
    const reason = skipReasonOfPath(file.path);
    if (reason !== null) skipped.set(file.path, reason);
    else {
      const language = languageOfFile(file.path);
      if (language !== null) code.push({ ...file, language, key: `${language}:${file.id}` });
    }
  }
  return { files, code, skipped };
}

function below({ files, code, skipped }: Listing, prefix: string): Listing {
  const isBelow = ({ path: file }: ListedFile) => file === prefix || file.startsWith(`${prefix}/`);
  const kept = files.filter(isBelow);
  return {
    files: kept,
    code: code.filter(isBelow),
    skipped: new Map(
      kept.flatMap(({ path: file }) => {
        const reason = skipped.get(file);
        return reason === undefined ? [] : [[file, reason] as const];
      }),
    ),
  };
}

/** What the newest listing still needs: facts of contents that are gone would gather for ever. */
function onlyOf(facts: Map<string, FileFacts>, listing: Listing | null): Map<string, FileFacts> {
  if (listing === null || facts.size <= listing.code.length * 2 + 1000) return facts;
  const wanted = new Set(listing.code.map(({ key }) => key));
  return new Map([...facts].filter(([key]) => wanted.has(key)));
}

function contentOf(
  { files, code, skipped }: Listing,
  table: ReadonlyMap<string, FileFacts>,
  changeTimes: ReadonlyMap<string, number>,
  focus: string | null,
  hasGrammars: boolean,
): MapContent {
  const counts: Partial<Record<SkipReason, number>> = {};
  for (const reason of skipped.values()) counts[reason] = (counts[reason] ?? 0) + 1;
  const read: KnownFile[] = [];
  const leftOut = new Set(skipped.keys());
  let unread = 0;
  let symbols = 0;
  for (const file of code) {
    const fact = table.get(file.key);
    if (fact === undefined) unread++;
    else if (fact.skipped !== null) counts[fact.skipped] = (counts[fact.skipped] ?? 0) + 1;
    else {
      symbols += fact.symbolCount;
      read.push({ path: file.path, facts: fact });
    }
    if (fact !== undefined && fact.skipped !== null) leftOut.add(file.path);
  }
  const ranking = rankFiles(read, { changeTimes, focus });
  const ranked = ranking.files.slice(0, MOST_RANKED).map((file) => mapFile(file, ranking.weightOf));
  const own = files.flatMap(({ path: file }) => (leftOut.has(file) ? [] : [file]));
  // Nothing is understood here: then at least the names of the files.
  const names = ranked.length > 0 ? [] : own.slice(0, MOST_RANKED);
  return {
    files: files.length,
    codeFiles: code.length,
    unread,
    symbols,
    skipped: counts,
    folders: folderCounts(own),
    ranked: [...ranked, ...names.map((file) => ({ path: file, symbols: [], moreSymbols: 0 }))],
    hasGrammars,
  };
}

function answer(content: MapContent, { root }: CodeMapDeps, request: MapRequest): MapAnswer {
  const { path: wanted = "", budgetBytes = DEFAULT_BUDGET_BYTES, mayShow } = request;
  const shown =
    mayShow === undefined
      ? content
      : { ...content, ranked: content.ranked.filter(({ path: file }) => mayShow(file)) };
  const place = wanted === "" || wanted === "." ? path.basename(root) : wanted;
  const { text, shownFiles } = renderMap(shown, place, Math.min(MOST_BUDGET_BYTES, budgetBytes));
  return { text, shownFiles, content: shown, partial: content.unread > 0 };
}

/** Settles when `work` does, or when the time is over; rejects when the signal fires. */
function within(work: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = Number.isFinite(ms) ? setTimeout(end, ms) : undefined;
    const abort = () => end(signal.reason);
    function end(reason?: unknown): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      if (reason === undefined) resolve();
      else reject(reason);
    }
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener("abort", abort, { once: true });
    work.then(() => end(), end);
  });
}
