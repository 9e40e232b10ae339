import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { type LanguageName, languageNamed } from "./languages.ts";
import { createNameScanner, hashName, isDistinctive, SHORTEST_NAME } from "./names.ts";
import { MOST_FILE_BYTES, type SkipReason, skipReasonOfContent } from "./skip-rules.ts";
import { type CodeSymbol, type NodeTable, nodeTable, symbolsOf } from "./symbols.ts";

type TreeSitter = typeof import("@vscode/tree-sitter-wasm");
type Parser = import("@vscode/tree-sitter-wasm").Parser;

/** What is known of the content of one file. */
export interface FileFacts {
  skipped: SkipReason | null;
  /** `CodeSymbol[]` as JSON: most are never looked at again. */
  symbols: string;
  symbolCount: number;
  /**
   * Numbers of names: first of what the file declares at its top for others, then of what it declares inside, or
   * by a plain word, then of all names in it. See `hashName`.
   */
  names: Uint32Array;
  topCount: number;
  innerCount: number;
}

/** A file to read. */
export interface ReadTask {
  /** Relative to the root. */
  path: string;
  language: LanguageName;
}

/** Bytes of a file that are parsed: declarations behind them are not seen. */
export const PARSED_BYTES = 128 * 1024;
/** Milliseconds for one tree, far beyond what a busy machine needs; a file that takes longer is listed by name. */
const PARSE_LIMIT_MS = 5000;

/** The folder that holds tree-sitter and its grammars; null where the optional package is not installed. */
export function findGrammars(): string | null {
  try {
    const manifest = createRequire(import.meta.url).resolve("@vscode/tree-sitter-wasm/package.json");
    return path.join(path.dirname(manifest), "wasm");
  } catch {
    // An optional package may be missing.
    return null;
  }
}

export interface FactReader {
  /** Null when the file cannot be read: gone, a link, no file. */
  read(task: ReadTask): Promise<FileFacts | null>;
}

/** Reads files below `root`. `grammars` as `findGrammars` says. Grammars are loaded when a file needs them, and stay. */
export function createFactReader(
  root: string,
  grammars: string | null,
  monotonicMs: () => number,
): FactReader {
  const scan = createNameScanner();
  const parsers = new Map<LanguageName, Promise<LanguageParser | null>>();
  const buffer = Buffer.allocUnsafe(PARSED_BYTES);
  return {
    async read({ path: file, language }) {
      const bytes = readStart(path.join(root, file), buffer);
      if (typeof bytes === "string") return skippedFacts(bytes);
      if (bytes === null) return null;
      const skipped = skipReasonOfContent(bytes);
      if (skipped !== null) return skippedFacts(skipped);
      let loading = parsers.get(language);
      if (loading === undefined) {
        loading = grammars === null ? Promise.resolve(null) : loadParser(grammars, language);
        parsers.set(language, loading);
      }
      const parser = await loading;
      const symbols = parser === null ? [] : parse(parser, bytes.toString("utf8"), monotonicMs);
      return factsOf(symbols, scan(bytes));
    },
  };
}

function factsOf(symbols: readonly CodeSymbol[], all: Uint32Array): FileFacts {
  const top = new Set<number>();
  const inner = new Set<number>();
  for (const { name, depth, exported } of symbols) {
    if (!exported || name.length < SHORTEST_NAME) continue;
    if (isDistinctive(name)) (depth === 0 ? top : inner).add(hashName(name));
    else if (depth === 0) inner.add(hashName(name));
  }
  const names = new Uint32Array(top.size + inner.size + all.length);
  names.set([...top]);
  names.set([...inner], top.size);
  names.set(all, top.size + inner.size);
  return {
    skipped: null,
    symbols: JSON.stringify(symbols),
    symbolCount: symbols.length,
    names,
    topCount: top.size,
    innerCount: inner.size,
  };
}

function skippedFacts(skipped: SkipReason): FileFacts {
  return { skipped, symbols: "[]", symbolCount: 0, names: new Uint32Array(0), topCount: 0, innerCount: 0 };
}

/** The first bytes of a file, up to a line's end where it goes on; they are only good until the next call. */
function readStart(file: string, buffer: Buffer): Buffer | "huge" | null {
  let descriptor: number;
  try {
    // Never a link, and never a pipe that somebody put there to be waited for.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
    descriptor = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    // Gone since it was listed, a link, or not ours to read: there is nothing to say of it.
    return null;
  }
  try {
    const facts = fs.fstatSync(descriptor);
    if (!facts.isFile()) return null;
    if (facts.size > MOST_FILE_BYTES) return "huge";
    let length = 0;
    while (length < buffer.length) {
      const got = fs.readSync(descriptor, buffer, length, buffer.length - length, length);
      if (got === 0) break;
      length += got;
    }
    const whole = buffer.subarray(0, length);
    if (length < buffer.length) return whole;
    const end = whole.lastIndexOf(10);
    return end < 0 ? whole : whole.subarray(0, end + 1);
  } catch {
    // A read that fails in the middle: as if it could not be opened.
    return null;
  } finally {
    fs.closeSync(descriptor);
  }
}

interface LanguageParser {
  parser: Parser;
  table: NodeTable;
}

let started: Promise<TreeSitter> | undefined;

/** Null when the grammar is missing or does not fit; its files are then listed by name. */
async function loadParser(folder: string, name: LanguageName): Promise<LanguageParser | null> {
  try {
    started ??= startTreeSitter(folder);
    const { Parser, Language } = await started;
    const language = languageNamed(name);
    const wasm = await fs.promises.readFile(path.join(folder, `tree-sitter-${language.grammar}.wasm`));
    const grammar = await Language.load(wasm);
    const parser = new Parser();
    parser.setLanguage(grammar);
    return { parser, table: nodeTable(grammar, language) };
  } catch {
    // Half an installation must not cost the map.
    return null;
  }
}

async function startTreeSitter(folder: string): Promise<TreeSitter> {
  // The package has no place in a bundle: it loads its WebAssembly from beside itself.
  const treeSitter = createRequire(import.meta.url)(path.join(folder, "tree-sitter.js")) as TreeSitter;
  await treeSitter.Parser.init();
  return treeSitter;
}

function parse({ parser, table }: LanguageParser, text: string, monotonicMs: () => number): CodeSymbol[] {
  const until = monotonicMs() + PARSE_LIMIT_MS;
  const tree = parser.parse(text, null, { progressCallback: () => monotonicMs() > until });
  if (tree === null) {
    parser.reset();
    return [];
  }
  try {
    return symbolsOf(tree, text, table);
  } finally {
    tree.delete();
  }
}
