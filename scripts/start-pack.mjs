/**
 * Makes a bundle quick to start. esbuild splits a bundle into ES modules only, and Node resolves, reads and compiles
 * those one by one, without a code cache. Here each chunk becomes a function, those that a one-shot run needs go into
 * one file, and `packages/cli/src/boot` loads them.
 */
import { createHash } from "node:crypto";
import path from "node:path";

const BOOT = "packages/cli/src/boot/boot.ts";

/** The dynamic imports of a one-shot run. What they import statically is packed with them; nothing else is. */
export const START_MODULES = [
  "packages/cli/src/main.ts",
  "packages/cli/src/commands/exec.ts",
  "packages/cli/src/exec/run-exec.ts",
  "packages/cli/src/session/git-info.ts",
  "packages/models/src/providers/responses/client.ts",
  "node_modules/smol-toml/dist/index.js",
];

/**
 * The chunks that START_MODULES need, by path; every chunk after the chunks it imports.
 * @param {import("esbuild").Metafile} metafile
 * @returns {string[]}
 */
export function startChunks(metafile) {
  /** @type {Set<string>} */
  const found = new Set();
  const visiting = new Set();
  const visit = (/** @type {string} */ file) => {
    if (visiting.has(file)) return;
    visiting.add(file);
    for (const { path: target, kind, external } of metafile.outputs[file]?.imports ?? []) {
      if (kind === "import-statement" && !external) visit(target);
    }
    found.add(file);
  };
  const entries = Object.entries(metafile.outputs);
  for (const module of START_MODULES) {
    const file = entries.find(([, { entryPoint }]) => entryPoint === module)?.[0];
    if (file === undefined) throw new Error(`start-pack: no chunk begins with ${module}`);
    visit(file);
  }
  return [...found];
}

/**
 * The files of the build as they are written: boot file, pack, the other chunks, and their source maps.
 * @param {{ name: string, outdir: string }} target
 * @param {{ outputFiles: import("esbuild").OutputFile[], metafile: import("esbuild").Metafile }} built ES modules, with inline source maps
 * @param {string} root
 * @returns {Promise<{ path: string, contents: Uint8Array }[]>} the boot file is last
 */
export async function packBuild(target, built, root) {
  const { build, transform } = await import("esbuild");
  const chunks = await Promise.all(
    built.outputFiles.map(async (file) => {
      const { code, map } = await transform(file.text, {
        format: "cjs",
        platform: "node",
        target: "node20",
        sourcefile: file.path,
        sourcemap: "external",
        sourcesContent: false,
        // ASCII: the loader reads files as latin1, which costs half the memory of UTF-16.
        charset: "ascii",
        supported: { "dynamic-import": false }, // becomes `require`, which the loader answers
        define: { "import.meta.url": "__url" },
        minify: true,
        legalComments: "none",
      });
      // In parentheses: V8 then compiles it at once instead of looking it over first.
      return { file: file.path, code: `(function(module,exports,require,__url){${code.trimEnd()}\n})`, map };
    }),
  );
  const packed = new Set(startChunks(built.metafile).map((file) => path.join(root, file)));
  const outdir = path.join(root, target.outdir);
  const files = chunks
    .filter(({ file }) => !packed.has(file))
    .flatMap(({ file, code, map }) => withMap(file, code, map));

  const pack = packOf(chunks.filter(({ file }) => packed.has(file)));
  const hash = createHash("sha256").update(pack.code).digest("hex").slice(0, 12);
  const packFile = path.join(outdir, `start-${hash}.js`);
  files.push(...withMap(packFile, pack.code, pack.map));

  const boot = await build({
    absWorkingDir: root,
    entryPoints: { [target.name]: BOOT },
    outdir: target.outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    minify: true,
    define: { PACK_FILE: JSON.stringify(path.basename(packFile)) },
    write: false,
  });
  for (const { path: file, text } of boot.outputFiles) {
    files.push({ path: file, contents: new TextEncoder().encode(text) });
  }
  return files;
}

/** @param {{ file: string, code: string, map: string }[]} chunks */
function packOf(chunks) {
  const sections = [];
  let code = "({\n";
  let line = 1;
  for (const chunk of chunks) {
    const entry = `${JSON.stringify(path.basename(chunk.file))}:\n${chunk.code},\n`;
    sections.push({ offset: { line: line + 1, column: 0 }, map: JSON.parse(chunk.map) });
    code += entry;
    line += entry.split("\n").length - 1;
  }
  return { code: `${code}})\n`, map: JSON.stringify({ version: 3, sections }) };
}

/** @param {string} file @param {string} code @param {string} map */
function withMap(file, code, map) {
  const text = new TextEncoder();
  return [
    { path: file, contents: text.encode(`${code}\n//# sourceMappingURL=${path.basename(file)}.map\n`) },
    { path: `${file}.map`, contents: text.encode(map) },
  ];
}
