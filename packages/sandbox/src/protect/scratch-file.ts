import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/** In memory: making and removing a file on a disk can wait for what others write there. */
const MEMORY = "/dev/shm";

/**
 * A descriptor at the start of a file with this content that has no name any more, so that no other process can open
 * or change it. The caller closes it. It is made in `folder` where there is no room in memory.
 */
export function scratchFile(folder: string, name: string, content: string | Uint8Array): number {
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  try {
    return namelessFile(MEMORY, name, bytes);
  } catch {
    // Missing, read-only or full.
    return namelessFile(folder, name, bytes);
  }
}

/** Never opens what is there already, so the folder may be one that everybody writes to. */
function namelessFile(folder: string, name: string, bytes: Uint8Array): number {
  const path = join(folder, `quire-scratch-${name}`);
  const descriptor = openSync(path, "wx+", 0o600);
  rmSync(path);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at, at);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return descriptor;
}
