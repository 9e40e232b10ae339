/**
 * One esbuild bundle, written file by file with renames so that a reader never sees half a build, and skipped when no
 * input changed. Used for the CLI and for the scripted model server that the benchmarks talk to.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { packBuild } from "./start-pack.mjs";

export const root = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** Packages with a native part: they stay in node_modules and are loaded from there when used. */
export const NATIVE_PACKAGES = ["@lydell/node-pty", "@lydell/node-pty-*", "@napi-rs/keyring"];

const STAMP = ".build.json";

/**
 * @typedef {object} BundleTarget
 * @property {string} name the entry's file name in `outdir`, without `.js`
 * @property {string} entry TypeScript file, relative to the repository
 * @property {string} outdir relative to the repository
 * @property {boolean} [packed] whether the chunks that a start needs go into one file: see `start-pack.mjs`
 *
 * @typedef {object} BundleResult
 * @property {boolean} skipped true when nothing had changed
 * @property {{ file: string, bytes: number, gzip: number }[]} outputs entry first, then chunks by size
 */

/**
 * Keeps zod's JSON schemas out of a start. esbuild packs a module wherever a path of imports leads to it, even when nothing on
 * that path uses it, and zod's lists of exports lead everywhere. What needs them takes them from `zod`, not `zod/mini`.
 * @type {import("esbuild").Plugin}
 */
const aside = {
  name: "json-schemas-aside",
  setup(build) {
    build.onResolve(
      { filter: /^\.\.?\/(?:core\/)?(?:to-)?json-schema/ },
      ({ path: name, importer, resolveDir }) => {
        if (!/[\\/]zod[\\/]v4[\\/](?:mini[\\/]external|core[\\/]index)\.js$/.test(importer)) return undefined;
        return { path: path.resolve(resolveDir, name), suffix: "?aside", sideEffects: false };
      },
    );
  },
};

/**
 * The esbuild options of a target; `dev.mjs` uses them for its watch mode as well.
 * @param {BundleTarget} target
 * @returns {import("esbuild").BuildOptions & { metafile: true, write: false }}
 */
export function bundleOptions(target) {
  return {
    absWorkingDir: root,
    entryPoints: { [target.name]: target.entry },
    outdir: target.outdir,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    external: NATIVE_PACKAGES,
    plugins: [aside],
    minify: true,
    sourcemap: target.packed ? "inline" : "linked", // the pack is made of the chunks and takes their maps along
    sourcesContent: false,
    // Packages in CommonJS (ws) call `require` for Node's own modules; an ES module has none of its own.
    banner: target.packed
      ? {}
      : {
          js: 'import{createRequire as __createRequire}from"node:module";const require=__createRequire(import.meta.url);',
        },
    legalComments: "none",
    logLevel: "silent",
    metafile: true,
    write: false,
  };
}

/** @param {string[]} files relative to the repository */
async function contentHash(files) {
  const hash = createHash("sha256");
  const contents = await Promise.all(
    files.map((file) => readFile(path.join(root, file)).catch(() => "missing")),
  );
  for (const [index, file] of files.entries()) hash.update(`${file}\0`).update(contents[index] ?? "");
  return hash.digest("hex");
}

/** What decides the output besides the sources: the recipe, the compiler and the resolved dependencies. */
const RECIPE = [
  "scripts/bundle.mjs",
  "scripts/start-pack.mjs",
  "packages/cli/src/boot/boot.ts",
  "packages/cli/src/boot/chunk-loader.ts",
  "packages/cli/src/boot/code-cache.ts",
  "packages/cli/src/version.ts",
  "packages/code-map/src/worker.ts",
  "package-lock.json",
];

/**
 * @param {string} outdir absolute
 * @returns {Promise<BundleResult | undefined>}
 */
async function unchanged(outdir) {
  try {
    const stamp = JSON.parse(await readFile(path.join(outdir, STAMP), "utf8"));
    const present = stamp.outputs.every((/** @type {{ file: string }} */ o) =>
      existsSync(path.join(outdir, o.file)),
    );
    if (!present || stamp.hash !== (await contentHash(stamp.inputs))) return undefined;
    return { skipped: true, outputs: stamp.outputs };
  } catch {
    return undefined; // no stamp or a damaged one: build again
  }
}

/** @param {string} file @param {Uint8Array | string} contents */
async function writeWhole(file, contents) {
  const partial = `${file}.${process.pid}.partial`;
  await writeFile(partial, contents);
  await rename(partial, file);
}

/**
 * Writes a finished build: chunks first and the entry last, then removes what the build no longer has.
 * @param {BundleTarget} target
 * @param {{ outputFiles: import("esbuild").OutputFile[], metafile: import("esbuild").Metafile }} built
 * @returns {Promise<BundleResult>}
 */
export async function writeBundle(target, built) {
  const outdir = path.join(root, target.outdir);
  await mkdir(path.join(outdir, "chunks"), { recursive: true });
  const entry = `${target.name}.${target.packed ? "cjs" : "js"}`;
  const outputFiles = target.packed ? await packBuild(target, built, root) : built.outputFiles;
  const isEntry = (/** @type {{ path: string }} */ file) => file.path === path.join(outdir, entry);
  const files = [...outputFiles].sort((a, b) => Number(isEntry(a)) - Number(isEntry(b)));
  for (const file of files) await writeWhole(file.path, file.contents);

  const wanted = new Set(files.map((file) => file.path));
  for (const folder of [outdir, path.join(outdir, "chunks")]) {
    for (const found of await readdir(folder, { withFileTypes: true })) {
      const file = path.join(folder, found.name);
      if (found.isFile() && found.name !== STAMP && !wanted.has(file)) await rm(file, { force: true });
    }
  }

  const outputs = files
    .filter((file) => /\.c?js$/.test(file.path))
    .map((file) => ({
      file: path.relative(outdir, file.path),
      bytes: file.contents.byteLength,
      gzip: gzipSync(file.contents).byteLength,
    }))
    .sort((a, b) => Number(b.file === entry) - Number(a.file === entry) || b.bytes - a.bytes);
  const inputs = [...RECIPE, ...Object.keys(built.metafile.inputs)].sort();
  const stamp = { hash: await contentHash(inputs), inputs, outputs };
  await writeWhole(path.join(outdir, STAMP), JSON.stringify(stamp));
  return { skipped: false, outputs };
}

/**
 * Builds a target unless its inputs are what they were. Throws esbuild's `BuildFailure`, whose `errors` say where.
 * @param {BundleTarget} target
 * @param {{ force?: boolean }} [options]
 * @returns {Promise<BundleResult>}
 */
export async function bundle(target, options = {}) {
  const outdir = path.join(root, target.outdir);
  const known = options.force ? undefined : await unchanged(outdir);
  if (known) return known;
  const esbuild = await import("esbuild");
  const built = await esbuild.build(bundleOptions(target));
  return writeBundle(target, built);
}
