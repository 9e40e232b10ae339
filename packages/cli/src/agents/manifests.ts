import fs from "node:fs";
import path from "node:path";
import * as z from "zod/mini";

const MOST_BYTES = 1024 * 1024;

const ManifestSchema = z.object({
  packageManager: z.optional(z.string()),
  scripts: z.optional(z.record(z.string(), z.string())),
});
/** What is read of a package.json. */
export type Manifest = z.infer<typeof ManifestSchema>;

/** The package.json of a folder; null where there is none, or none that says anything. */
export function manifestIn(folder: string): Manifest | null {
  try {
    const parsed = ManifestSchema.safeParse(JSON.parse(readText(folder, "package.json")));
    return parsed.success ? parsed.data : null;
  } catch {
    // There is none, or it is broken: then it names no commands.
    return null;
  }
}

/** The names of its scripts. */
export function scriptsIn(folder: string): string[] {
  return Object.keys(manifestIn(folder)?.scripts ?? {});
}

/** The targets of a folder's Makefile, as far as they are named in it. */
export function targetsIn(folder: string): string[] {
  const name = ["GNUmakefile", "makefile", "Makefile"].find((each) => fs.existsSync(path.join(folder, each)));
  if (name === undefined) return [];
  return readText(folder, name)
    .split("\n")
    .flatMap((line) => {
      const names = /^([A-Za-z0-9_.%/ -]+?)\s*::?(?!=)/.exec(line)?.[1];
      return names === undefined || names.startsWith(".") ? [] : names.trim().split(/\s+/);
    });
}

/** The text of a regular file of at most 1 MiB, whatever its encoding; empty where there is none. */
export function readText(folder: string, name: string): string {
  try {
    const file = path.join(folder, name);
    const facts = fs.statSync(file);
    return facts.isFile() && facts.size <= MOST_BYTES ? fs.readFileSync(file, "utf8") : "";
  } catch {
    // Not there, or not to be read: it says nothing.
    return "";
  }
}
