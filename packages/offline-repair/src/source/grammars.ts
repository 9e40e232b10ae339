import { findGrammars, loadParser, type Parser } from "@quire/code-map";
import { CodedError } from "@quire/protocol";
import type { Language } from "./language.ts";

type GrammarName = "python" | "javascript" | "typescript" | "tsx";
const NAMES: readonly GrammarName[] = ["python", "javascript", "typescript", "tsx"];

const parsers = new Map<GrammarName, Parser>();
let loading: Promise<void> | undefined;

/**
 * Loads the grammars; source texts can be read from then on, as long as the process runs. Fails with
 * `model_not_found` where tree-sitter is not installed.
 */
export function loadGrammars(): Promise<void> {
  loading ??= load();
  return loading;
}

async function load(): Promise<void> {
  const folder = findGrammars();
  if (folder === null) throw missing();
  for (const name of NAMES) parsers.set(name, (await loadParser(folder, name)).parser);
}

/** The parser for a file. Types and the syntax of React are two grammars. */
export function parserFor(language: Language, path: string): Parser {
  const parser = parsers.get(path.endsWith(".tsx") ? "tsx" : language);
  if (parser === undefined) throw missing();
  return parser;
}

function missing(): CodedError {
  return new CodedError(
    "model_not_found",
    "The offline repair engine cannot read programs: tree-sitter is missing.",
    {
      nextStep:
        "Install Quire again with its optional packages (@vscode/tree-sitter-wasm), or configure a model.",
    },
  );
}
