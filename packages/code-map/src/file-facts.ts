import path from "node:path";
import type { LanguageName } from "./languages.ts";
import { MOST_SOURCE_BYTES, readSource } from "./read-source.ts";
import { createSourceScanner, type ScannedNames } from "./scan-source.ts";
import type { SkipReason } from "./skip-rules.ts";

/** What the content of one file tells about its weight among others. */
export interface FileFacts extends ScannedNames {
  skipped: SkipReason | null;
}

/** A file to read. */
export interface ReadTask {
  /** Relative to the root. */
  path: string;
  language: LanguageName;
}

/** Of what cannot be read, or is not part of the map. */
export function factsWithoutNames(skipped: SkipReason | null): FileFacts {
  return { skipped, names: new Uint32Array(0), topCount: 0, innerCount: 0 };
}

/** Reads files below `root`; what cannot be read has no names, and is not tried again until it changes. */
export function createFactReader(root: string): (task: ReadTask) => FileFacts {
  const scan = createSourceScanner();
  const buffer = Buffer.allocUnsafe(MOST_SOURCE_BYTES);
  return ({ path: file, language }) => {
    const source = readSource(path.join(root, file), buffer);
    if (source === null || typeof source === "string") return factsWithoutNames(source);
    return { skipped: null, ...scan(source, language) };
  };
}
