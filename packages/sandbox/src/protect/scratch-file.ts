import { openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";

/**
 * A descriptor at the start of a file with this content that has no name any more, so that no other process can open
 * or change it. The caller closes it.
 */
export function scratchFile(folder: string, name: string, content: string | Uint8Array): number {
  const path = join(folder, `scratch-${name}`);
  const descriptor = openSync(path, "wx+", 0o600);
  rmSync(path);
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at, bytes.length - at, at);
  return descriptor;
}
