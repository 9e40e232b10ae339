#!/usr/bin/env node
/** `npm run build [-- --force]`: bundles the CLI into dist/cli and says what it weighs. */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundle, root } from "./bundle.mjs";
import { seconds } from "./console.mjs";

/** @type {import("./bundle.mjs").BundleTarget} */
export const CLI = { name: "main", entry: "packages/cli/src/main.ts", outdir: "dist/cli", packed: true };

/** @param {number} bytes */
const kb = (bytes) => `${(bytes / 1024).toFixed(1).padStart(8)} KB`;

/** @param {import("./bundle.mjs").BundleResult} result */
function printSizes({ outputs }) {
  const shown = outputs.filter(({ file, bytes }) => bytes >= 10_000 || file === `${CLI.name}.cjs`);
  for (const { file, bytes, gzip } of shown) {
    console.log(`${kb(bytes)} ${kb(gzip)} gzip  ${CLI.outdir}/${file}`);
  }
  const rest = outputs.filter((output) => !shown.includes(output));
  const sum = rest.reduce((bytes, output) => bytes + output.bytes, 0);
  if (rest.length > 0) console.log(`${kb(sum)} in ${rest.length} smaller chunks`);
}

/**
 * Builds the CLI. A failure prints each error with its place and returns false.
 * @param {{ force?: boolean, sizes?: boolean }} [options] `sizes`: list the files on stdout; else one line on stderr
 */
export async function buildCli({ force = false, sizes = false } = {}) {
  if (!existsSync(path.join(root, "node_modules/esbuild"))) {
    console.error("build: dependencies are missing. Run: npm ci");
    return false;
  }
  const start = performance.now();
  try {
    const result = await bundle(CLI, { force });
    const took = seconds(performance.now() - start);
    if (sizes && !result.skipped) printSizes(result);
    const total = result.outputs.reduce((sum, output) => sum + output.bytes, 0);
    const line = `${CLI.outdir} ${result.skipped ? "is up to date" : "was built"}: ${kb(total).trim()} in ${result.outputs.length} files (${took})`;
    if (sizes) console.log(line);
    else console.error(`build: ${line}`);
    return true;
  } catch (error) {
    if (!(error instanceof Error && "errors" in error)) throw error;
    const { formatMessages } = await import("esbuild");
    const failure = /** @type {import("esbuild").BuildFailure} */ (error);
    const lines = await formatMessages(failure.errors, {
      kind: "error",
      color: Boolean(process.stderr.isTTY),
    });
    console.error(lines.join("\n"));
    console.error(`build: failed with ${failure.errors.length} error(s)`);
    return false;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const unknown = process.argv.slice(2).filter((arg) => arg !== "--force");
  if (unknown.length > 0) {
    console.error(`build: unknown argument ${unknown.join(" ")}. Usage: npm run build [-- --force]`);
    process.exitCode = 2;
  } else if (!(await buildCli({ force: process.argv.includes("--force"), sizes: true }))) {
    process.exitCode = 1;
  }
}
