#!/usr/bin/env node
/** `npm run check`: lint, format, types, layers and tree rules, side by side; every problem is listed. */
import { existsSync } from "node:fs";
import path from "node:path";
import { root } from "./bundle.mjs";
import { layerProblems, readPackages } from "./check-layers.mjs";
import { treeProblems } from "./check-tree.mjs";
import { paint, run, seconds, withProgress } from "./console.mjs";

/** @param {string} name @param {string[]} args */
async function tool(name, args) {
  const bin = path.join(root, "node_modules", ".bin", name);
  const { code, output } = await run(bin, args, { cwd: root });
  return code === 0 ? "" : output.trim() || `${name} ended with exit code ${code}`;
}

/** @param {string[]} problems */
const listed = (problems) => problems.map((problem) => `  ${problem}`).join("\n");

/** By name: `node --test scripts/` would run scripts/test.mjs as well. */
const CHECK_TESTS = ["scripts/check-layers.test.mjs", "scripts/check-tree.test.mjs"];

/** @type {{ name: string, check: () => Promise<string> }[]} an empty answer is a pass, anything else the complaint */
const CHECKS = [
  { name: "types", check: () => tool("tsc", ["-p", "."]) },
  { name: "types of the scripts", check: () => tool("tsc", ["-p", "scripts"]) },
  {
    name: "lint and format",
    check: () => tool("biome", ["check", "--error-on-warnings", "--max-diagnostics=none", "--colors=off"]),
  },
  {
    name: "layers",
    check: async () => {
      const { packages, rootDependencies } = await readPackages(root);
      return listed(layerProblems(packages, rootDependencies));
    },
  },
  {
    name: "tests of the checks",
    check: async () => {
      const { code, output } = await run(process.execPath, ["--test", ...CHECK_TESTS], {
        cwd: root,
      });
      return code === 0 ? "" : output.trim();
    },
  },
  { name: "tree", check: async () => listed(treeProblems(root)) },
];

/** Runs every check and prints what became of each; true when all passed. */
export async function check() {
  if (!existsSync(path.join(root, "node_modules/.bin/biome"))) {
    console.error("Dependencies are missing. Run: npm ci");
    return false;
  }
  const results = CHECKS.map(async ({ name, check: start }) => {
    const began = performance.now();
    const complaint = await start().catch((error) => String(error?.stack ?? error));
    const took = paint("dim", `(${seconds(performance.now() - began)})`);
    console.log(`${complaint === "" ? paint("green", "✓") : paint("red", "✗")} ${name} ${took}`);
    return { name, complaint };
  });
  const failed = (await withProgress("checking", Promise.all(results))).filter(
    ({ complaint }) => complaint !== "",
  );
  for (const { name, complaint } of failed) console.log(`\n${paint("bold", name)}\n${complaint}`);
  console.log(`\ncheck: ${CHECKS.length - failed.length} of ${CHECKS.length} passed`);
  return failed.length === 0;
}

if (!(await check())) process.exitCode = 1;
