import { createHash } from "node:crypto";
import fs from "node:fs";
import { Script } from "node:vm";

/** A compiled file, and how to spare the next process the work; null when this one was spared it already. */
export interface CachedScript {
  script: Script;
  keep: (() => void) | null;
}

/** Bytes of the SHA-256 of source and code that a cache file begins with. A multiple of eight: V8 copies otherwise. */
const SEAL_BYTES = 32;

/**
 * Compiles a file with V8's code cache, which an earlier process left beside it: then nothing is parsed at all. V8
 * itself tells sources apart by their length alone and trusts every byte of the code, so the seal is looked at first;
 * it guards against accidents, not against somebody who may write where the program lies. With a cache of another Node,
 * or none, the start takes longer and does the same.
 */
export function compileCached(file: string): CachedScript {
  const bytes = fs.readFileSync(file);
  const source = bytes.toString("latin1"); // ASCII by the build: V8 then keeps one byte per character
  const cacheFile = `${file}.${process.arch}-${process.version}.cache`;
  const cachedData = readCache(cacheFile, bytes);
  const script = new Script(source, { filename: file, ...(cachedData && { cachedData }) });
  const spared = cachedData !== null && script.cachedDataRejected === false;
  return { script, keep: spared ? null : () => writeCache(script, cacheFile, bytes) };
}

function readCache(cacheFile: string, source: Buffer): Buffer | null {
  let cache: Buffer;
  try {
    cache = fs.readFileSync(cacheFile);
  } catch {
    return null; // not made yet, or not for this user to read
  }
  const code = cache.subarray(SEAL_BYTES);
  return sealOf(source, code).equals(cache.subarray(0, SEAL_BYTES)) ? code : null;
}

/** Keeps the functions that have been compiled by now. Two processes may do it at once: the file appears whole. */
function writeCache(script: Script, cacheFile: string, source: Buffer): void {
  const partial = `${cacheFile}.${process.pid}.partial`;
  try {
    const code = script.createCachedData();
    fs.writeFileSync(partial, Buffer.concat([sealOf(source, code), code]));
    fs.renameSync(partial, cacheFile);
  } catch {
    removeIfThere(partial); // an installation that this user may not write to, or a full disk: it works without
  }
}

function sealOf(source: Buffer, code: Buffer): Buffer {
  return createHash("sha256").update(source).update(code).digest();
}

function removeIfThere(file: string): void {
  try {
    fs.rmSync(file, { force: true });
  } catch {
    // A read-only file system refuses even this; then there is nothing to remove.
  }
}
