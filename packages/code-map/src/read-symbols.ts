import path from "node:path";
import type { ReadTask } from "./file-facts.ts";
import { loadParser, type Parser } from "./grammar.ts";
import { type LanguageName, languageNamed } from "./languages.ts";
import { MOST_SOURCE_BYTES, readSource } from "./read-source.ts";
import { type CodeSymbol, type NodeTable, nodeTable, symbolsOf } from "./symbols.ts";

/** Milliseconds for one tree, far beyond what a busy machine needs; a file that takes longer is listed by name. */
const PARSE_LIMIT_MS = 5000;

/** Reads the declarations of a file below a root; none when it cannot be read or its grammar is missing. */
export type SymbolReader = (task: ReadTask) => Promise<CodeSymbol[]>;

/** `grammars` as `findGrammars` says. A grammar is loaded when a file needs it, and stays. */
export function createSymbolReader(root: string, grammars: string, monotonicMs: () => number): SymbolReader {
  const parsers = new Map<LanguageName, Promise<LanguageParser | null>>();
  const buffer = Buffer.allocUnsafe(MOST_SOURCE_BYTES);
  return async ({ path: file, language }) => {
    let loading = parsers.get(language);
    if (loading === undefined) {
      loading = parserFor(grammars, language);
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

/** Null when the grammar is missing or does not fit; its files are then listed by name. */
async function parserFor(folder: string, name: LanguageName): Promise<LanguageParser | null> {
  try {
    const language = languageNamed(name);
    const { parser, grammar } = await loadParser(folder, language.grammar);
    return { parser, table: nodeTable(grammar, language) };
  } catch {
    // Half an installation must not cost the map.
    return null;
  }
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
