import { closeSync, constants, fstatSync, openSync, readlinkSync } from "node:fs";

/** Opens the place itself rather than its content; Node has no name for it. */
const O_PATH = 0o10000000;

/**
 * A descriptor of the file or folder that really lies at this canonical path, or undefined when a link stands
 * anywhere on the way: another command may be swapping names while we look.
 */
export function openVerified(path: string): number | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, O_PATH | constants.O_NOFOLLOW);
  } catch {
    // Gone since it was found.
    return undefined;
  }
  // Not following opens a link itself, and that too lies at the path.
  const isItself = !fstatSync(descriptor).isSymbolicLink();
  if (isItself && readlinkSync(`/proc/self/fd/${descriptor}`) === path) return descriptor;
  closeSync(descriptor);
  return undefined;
}
