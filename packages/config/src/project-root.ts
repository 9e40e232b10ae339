import { dirname, join } from "node:path";
import type { ConfigFs } from "./config-fs.ts";

/** Markers that make a directory the root of a project when nothing else is configured. */
export const DEFAULT_ROOT_MARKERS: readonly string[] = [".git"];

/**
 * The nearest directory from `cwd` upwards that holds one of the markers; null without one. `cwd` must be absolute.
 * Markers with a path separator are passed over.
 */
export async function findProjectRoot(
  cwd: string,
  markers: readonly string[],
  fs: Pick<ConfigFs, "stat">,
): Promise<string | null> {
  const names = markers.filter(
    (name) => name !== "" && !/[/\\\0]/.test(name) && name !== "." && name !== "..",
  );
  if (names.length === 0) return null;
  for (let here = cwd; ; here = dirname(here)) {
    const found = await Promise.all(names.map((name) => exists(fs, join(here, name))));
    if (found.includes(true)) return here;
    if (dirname(here) === here) return null;
  }
}

/** The directories from `root` down to `cwd`, both included; only `cwd` when there is no root above it. */
export function directoriesBetween(root: string | null, cwd: string): string[] {
  const chain = [cwd];
  for (let here = cwd; root !== null && here !== root; ) {
    const parent = dirname(here);
    if (parent === here) return [cwd];
    chain.unshift(parent);
    here = parent;
  }
  return chain;
}

async function exists(fs: Pick<ConfigFs, "stat">, path: string): Promise<boolean> {
  try {
    return (await fs.stat(path)) !== null;
  } catch {
    // Out of reach: it marks nothing.
    return false;
  }
}
