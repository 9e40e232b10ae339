import { joinPath, normalizePath } from "../lexical-path.ts";
import { isFixed, type ShellWord } from "./script-model.ts";

/** The folder after a simple command: `cd` and `pushd` change it, everything else keeps it; null is "unknown". */
export function folderAfter(words: readonly ShellWord[], cwd: string | null, home: string): string | null {
  const name = words[0]?.text;
  if (name !== "cd" && name !== "pushd") return name === "popd" ? null : cwd;
  const target = words.slice(1).find((word) => !/^-[LPe@]+$|^--$/.test(word.text));
  if (target === undefined) return name === "cd" ? home : null;
  if (!isFixed(target) || target.globbed || target.text === "-") return null;
  if (target.text.startsWith("/")) return normalizePath(target.text);
  return cwd === null ? null : normalizePath(joinPath(cwd, target.text));
}
