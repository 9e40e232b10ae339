const IMPORT = /^[ \t]*(?:import|from)[ \t]+([A-Za-z_]\w*)/gm;

/** Without effects and slow enough to import that it shows. Of the standard library, and numpy, which that harness has. */
const COMMON = new Set([
  "bisect",
  "collections",
  "copy",
  "dataclasses",
  "datetime",
  "decimal",
  "enum",
  "fractions",
  "functools",
  "hashlib",
  "heapq",
  "inspect",
  "itertools",
  "json",
  "math",
  "numpy",
  "operator",
  "random",
  "re",
  "statistics",
  "string",
  "sys",
  "typing",
]);

/** Where fewer programs want a module, importing it for all makes every fork slower than it saves. */
const LEAST_SHARE = 0.04;

/**
 * Modules worth importing once per worker: those that many programs want, if they are common ones or the benchmark's
 * own text asks for them (`trusted`). What only a model asks for is never imported outside a sample's own process.
 */
export function warmModules(programs: Iterable<string>, trusted: Iterable<string>): string[] {
  const allowed = new Set(COMMON);
  for (const text of trusted) for (const name of importedBy(text)) allowed.add(name);
  const wanted = new Map<string, number>();
  let total = 0;
  for (const program of programs) {
    total += 1;
    for (const name of importedBy(program)) wanted.set(name, (wanted.get(name) ?? 0) + 1);
  }
  return [...wanted].flatMap(([name, count]) =>
    allowed.has(name) && count >= total * LEAST_SHARE ? [name] : [],
  );
}

function importedBy(program: string): Set<string> {
  return new Set([...program.matchAll(IMPORT)].flatMap((match) => match[1] ?? []));
}
