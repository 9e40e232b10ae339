#!/usr/bin/env node
/**
 * `npm run pack [-- FOLDER]`: builds the CLI and makes a package of it that `npm install -g` takes on another machine, with
 * nothing of this workspace: the bundle, the two words that start it, licence and README.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { buildCli } from "./build.mjs";
import { NATIVE_PACKAGES, root } from "./bundle.mjs";
import { run } from "./console.mjs";

const PARTS = ["bin/quire", "bin/package.json", "dist/cli", "LICENSE", "README.md"];

/** @param {string} file */
const json = (file) => JSON.parse(readFileSync(path.join(root, file), "utf8"));

/** What stays outside the bundle, with its versions. Where it cannot be had Quire works without. */
function unbundled() {
  const packages = readdirSync(path.join(root, "packages")).map((name) =>
    json(`packages/${name}/package.json`),
  );
  const needed = Object.assign({}, ...packages.map((each) => each.dependencies));
  const native = Object.entries(needed).filter(([name]) => NATIVE_PACKAGES.includes(name));
  return Object.assign(Object.fromEntries(native), ...packages.map((each) => each.optionalDependencies));
}

/** What `npm` reads of the package. */
function manifest() {
  const { version, description, license, engines } = json("package.json");
  const bin = { quire: "bin/quire" };
  return { name: "quire", version, description, license, engines, bin, optionalDependencies: unbundled() };
}

/**
 * Makes the package.
 * @param {string} folder where it goes
 * @returns {Promise<string>} its path; fails with what npm said
 */
export async function pack(folder) {
  if (!(await buildCli())) throw new Error("the build failed");
  const stage = mkdtempSync(path.join(tmpdir(), "quire-pack-"));
  try {
    for (const part of PARTS) cpSync(path.join(root, part), path.join(stage, part), { recursive: true });
    writeFileSync(path.join(stage, "package.json"), `${JSON.stringify(manifest(), null, 2)}\n`);
    mkdirSync(folder, { recursive: true });
    const { code, output } = await run(
      "npm",
      ["pack", "--silent", "--pack-destination", path.resolve(folder)],
      {
        cwd: stage,
      },
    );
    if (code !== 0) throw new Error(output);
    return path.join(path.resolve(folder), `quire-${manifest().version}.tgz`);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.log(await pack(process.argv[2] ?? path.join(root, "dist")));
}
