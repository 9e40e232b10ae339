import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { writeWhole } from "./fact-store.ts";
import type { MapContent, MapFile } from "./map-content.ts";
import { isSymbol } from "./symbol-store.ts";

/** Grows whenever a map is made in another way. */
const MAP_VERSION = 2;

/** A finished map of the whole root, and the fingerprint of the listing that it was made of. */
export interface KeptMap {
  fingerprint: string;
  content: MapContent;
}

/** Null when there is none, or none that is whole. */
export function readKeptMap(file: string): KeptMap | null {
  try {
    const kept: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
    if (typeof kept !== "object" || kept === null) return null;
    const { version, fingerprint, content } = kept as { version?: unknown } & Partial<
      Record<keyof KeptMap, unknown>
    >;
    if (version !== MAP_VERSION || typeof fingerprint !== "string") return null;
    return isContent(content) ? { fingerprint, content } : null;
  } catch {
    // None yet, or a damaged one: it is made again.
    return null;
  }
}

/** Only this program writes the file, whole; the look is for a disk that did not keep it. */
function isContent(value: unknown): value is MapContent {
  if (typeof value !== "object" || value === null) return false;
  const content = value as Partial<Record<keyof MapContent, unknown>>;
  const { files, codeFiles, ranked, folders, skipped, hasGrammars } = content;
  return (
    typeof files === "number" &&
    typeof codeFiles === "number" &&
    typeof hasGrammars === "boolean" &&
    Array.isArray(ranked) &&
    ranked.every(isMapFile) &&
    Array.isArray(folders) &&
    folders.every(
      (entry) => Array.isArray(entry) && typeof entry[0] === "string" && Number.isFinite(entry[1]),
    ) &&
    typeof skipped === "object" &&
    skipped !== null
  );
}

function isMapFile(value: unknown): value is MapFile {
  if (typeof value !== "object" || value === null) return false;
  const { path: file, symbols, moreSymbols } = value as Partial<Record<keyof MapFile, unknown>>;
  const isRead = Array.isArray(symbols) && symbols.every(isSymbol);
  return typeof file === "string" && Number.isSafeInteger(moreSymbols) && (symbols === null || isRead);
}

export function writeKeptMap(file: string, kept: KeptMap): void {
  writeWhole(file, JSON.stringify({ version: MAP_VERSION, ...kept }));
}

const MOST_KEPT_ROOTS = 8;

/** The folder of a root below the folder for all roots; those used longest ago are removed. */
export function cacheFolder(parent: string, root: string): string {
  const name = createHash("sha256").update(root).digest("hex").slice(0, 16);
  const own = path.join(parent, name);
  try {
    fs.mkdirSync(own, { recursive: true, mode: 0o700 });
    const others = fs.readdirSync(parent).filter((other) => other !== name);
    if (others.length >= MOST_KEPT_ROOTS) removeOldest(parent, others);
  } catch {
    // Without a place to keep things every map is a first one.
  }
  return own;
}

function removeOldest(parent: string, names: readonly string[]): void {
  const aged = names
    .map((name) => ({
      name,
      used: fs.statSync(path.join(parent, name), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    }))
    .sort((a, b) => b.used - a.used);
  for (const { name } of aged.slice(MOST_KEPT_ROOTS - 1)) {
    fs.rmSync(path.join(parent, name), { recursive: true, force: true });
  }
}
