import fs from "node:fs";
import { isWithin } from "@quire/protocol";

export type ConfinedRead = { kind: "read"; content: Buffer } | { kind: "refused"; why: string };

/**
 * Reads a regular file below `root`. The place is checked after opening, on what was opened: links cannot be put in the
 * way in between.
 */
export function readConfined(root: string, file: string, maxBytes: number): ConfinedRead {
  let fd: number;
  try {
    // Not blocking, because a named pipe without a writer would hold everything up.
    fd = fs.openSync(file, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : null;
    if (code === "ELOOP") return { kind: "refused", why: "it is a link" };
    return {
      kind: "refused",
      why: code === "ENOENT" || code === "ENOTDIR" ? "there is no such file" : "it cannot be opened",
    };
  }
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) return { kind: "refused", why: "it is not a regular file" };
    if (!isWithin(placeOf(fd, file), fs.realpathSync(root))) {
      return { kind: "refused", why: "it lies outside the folder that is open to requests" };
    }
    if (stat.size > maxBytes) return { kind: "refused", why: `it is larger than ${maxBytes} bytes` };
    const content = Buffer.alloc(stat.size);
    const length = fs.readSync(fd, content, 0, stat.size, 0);
    return { kind: "read", content: content.subarray(0, length) };
  } finally {
    fs.closeSync(fd);
  }
}

/** Where an open file is. Without /proc the path itself is looked at, which leaves a moment for a swap. */
function placeOf(fd: number, file: string): string {
  try {
    return fs.readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return fs.realpathSync(file);
  }
}
