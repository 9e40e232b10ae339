import path from "node:path";
import { FactTable } from "./fact-table.ts";
import type { FileSource } from "./file-source.ts";
import { cacheFolder, readKeptMap, writeKeptMap } from "./kept-map.ts";
import { type CodeFile, listingBelow, sortOut } from "./listing.ts";
import { contentOf, knownFiles, type MapContent, mapFile } from "./map-content.ts";
import { type FocusFound, rankFiles } from "./rank-files.ts";
import { createReadPool, type ReadPool } from "./read-pool.ts";
import { DEFAULT_BUDGET_BYTES, MOST_BUDGET_BYTES, type RenderedMap, renderMap } from "./render-map.ts";
import { SymbolTable } from "./symbol-table.ts";

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
  /** Judges a file that would be shown, by its relative path. */
  mayShow?: (path: string) => boolean;
  signal: AbortSignal;
}

export interface MapAnswer {
  text: string;
  content: MapContent;
  shownFiles: readonly string[];
  /** Null where no focus was asked for. */
  focus: FocusFound | null;
}

/** The map of one root. Asked again it reads only what changed. */
export interface CodeMap {
  /**
   * One at a time, others wait. Rejects when the files cannot be listed or the signal fires; what was read until then is
   * kept.
   */
  map(request: MapRequest): Promise<MapAnswer>;
  /** Ends what still reads. May be called twice. */
  close(): Promise<void>;
}

/** Opens the map of a root. Nothing is read before it is asked for. */
export function openCodeMap(deps: CodeMapDeps): CodeMap {
  const pool = createReadPool(deps);
  const maker = new MapMaker(deps, pool);
  const ending = new AbortController();
  let turn: Promise<unknown> = Promise.resolve();
  return {
    map(request) {
      const signal = AbortSignal.any([request.signal, ending.signal]);
      const made = turn.then(async () => {
        try {
          signal.throwIfAborted();
          return await maker.make({ ...request, signal });
        } finally {
          await pool.rest();
          maker.keep();
        }
      });
      turn = made.catch(() => undefined);
      return made;
    },
    async close() {
      ending.abort();
      await turn;
    },
  };
}

class MapMaker {
  readonly #deps: CodeMapDeps;
  readonly #pool: ReadPool;
  readonly #facts: FactTable;
  readonly #symbols: SymbolTable;
  readonly #mapFile: string | null;
  #newest: readonly CodeFile[] = [];

  constructor(deps: CodeMapDeps, pool: ReadPool) {
    const folder = deps.cacheParent === null ? null : cacheFolder(deps.cacheParent, deps.root);
    const cached = (name: string) => (folder === null ? null : path.join(folder, name));
    this.#deps = deps;
    this.#pool = pool;
    this.#facts = new FactTable(cached("facts.bin"), pool);
    this.#symbols = new SymbolTable(cached("symbols.json"), pool);
    this.#mapFile = cached("map.json");
  }

  async make(request: MapRequest): Promise<MapAnswer> {
    const { signal, focus = null } = request;
    const { source, grammars } = this.#deps;
    const prefix = (request.path ?? "").replace(/^\.\/|\/+$/g, "");
    const isRoot = prefix === "" || prefix === ".";
    const mapFileName = focus === null && isRoot ? this.#mapFile : null;
    // The first time everything is to be read, and threads take a moment to start.
    if (this.#facts.isEmpty()) this.#pool.prepare();
    const show = shower(this.#deps.root, request);
    // While git looks at the files, the kept map is read.
    const listing = source.list(signal);
    const kept = mapFileName === null ? null : readKeptMap(mapFileName);
    const listed = await listing;
    const isSame =
      kept?.fingerprint === listed.fingerprint && kept.content.hasGrammars === (grammars !== null);
    if (isSame) {
      const { text, shownFiles, unread } = show(kept.content);
      if (unread.length === 0) return { text, shownFiles, content: kept.content, focus: null };
    }

    const all = sortOut(listed.files());
    this.#newest = all.code;
    const wanted = isRoot ? all : listingBelow(all, prefix);
    const changeTimes = source.changeTimes(signal);
    // It is waited for below; when reading fails first, nobody is left to hear of it.
    changeTimes.catch(() => undefined);
    const facts = await this.#facts.of(wanted.code, signal);
    const ranking = rankFiles(knownFiles(wanted, facts), { changeTimes: await changeTimes, focus });
    let content = contentOf(wanted, facts, ranking.files, grammars !== null);
    const codeFiles = new Map(wanted.code.map((file) => [file.path, file]));
    for (;;) {
      const { text, shownFiles, unread } = show(content);
      if (unread.length === 0) {
        if (mapFileName !== null) writeKeptMap(mapFileName, { fingerprint: listed.fingerprint, content });
        return { text, shownFiles, content, focus: ranking.found };
      }
      const files = unread.flatMap((file) => codeFiles.get(file) ?? []);
      const symbols = await this.#symbols.of(files, signal);
      const ranked = content.ranked.map((file) =>
        unread.includes(file.path)
          ? mapFile(file.path, symbols.get(file.path) ?? [], ranking.weightOf)
          : file,
      );
      content = { ...content, ranked };
    }
  }

  /** Writes down what was read. */
  keep(): void {
    this.#facts.keep(this.#newest);
    this.#symbols.keep();
  }
}

/** Renders for one request. What may be shown is asked once of each file. */
function shower(root: string, request: MapRequest): (content: MapContent) => RenderedMap {
  const { path: wanted = "", budgetBytes = DEFAULT_BUDGET_BYTES, mayShow } = request;
  const place = wanted === "" || wanted === "." ? path.basename(root) : wanted;
  const judged = new Map<string, boolean>();
  const isShown = (file: string): boolean => {
    const known = judged.get(file) ?? mayShow?.(file) ?? true;
    judged.set(file, known);
    return known;
  };
  return (content) => {
    const ranked = content.ranked.filter(({ path: file }) => isShown(file));
    return renderMap({ ...content, ranked }, place, Math.min(MOST_BUDGET_BYTES, budgetBytes));
  };
}
