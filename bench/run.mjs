#!/usr/bin/env node
/**
 * `npm run bench [-- OPTIONS]`: what the built CLI costs, measured from outside. Medians; processor time is a mean.
 *   --only A,B     scenarios by name           --runs N       runs of each (default 7; long ones at most 3)
 *   --json FILE    also write the figures      --vs COMMAND   measure another agent beside it; words are split at
 *                  as JSON                     spaces, and {prompt}, {url}, {port}, {home}, {cwd} are filled in
 * Figures of different machines or moments do not compare; those of one run do.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { buildCli } from "../scripts/build.mjs";
import { bundle, root } from "../scripts/bundle.mjs";
import { paint, withProgress } from "../scripts/console.mjs";
import { SCENARIOS } from "./scenarios.mjs";

/**
 * @typedef {import("./scenarios.mjs").Figure} Figure
 * @typedef {import("./world.mjs").Contender} Contender
 */

const QUIRE = path.join(root, "bin", "quire");

/** @type {Contender} */
const OURS = {
  name: "quire",
  ours: true,
  command: (prompt, { mode = "danger-full-access", resume = false }) => {
    if (prompt === "--version") return [process.execPath, QUIRE, prompt];
    return [process.execPath, QUIRE, "exec", ...(resume ? ["resume", "--last"] : []), "-s", mode, prompt];
  },
};

/** @param {string} template @returns {Contender} */
function peer(template) {
  const words = template.split(/\s+/).filter(Boolean);
  const name = path.basename(words[0] ?? "peer");
  return { name, ours: false, command: (prompt) => words.map((word) => word.replaceAll("{prompt}", prompt)) };
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      runs: { type: "string", default: "7" },
      json: { type: "string" },
      vs: { type: "string" },
    },
  });
  const only = values.only?.split(",");
  const unknown = only?.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name)) ?? [];
  if (unknown.length > 0)
    throw new Error(
      `no scenario is called ${unknown.join(", ")}; there are ${SCENARIOS.map((s) => s.name).join(", ")}`,
    );
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a whole number, not ${values.runs}`);
  if (values.vs !== undefined && !values.vs.includes("{prompt}"))
    throw new Error("--vs needs {prompt} in its command");
  return { only, runs, json: values.json, vs: values.vs };
}

/** @param {number} value */
const shown = (value) =>
  Math.abs(value) >= 100 ? value.toFixed(0) : value.toFixed(Math.abs(value) >= 10 ? 1 : 2);

/** @param {Figure} figure */
function figureText({ value, unit, range }) {
  const between = range ? paint("dim", ` (${shown(range[0])} to ${shown(range[1])})`) : "";
  return `${shown(value).padStart(8)} ${unit.padEnd(6)}${between}`;
}

async function main() {
  if (process.platform !== "linux") throw new Error("the measurements read /proc, so they need Linux");
  const { only, runs, json, vs } = readOptions();
  if (!(await buildCli())) return 1;
  const name = "test-support";
  await bundle({ name, entry: `packages/${name}/src/index.ts`, outdir: `dist/${name}` });
  const modelServer = path.join(root, "dist", name, `${name}.js`);
  const contenders = vs === undefined ? [OURS] : [OURS, peer(vs)];

  console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ${runs} runs`);
  const scratch = mkdtempSync(path.join(tmpdir(), "quire-bench-"));
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) {
    process.once(signal, () => {
      rmSync(scratch, { recursive: true, force: true });
      process.exit(130);
    });
  }
  /** @type {(Figure & { scenario: string, contender: string })[]} */
  const results = [];
  let failures = 0;
  try {
    for (const scenario of SCENARIOS.filter((candidate) => !only || only.includes(candidate.name))) {
      console.log(`\n${paint("bold", scenario.name)}: ${scenario.about}`);
      for (const contender of contenders.filter((candidate) => candidate.ours || !scenario.oursOnly)) {
        const label = `${scenario.name} ${contender.name}`;
        try {
          const work = scenario.run({ scratch, modelServer, runs, contender });
          for (const figure of await withProgress(label, work)) {
            const who = contenders.length > 1 ? `${contender.name.padEnd(10)} ` : "";
            console.log(`  ${who}${figure.what.padEnd(36)} ${figureText(figure)}`);
            results.push({ scenario: scenario.name, contender: contender.name, ...figure });
          }
        } catch (error) {
          failures += 1;
          console.log(paint("red", `  ${label}: ${error instanceof Error ? error.message : error}`));
        }
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  if (json) writeFileSync(json, `${JSON.stringify({ node: process.version, runs, results }, null, 2)}\n`);
  return failures > 0 ? 1 : 0;
}

process.exitCode = await main().catch((error) => {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  return 2;
});
