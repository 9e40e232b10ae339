/**
 * The import direction between packages, checked over manifests and import statements. Imports go down, never up and
 * never sideways in a row; `docs/architecture.md` explains the rows.
 */
import { readdir, readFile } from "node:fs/promises";
import { builtinModules } from "node:module";
import path from "node:path";

/** @type {string[][]} lowest row first */
const ROWS = [
  ["apply-patch", "execpolicy", "test-report"],
  ["protocol"],
  [
    "models",
    "sandbox",
    "mcp",
    "config",
    "client",
    "snapshots",
    "git",
    "ledger",
    "code-map",
    "language-servers",
  ],
  ["tools", "offline-repair"],
  ["core"],
  ["app-server", "acp", "mcp-server", "gateway"],
  ["tui", "web", "vscode", "sdk", "server", "evals"],
  ["cli"],
];
const ROW = new Map(ROWS.flatMap((names, row) => names.map((name) => [name, row])));

/** Front ends talk to the engine through the client alone. */
const FRONT_ENDS = new Set(["tui", "web", "vscode", "sdk"]);
const FOR_FRONT_ENDS = new Set(["client", "protocol"]);

/** Test-only package; it stays at the bottom so that every package's tests may use it without a cycle. */
const TEST_SUPPORT = "test-support";
const TEST_SUPPORT_ROW = 2;

/**
 * @typedef {{ name?: string, exports?: unknown } & Partial<Record<"dependencies" | "devDependencies" |
 *   "peerDependencies" | "optionalDependencies", Record<string, string>>>} Manifest
 * @typedef {{ file: string, text: string }} Source `file` is relative to the package
 * @typedef {{ folder: string, manifest: Manifest, sources: Source[] }} Package
 */

/**
 * Why package `from` may not use workspace package `to`, or undefined when it may.
 * @param {string} from @param {string} to @param {{ test: boolean }} where
 */
function direction(from, to, where) {
  if (to === "cli") return "nobody imports cli";
  if (to === TEST_SUPPORT)
    return where.test ? undefined : "test-support is for tests and devDependencies only";
  const own = from === TEST_SUPPORT ? TEST_SUPPORT_ROW : ROW.get(from);
  const other = ROW.get(to);
  if (own === undefined) return undefined; // reported once, as a package without a row
  if (other === undefined) return `there is no package @quire/${to} in the row table`;
  if (FRONT_ENDS.has(from) && !FOR_FRONT_ENDS.has(to)) return `${from} may import only client and protocol`;
  if (other === own) return `sideways: both are in row ${own}`;
  if (other > own) return `up: row ${own} may not import row ${other}`;
  return undefined;
}

