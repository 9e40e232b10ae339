import { statSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { isWithin } from "@quire/protocol";
import type { FileRules } from "../policy.ts";
import { globExpression } from "./file-pattern.ts";
import { canonicalPath } from "./paths.ts";

export type FileAccess = "read" | "write" | "deny";

/** Programs and libraries of a system. */
export const PROGRAM_FOLDERS = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] as const;

/** What programs of a system need to run, which holds no secrets of its users. */
export const SYSTEM_FOLDERS = [...PROGRAM_FOLDERS, "/etc", "/nix/store", "/run/current-system"] as const;

/** Of rules for the same place the first of these decides. */
const PRECEDENCE: readonly FileAccess[] = ["deny", "write", "read"];

/** Rules about places on disk: of several that cover a path the deepest decides, and what a pattern denies is denied. */
export class PlacedRules {
  /** Canonical, each place once, parents first. */
  readonly entries: ReadonlyMap<string, FileAccess>;
  readonly #otherwise: FileAccess;
  readonly #patterns: readonly { readonly folder: string; readonly expression: RegExp }[];

  constructor(rules: FileRules) {
    const system = rules.system ? SYSTEM_FOLDERS.map((path) => ({ path, access: "read" as const })) : [];
    const given = [...system, ...rules.entries].map(({ path, access }) => ({ path: placeOf(path), access }));
    given.sort((one, other) => (one.path < other.path ? -1 : one.path > other.path ? 1 : 0));
    const entries = new Map<string, FileAccess>();
    for (const { path, access } of given) {
      const before = entries.get(path);
      if (before === undefined || PRECEDENCE.indexOf(access) < PRECEDENCE.indexOf(before)) {
        entries.set(path, access);
      }
    }
    this.entries = entries;
    this.#otherwise = rules.otherwise;
    this.#patterns = rules.patterns.map(({ folder, pattern }) => ({
      folder: placeOf(folder),
      expression: globExpression(pattern),
    }));
  }

  /** Canonical folders below which something may be denied by its name. */
  get patternFolders(): readonly string[] {
    return [...new Set(this.#patterns.map(({ folder }) => folder))];
  }

  /** Whether a pattern denies exactly this path; what lies below a folder that it denies is not asked about. */
  isNamed(path: string): boolean {
    return this.#patterns.some(
      ({ folder, expression }) =>
        path !== folder && isWithin(path, folder) && expression.test(relative(folder, path)),
    );
  }

  /** Takes a path without links. */
  accessTo(path: string): FileAccess {
    for (let here = path; ; here = dirname(here)) {
      if (this.isNamed(here)) return "deny";
      if (here === "/") break;
    }
    return this.listedAccess(path);
  }

  /** As {@link accessTo}, without the patterns. */
  listedAccess(path: string): FileAccess {
    for (let here = path; ; here = dirname(here)) {
      const access = this.entries.get(here);
      if (access !== undefined) return access;
      if (here === "/") return this.#otherwise;
    }
  }

  get readsEverything(): boolean {
    return this.#otherwise !== "deny";
  }
}

/** What rules of places add to what is protected and hidden anyway. */
export interface FileDemands {
  readonly rules: PlacedRules;
  /** Existing paths that a pattern denies. */
  readonly denied: readonly string[];
}

/** Where a path leads, also when it is not there yet. */
function placeOf(path: string): string {
  const real = canonicalPath(path);
  if (real !== undefined || path === "/") return real ?? path;
  return join(placeOf(dirname(path)), basename(path));
}

/** Existing folders that rules let commands write to, without those below another with nothing between that says otherwise. */
export function writableFolders(rules: PlacedRules): string[] {
  return [...rules.entries].flatMap(([path, access]) => {
    if (access !== "write" || !statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
    return path !== "/" && rules.listedAccess(dirname(path)) === "write" ? [] : [path];
  });
}
