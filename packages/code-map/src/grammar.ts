import fs from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

type TreeSitter = typeof import("@vscode/tree-sitter-wasm");

/** The parts of tree-sitter that are used; the types of its package name everything under one module. */
export type Grammar = import("@vscode/tree-sitter-wasm").Language;
export type Parser = import("@vscode/tree-sitter-wasm").Parser;
export type Tree = import("@vscode/tree-sitter-wasm").Tree;

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

let started: Promise<TreeSitter> | undefined;

/**
 * A parser for a grammar by its file's name: `python` for `tree-sitter-python.wasm`. Rejects when the file is missing or
 * does not fit. WebAssembly and grammar stay loaded as long as the process runs.
 */
export async function loadParser(
  folder: string,
  name: string,
): Promise<{ parser: Parser; grammar: Grammar }> {
  started ??= startTreeSitter(folder);
  const { Parser, Language } = await started;
  const wasm = await fs.promises.readFile(path.join(folder, `tree-sitter-${name}.wasm`));
  const grammar = await Language.load(wasm);
  const parser = new Parser();
  parser.setLanguage(grammar);
  return { parser, grammar };
}

async function startTreeSitter(folder: string): Promise<TreeSitter> {
  // The package has no place in a bundle: it loads its WebAssembly from beside itself.
  const treeSitter = createRequire(import.meta.url)(path.join(folder, "tree-sitter.js")) as TreeSitter;
  await treeSitter.Parser.init();
  return treeSitter;
}
