import fs from "node:fs";
import path from "node:path";

/** Puts a whole file in place or leaves what was there. Only this user can read it. */
export function writeFileAtomically(file: string, content: string | Buffer, tag: string): void {
  const temporary = path.join(path.dirname(file), `.${path.basename(file)}.${tag}.tmp`);
  const fd = fs.openSync(temporary, "wx", 0o600);
  try {
    try {
      fs.writeFileSync(fd, content);
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
    fs.renameSync(temporary, file);
  } catch (cause) {
    fs.rmSync(temporary, { force: true });
    throw cause;
  }
}

/** The text of a file, or null when there is none. */
export function readIfThere(file: string): string | null {
  try {
    return fs.readFileSync(file, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return null;
    throw cause;
  }
}
