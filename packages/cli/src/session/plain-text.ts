import fs from "node:fs";
import { isWithin } from "@quire/protocol";

const MOST_BYTES = 1024 * 1024;

/**
 * The text of a regular file of at most 1 MiB; null when there is none, or when its real path is not inside `inside`. For what
 * a repository or a person wrote: a pipe in a file's place must not hold us up, nor a huge file fill the memory.
 */
export function readPlainText(file: string, inside: string | null): string | null {
  try {
    const real = fs.realpathSync(file);
    if (inside !== null && !isWithin(real, fs.realpathSync(inside))) return null;
    const facts = fs.statSync(real);
    if (!facts.isFile() || facts.size > MOST_BYTES) return null;
    const bytes = fs.readFileSync(real);
    const text = bytes.toString("utf8");
    return Buffer.from(text).equals(bytes) ? text : null;
  } catch {
    // Gone or not ours to read; the caller says so.
    return null;
  }
}
