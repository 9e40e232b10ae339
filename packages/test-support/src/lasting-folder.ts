import { mkdirSync, mkdtempSync } from "node:fs";
import os from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const TEMPORARY = ["/tmp/", "/var/tmp/", "/dev/shm/"];

/** Whether a file lies in a temporary folder, of which the sandbox shows commands one of their own. */
export function isTemporary(file: string): boolean {
  return TEMPORARY.some((temporary) => file.startsWith(temporary));
}

/**
 * A new folder that is not below a temporary one, wherever this checkout lies: the sandbox shows commands a /tmp of their
 * own, and the destruction guard lets them empty it. The caller removes it.
 */
export function lastingFolder(name: string): string {
  const candidates = [
    fileURLToPath(new URL("../../../node_modules/.cache", import.meta.url)),
    join(os.homedir(), ".cache", "quire-tests"),
  ];
  const base = candidates.find((folder) => !isTemporary(folder));
  if (base === undefined)
    throw new Error(`no folder outside the temporary ones among ${candidates.join(", ")}`);
  mkdirSync(base, { recursive: true });
  return mkdtempSync(join(base, `${name}-`));
}
