/**
 * `node packages/sdk/build.mjs OUT`: the SDK as a package without dependencies. The workspace packages it uses are
 * bundled into one module, with declarations beside it.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { writeDeclarations } from "./declarations.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];
if (out === undefined) {
  process.stderr.write("build: usage: node packages/sdk/build.mjs OUT\n");
  process.exit(2);
}

await mkdir(out, { recursive: true });
await build({
  entryPoints: [path.join(here, "src/index.ts")],
  outfile: path.join(out, "index.js"),
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  legalComments: "eof",
  logLevel: "warning",
});
const {
  version,
  description,
  license,
  engines = { node: ">=20.11" },
} = JSON.parse(await readFile(path.join(here, "package.json"), "utf8"));
const manifest = {
  name: "@quire/sdk",
  version,
  description,
  license,
  type: "module",
  engines,
  exports: { ".": { types: "./index.d.ts", default: "./index.js" } },
};
await writeFile(path.join(out, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
await writeFile(path.join(out, "README.md"), await readFile(path.join(here, "README.md")));
await writeDeclarations(out);
