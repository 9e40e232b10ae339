import fs from "node:fs";
import { Script } from "node:vm";

/** A compiled file, and how to spare the next process the work; null when this one was spared it already. */
export interface CachedScript {
  script: Script;
  keep: (() => void) | null;
}

/**
 * Compiles a file with V8's code cache, which an earlier process left beside it: then nothing is parsed at all. The
 * name of the file must contain a hash of its content, because V8 tells sources apart by their length alone. With a
 * cache of another Node, or none, the start takes longer and does the same.
 */
export function compileCached(file: string): CachedScript {
  const source = fs.readFileSync(file, "latin1"); // ASCII by the build: V8 then keeps one byte per character
  const cacheFile = `${file}.${process.arch}-${process.version}.cache`;
  const cachedData = readIfThere(cacheFile);
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
  const spared = cachedData !== undefined && script.cachedDataRejected === false;
  return { script, keep: spared ? null : () => writeCache(script, cacheFile) };
}

/** Keeps the functions that have been compiled by now. Two processes may do it at once: the file appears whole. */
function writeCache(script: Script, cacheFile: string): void {
  const partial = `${cacheFile}.${process.pid}.partial`;
  try {
    fs.writeFileSync(partial, script.createCachedData());
    fs.renameSync(partial, cacheFile);
  } catch {
    removeIfThere(partial); // an installation that this user may not write to, or a full disk: it works without
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file);
  } catch {
    return undefined; // not made yet, or not for this user to read
  }
}

function removeIfThere(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // A read-only file system refuses even this; then there is nothing to remove.
  }
}
