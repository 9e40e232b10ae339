/**
 * Whether `path` is `root` or lies below it, name by name, so that `/srv2` is not within `/srv`. Text only: both are absolute
 * and normal, and where a link could lead elsewhere the caller has resolved both. POSIX paths, because `\` may stand in a name.
 */
export function isWithin(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
}
