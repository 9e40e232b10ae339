/**
 * Makes a bundle quick to start. esbuild splits a bundle into ES modules only, and Node resolves, reads and compiles
 * those one by one, without a code cache. Here each chunk becomes a function, those that a one-shot run needs go into
 * one file, and `packages/cli/src/boot` loads them.
 */
import { createHash } from "node:crypto";
import path from "node:path";

const BOOT = "packages/cli/src/boot/boot.ts";

/** Files of their own beside the first one, by name: programs of worker threads. */
const WORKERS = { "code-map-worker": "packages/code-map/src/worker.ts" };

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
 * @returns {Promise<{ path: string, contents: Uint8Array }[]>}
 */
export async function packBuild(target, built, root) {
  const { build, transform } = await import("esbuild");
  const outdir = path.join(root, target.outdir);
  const packed = new Set(startChunks(built.metafile).map((file) => path.join(root, file)));
  const others = built.outputFiles.filter((file) => !packed.has(file.path));
  const files = await Promise.all(
    others.map(async (file) => {
      const { code, map } = await transform(file.text, { ...FUNCTION, sourcefile: file.path });
      return withMap(file.path, wrapped(code), map);
    }),
  );

  const chunks = built.outputFiles.filter((file) => packed.has(file.path));
  const [map, pack] = await packOf(chunks, outdir);
  const code = wrapped(pack);
  const hash = createHash("sha256").update(code).digest("hex").slice(0, 12);
  const packFile = path.join(outdir, `start-${hash}.js`);
  files.push(withMap(packFile, code, map));

  const boot = await build({
    absWorkingDir: root,
    entryPoints: { [target.name]: BOOT, ...WORKERS },
    outdir: target.outdir,
    outExtension: { ".js": ".cjs" },
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    minify: true,
    define: { PACK_FILE: JSON.stringify(path.basename(packFile)), "import.meta.url": "__filename" },
    write: false,
  });
  return [
    ...files.flat(),
    ...boot.outputFiles.map((file) => ({ path: file.path, contents: new TextEncoder().encode(file.text) })),
  ];
}

/** What makes the text of a CommonJS module of ES modules. */
const FUNCTION = /** @type {const} */ ({
  format: "cjs",
  platform: "node",
  target: "node20",
  sourcemap: "external",
  sourcesContent: false,
  charset: "ascii", // the loader reads files as latin1, which costs half the memory of UTF-16
  supported: { "dynamic-import": false }, // becomes `require`, which the loader answers
  define: { "import.meta.url": "__url" },
  minify: true,
  legalComments: "none",
});

/** In parentheses: V8 then compiles it at once instead of looking it over first. @param {string} code */
const wrapped = (code) => `(function(module,exports,require,__url){${ascii(code).trimEnd()}\n})`;

/**
 * What esbuild leaves as it was written, whatever the charset: regular expressions, and templates of `String.raw`, which
 * hold programs that read such an escape in their own expressions. @param {string} code
 */
const ascii = (code) =>
  code.replace(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);

/**
 * One module of many chunks. It exports a function for each, by file name, that runs the chunk and returns its exports.
 * Among themselves the chunks share one scope: as modules of their own they would reach each other through getters, which
 * was seen to cost 2 ms of CPU per turn.
 * @param {import("esbuild").OutputFile[]} chunks
 * @param {string} outdir
 * @returns {Promise<[map: string, code: string]>}
 */
async function packOf(chunks, outdir) {
  const { build } = await import("esbuild");
  const texts = new Map(chunks.map((chunk) => [path.basename(chunk.path), chunk]));
  const table = [...texts.keys()].map((name) => `exports[${JSON.stringify(name)}]=()=>require("./${name}");`);
  const { outputFiles } = await build({
    ...FUNCTION,
    stdin: { contents: table.join("\n"), resolveDir: outdir, sourcefile: "start-pack" },
    outfile: path.join(outdir, "start.js"),
    bundle: true,
    write: false,
    logLevel: "silent",
    plugins: [
      {
        name: "chunks",
        setup(pass) {
          pass.onResolve({ filter: /^\.\.?\// }, ({ path: id }) => {
            const name = path.basename(id);
            return texts.has(name) ? { path: name, namespace: "chunk" } : { path: id, external: true };
          });
          pass.onLoad({ filter: /./, namespace: "chunk" }, ({ path: name }) => ({
            contents: texts.get(name)?.text ?? "",
            loader: "js",
            resolveDir: outdir,
          }));
        },
      },
    ],
  });
  const [map, code] = outputFiles;
  if (map === undefined || code === undefined) throw new Error("start-pack: esbuild made no pack");
  return [map.text, code.text];
}

/** @param {string} file @param {string} code @param {string} map */
function withMap(file, code, map) {
  const text = new TextEncoder();
  return [
    { path: file, contents: text.encode(`${code}\n//# sourceMappingURL=${path.basename(file)}.map\n`) },
    { path: `${file}.map`, contents: text.encode(map) },
  ];
}
