import { mkdirSync } from "node:fs";
import path from "node:path";

/** Makes a folder and those above it. Node's own way of doing so never ends where a system makes none, as in /proc. */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return;
    const above = path.dirname(folder);
    if (code !== "ENOENT" || above === folder) throw error;
    makeFolder(above);
    mkdirSync(folder);
  }
}
