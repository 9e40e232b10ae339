import fs from "node:fs";
import { MOST_FILE_BYTES, type SkipReason, skipReasonOfContent } from "./skip-rules.ts";

/** Bytes of a file that are looked at: declarations behind them are not seen. */
export const MOST_SOURCE_BYTES = 128 * 1024;

/**
 * The first bytes of a file, up to a line's end where it goes on, in `buffer` (of `MOST_SOURCE_BYTES`); they are only good until
 * the next call. Null: gone, a link, or no file. A word: why it is not part of a map.
 */
export function readSource(file: string, buffer: Buffer): Buffer | SkipReason | null {
  const bytes = readStart(file, buffer);
  return bytes === null || typeof bytes === "string" ? bytes : (skipReasonOfContent(bytes) ?? bytes);
}

function readStart(file: string, buffer: Buffer): Buffer | "huge" | null {
  let descriptor: number;
  try {
    // Never a link, and never a pipe that somebody put there to be waited for.
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
    descriptor = fs.openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch {
    // Gone since it was listed, a link, or not ours to read: there is nothing to say of it.
    return null;
  }
  try {
    const facts = fs.fstatSync(descriptor);
    if (!facts.isFile()) return null;
    if (facts.size > MOST_FILE_BYTES) return "huge";
    const wanted = Math.min(facts.size, buffer.length);
    let length = 0;
    while (length < wanted) {
      const got = fs.readSync(descriptor, buffer, length, wanted - length, length);
      if (got === 0) break;
      length += got;
    }
    const whole = buffer.subarray(0, length);
    if (length < buffer.length) return whole;
    const end = whole.lastIndexOf(10);
    return end < 0 ? whole : whole.subarray(0, end + 1);
  } catch {
    // A read that fails in the middle: as if it could not be opened.
    return null;
  } finally {
    fs.closeSync(descriptor);
  }
}
