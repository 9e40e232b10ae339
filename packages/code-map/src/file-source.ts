import { createHash } from "node:crypto";
import fs from "node:fs/promises";
import path from "node:path";
import { isVendorFolder } from "./skip-rules.ts";

/** A file below the root. `id` changes when its content does. */
export interface ListedFile {
  /** With slashes, relative to the root. */
  path: string;
  id: string;
}

/** All files at one moment. */
export interface FileListing {
  /** The same as long as the same files have the same contents. */
  fingerprint: string;
  /** Sorted by path; links and other things that are no files may be in it. */
  files(): readonly ListedFile[];
}

/** A listing of files that are known one by one. */
export function listingOf(files: readonly ListedFile[]): FileListing {
  const hash = createHash("sha1");
  for (const { path: file, id } of files) hash.update(`${file}\0${id}\0`);
  return { fingerprint: hash.digest("hex"), files: () => files };
}

/** Where the list of files comes from. */
export interface FileSource {
  list(signal: AbortSignal): Promise<FileListing>;
  /** When files were changed last, in Unix seconds; only the latest changes have to be there. */
  changeTimes(signal: AbortSignal): Promise<ReadonlyMap<string, number>>;
}

const MOST_FILES = 200_000;
const MOST_DEPTH = 40;

/** Walks a folder that git knows nothing of. Folders of dependencies are not entered and not counted. */
export function walkingSource(root: string): FileSource {
  let times = new Map<string, number>();
  return {
    async list(signal) {
      const found: ListedFile[] = [];
      times = new Map();
      let level = [""];
      for (let depth = 0; depth < MOST_DEPTH && level.length > 0; depth++) {
        const below: string[] = [];
        for (const folder of level) {
          signal.throwIfAborted();
          if (found.length >= MOST_FILES) break;
          await listFolder(root, folder, { found, below, times });
        }
        level = below;
      }
      return listingOf(found.sort((a, b) => (a.path < b.path ? -1 : 1)));
    },
    changeTimes: () => Promise.resolve(times),
  };
}

interface Found {
  found: ListedFile[];
  below: string[];
  times: Map<string, number>;
}

async function listFolder(root: string, folder: string, { found, below, times }: Found): Promise<void> {
  const entries = await fs.readdir(path.join(root, folder), { withFileTypes: true }).catch(() => []);
  const files: string[] = [];
  for (const entry of entries) {
    const file = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.isFile()) files.push(file);
    else if (entry.isDirectory() && !isVendorFolder(entry.name)) below.push(file);
  }
  const facts = await Promise.all(files.map((file) => fs.lstat(path.join(root, file)).catch(() => null)));
  for (const [index, file] of files.entries()) {
    const fact = facts[index];
    if (!fact || found.length >= MOST_FILES) continue;
    times.set(file, Math.floor(fact.mtimeMs / 1000));
    found.push({ path: file, id: statId(fact) });
  }
}

/** The identity of a file whose content nobody has named. */
export function statId({
  size,
  mtimeMs,
  ctimeMs,
}: {
  size: number;
  mtimeMs: number;
  ctimeMs: number;
}): string {
  return `${size}.${mtimeMs}.${ctimeMs}`;
}
