import type { SyntaxColours } from "../markdown/syntax.ts";

/** What blocks need to know of the place they are drawn in. */
export interface BlockView {
  readonly columns: number;
  /** Of the thread; paths below it are shown without it. */
  readonly cwd: string;
  readonly syntax: SyntaxColours;
  /** Whether long parts are shown whole, as in the transcript. */
  readonly unfolded: boolean;
}

/** A path as people name it: relative to the thread's folder where it lies below it, "." where it is that folder. */
export function shownPath(path: string, cwd: string): string {
  if (path === cwd) return ".";
  const folder = cwd.endsWith("/") ? cwd : `${cwd}/`;
  return path.startsWith(folder) ? path.slice(folder.length) : path;
}
