import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { FACTS_VERSION, writeWhole } from "./fact-store.ts";
import type { ListedFile } from "./file-source.ts";
import type { MapContent } from "./map-content.ts";

/** What a listing looked like: two listings with the same fingerprint have the same map. */
export function listingFingerprint(files: readonly ListedFile[], grammars: boolean): string {
  const hash = createHash("sha1").update(`${FACTS_VERSION}\0${grammars}\0`);
  const parts: string[] = [];
  for (const { path: file, id } of files) parts.push(file, id);
  return hash.update(parts.join("\0")).digest("hex");
}

/** The finished map of the whole root, as it was when the listing had this fingerprint; null otherwise. */
export function readKeptMap(file: string, fingerprint: string): MapContent | null {
  try {
    const kept: unknown = JSON.parse(fs.readFileSync(file, "utf8"));
    if (typeof kept !== "object" || kept === null) return null;
    const { fingerprint: known, content } = kept as { fingerprint?: unknown; content?: unknown };
    return known === fingerprint && isContent(content) ? content : null;
  } catch {
    // None yet, or a damaged one: it is made again.
    return null;
  }
}

/** Only this program writes the file, whole; the look is for one that another version wrote. */
function isContent(value: unknown): value is MapContent {
  if (typeof value !== "object" || value === null) return false;
  const { files, ranked, folders, skipped } = value as Partial<Record<keyof MapContent, unknown>>;
  return (
    typeof files === "number" &&
    Array.isArray(ranked) &&
    Array.isArray(folders) &&
    typeof skipped === "object" &&
    skipped !== null
  );
}

export function writeKeptMap(file: string, fingerprint: string, content: MapContent): void {
  writeWhole(file, JSON.stringify({ fingerprint, content }));
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
