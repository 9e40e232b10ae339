import fs from "node:fs";
import path from "node:path";

/**
 * The absolute path of a program: as it is when it is one, else on `searched`, but never below one of the `writable` folders,
 * where a command could have put a program of that name. Null when there is none.
 */
export function programOnPath(
  program: string,
  searched: string | undefined,
  writable: readonly string[],
): string | null {
  if (path.isAbsolute(program)) return isProgram(program) ? program : null;
  if (program.includes("/")) return null;
  for (const folder of (searched ?? "").split(path.delimiter)) {
    if (!path.isAbsolute(folder) || isBelow(folder, writable)) continue;
    const file = path.join(folder, program);
    if (isProgram(file)) return file;
  }
  return null;
}

function isBelow(folder: string, roots: readonly string[]): boolean {
  return roots.some((root) => {
    const way = path.relative(root, folder);
    return way === "" || (way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way));
  });
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    // Not there, or not for us to run.
    return false;
  }
}
