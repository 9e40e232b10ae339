/** Path arithmetic on text only: nothing here looks at the disk. */

/** Joins without resolving `..`, so that a hook can still follow links on the way. */
export function joinPath(base: string, path: string): string {
  if (path.startsWith("/")) return path;
  return base.endsWith("/") ? base + path : `${base}/${path}`;
}

/** Removes `.`, `..`, doubled and trailing slashes from an absolute path. */
export function normalizePath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") kept.pop();
    else kept.push(segment);
  }
  return `/${kept.join("/")}`;
}

/** True when `path` is `root` or lies below it. Both are normalised, absolute. */
export function isWithin(path: string, root: string): boolean {
  if (root === "/") return true;
  return path === root || path.startsWith(`${root}/`);
}
