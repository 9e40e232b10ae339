import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import type { ReadTask } from "./file-facts.ts";
import { type LanguageName, languageNamed } from "./languages.ts";
import { MOST_SOURCE_BYTES, readSource } from "./read-source.ts";
import { type CodeSymbol, type NodeTable, nodeTable, symbolsOf } from "./symbols.ts";

type TreeSitter = typeof import("@vscode/tree-sitter-wasm");
type Parser = import("@vscode/tree-sitter-wasm").Parser;

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

/** Reads the declarations of a file below a root; none when it cannot be read or its grammar is missing. */
export type SymbolReader = (task: ReadTask) => Promise<CodeSymbol[]>;

/** `grammars` as `findGrammars` says. A grammar is loaded when a file needs it, and stays. */
export function createSymbolReader(root: string, grammars: string, monotonicMs: () => number): SymbolReader {
  const parsers = new Map<LanguageName, Promise<LanguageParser | null>>();
  const buffer = Buffer.allocUnsafe(MOST_SOURCE_BYTES);
  return async ({ path: file, language }) => {
    let loading = parsers.get(language);
    if (loading === undefined) {
      loading = loadParser(grammars, language);
      parsers.set(language, loading);
    }
    const parser = await loading;
    if (parser === null) return [];
    const source = readSource(path.join(root, file), buffer);
    return source === null || typeof source === "string"
      ? []
      : parse(parser, source.toString("utf8"), monotonicMs);
  };
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