const LINE_COMMENT = /(?<=^|\s)\/\/[^\n]*/g;
const IMPORT =
  /(?:^|[\n;])[ \t]*(?:import|export)\b(?:[^;"'`()]*?\bfrom)?\s*["']([^"'\n]+)["']|\bimport\(\s*["']([^"'\n]+)["']/g;

/**
 * The module names that a source file imports. Text, not syntax: an import has to start its line.
 * @param {string} text
 */
export function importsOf(text) {
  return [...text.replace(LINE_COMMENT, "").matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? "");
}

/** @param {string} file */
export const isTest = (file) => /\.test\.[cm]?tsx?$|^test\//.test(file);

/** @param {string} specifier */
const packageName = (specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

const BUILTIN = new Set(builtinModules);

/**
 * @param {Package} pkg @param {Source} source @param {string} specifier @param {Set<string>} rootDependencies
 * @returns {string | undefined}
 */
function importProblem(pkg, source, specifier, rootDependencies) {
  const test = isTest(source.file);
  if (specifier.startsWith(".")) {
    const target = path.posix.join(path.posix.dirname(source.file), specifier);
    if (target.startsWith("..")) return `${specifier} leaves the package: import it by its package name`;
    if (target === "src/index.ts" && !test)
      return "imports its own index.ts: import the file that has the name";
    return undefined;
  }
  if (specifier.startsWith("node:") || BUILTIN.has(specifier) || specifier.startsWith("#")) return undefined;
  const { manifest } = pkg;
  const name = packageName(specifier);
  if (name === manifest.name) return `imports itself by name (${name}): use a relative path`;
  if (name.startsWith("@quire/")) {
    const wrong = direction(pkg.folder, name.slice("@quire/".length), { test });
    if (wrong) return `imports ${name}: ${wrong}`;
  }
  const declared = {
    ...manifest.dependencies,
    ...manifest.peerDependencies,
    ...manifest.optionalDependencies,
  };
  if (name in declared) return undefined;
  if (test && (name in (manifest.devDependencies ?? {}) || rootDependencies.has(name))) return undefined;
  return `imports ${name}, which its package.json does not declare`;
}

/**
 * Every breach of the import rules, each as one line that names the place.
 * @param {Package[]} packages @param {Set<string>} rootDependencies what tests may use without declaring it
 */
export function layerProblems(packages, rootDependencies) {
  /** @type {string[]} */
  const problems = [];
  for (const pkg of packages) {
    const at = `packages/${pkg.folder}`;
    const { manifest } = pkg;
    if (manifest.name !== `@quire/${pkg.folder}`)
      problems.push(`${at}: is named ${manifest.name}, not @quire/${pkg.folder}`);
    if (!ROW.has(pkg.folder) && pkg.folder !== TEST_SUPPORT) {
      problems.push(
        `${at}: has no row: add it to ROWS in scripts/check-layers.mjs and to docs/architecture.md`,
      );
    }
    const runtime = {
      ...manifest.dependencies,
      ...manifest.peerDependencies,
      ...manifest.optionalDependencies,
    };
    for (const [names, test] of /** @type {const} */ ([
      [runtime, false],
      [manifest.devDependencies ?? {}, true],
    ])) {
      for (const name of Object.keys(names).filter((dependency) => dependency.startsWith("@quire/"))) {
        const wrong = direction(pkg.folder, name.slice("@quire/".length), { test });
        if (wrong) problems.push(`${at}/package.json: depends on ${name}: ${wrong}`);
      }
    }
    for (const source of pkg.sources) {
      for (const specifier of new Set(importsOf(source.text))) {
        const wrong = importProblem(pkg, source, specifier, rootDependencies);
        if (wrong) problems.push(`${at}/${source.file}: ${wrong}`);
      }
    }
  }
  return problems;
}

/**
 * @param {string} root the repository
 * @returns {Promise<{ packages: Package[], rootDependencies: Set<string> }>}
 */
export async function readPackages(root) {
  /** @param {string} file @returns {Promise<Manifest>} */
  const readManifest = async (file) => JSON.parse(await readFile(file, "utf8"));
  const rootManifest = await readManifest(path.join(root, "package.json"));
  const folders = (await readdir(path.join(root, "packages"), { withFileTypes: true })).filter((f) =>
    f.isDirectory(),
  );
  const packages = folders.map(async ({ name: folder }) => {
    const dir = path.join(root, "packages", folder);
    const files = (await readdir(dir, { recursive: true }))
      .map((file) => file.split(path.sep).join("/"))
      .filter(
        (file) =>
          /^(src|test)\/.*\.[cm]?[tj]sx?$/.test(file) && !/(^|\/)(node_modules|fixtures|cases)\//.test(file),
      );
    const sources = files.map(async (file) => ({ file, text: await readFile(path.join(dir, file), "utf8") }));
    return {
      folder,
      manifest: await readManifest(path.join(dir, "package.json")),
      sources: await Promise.all(sources),
    };
  });
  return {
    packages: await Promise.all(packages),
    rootDependencies: new Set(Object.keys(rootManifest.devDependencies ?? {})),
  };
}
