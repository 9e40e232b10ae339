import fs from "node:fs";
import { writeWhole } from "./fact-store.ts";
import { SYMBOL_KINDS } from "./languages.ts";
import { type CodeSymbol, DEEPEST } from "./symbols.ts";

/** Grows whenever declarations are read in another way. */
const SYMBOLS_VERSION = 1;
/** Files whose declarations are kept: several answers of the largest size. */
export const MOST_KEPT_FILES = 3000;

/** Declarations by what identifies the content of their file, those asked for last at the end. */
export function writeSymbols(file: string, symbols: ReadonlyMap<string, readonly CodeSymbol[]>): void {
  const files = [...symbols].slice(-MOST_KEPT_FILES);
  writeWhole(file, JSON.stringify({ version: SYMBOLS_VERSION, files }));
}

/** Empty when there is nothing, or nothing that is whole. */
export function readSymbols(file: string): Map<string, readonly CodeSymbol[]> {
  try {
    const kept: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
    if (typeof kept !== "object" || kept === null) return new Map();
    const { version, files } = kept as { version?: unknown; files?: unknown };
    return version === SYMBOLS_VERSION && Array.isArray(files) && files.every(isEntry)
      ? new Map(files)
      : new Map();
  } catch {
    // None yet, or damaged ones: they are read again.
    return new Map();
  }
}

function isEntry(value: unknown): value is [string, CodeSymbol[]] {
  return (
    Array.isArray(value) &&
    typeof value[0] === "string" &&
    Array.isArray(value[1]) &&
    value[1].every(isSymbol)
  );
}

/** Whether a part of a cache is a declaration. */
export function isSymbol(value: unknown): value is CodeSymbol {
  if (typeof value !== "object" || value === null) return false;
  const { name, kind, line, depth, exported, signature } = value as Partial<
    Record<keyof CodeSymbol, unknown>
  >;
  return (
    typeof name === "string" &&
    SYMBOL_KINDS.some((known) => known === kind) &&
    Number.isSafeInteger(line) &&
    typeof depth === "number" &&
    depth >= 0 &&
    depth <= DEEPEST &&
    typeof exported === "boolean" &&
    typeof signature === "string"
  );
}
