#!/usr/bin/env node
/**
 * `npm run bench:offline [-- OPTIONS]`: what the offline repair engine repairs, through `quire exec`.
 *   --only humaneval|packages   one of the two tables       --count N     HumanEval items (default 40)
 *   --seed N                    another list of mutants     --loop        the engine alone, without the CLI
 *   --package NAME              only this package           --seconds N   for each package bug (default 60)
 *   --json FILE                 also write all results
 * A repair is plausible when the tests that the engine saw pass; the hidden half says how often it is more than that.
 * CPU counts what was waited for: processes that a sandbox kills as a whole are missing, so --loop shows more.
 */
import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { buildCli } from "../scripts/build.mjs";
import { createCliAgent, createLoopAgent } from "./offline/agents.mjs";
import { loadEngine } from "./offline/engine.mjs";
import { makeItems, runItem } from "./offline/humaneval.mjs";
import { PACKAGES } from "./offline/package-bugs.mjs";
import { runPackage } from "./offline/packages.mjs";
import { HUMANEVAL_COLUMNS, PACKAGE_COLUMNS, printSummary, printTable } from "./offline/tables.mjs";

const HUMANEVAL_SECONDS = 10;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    count: { type: "string", default: "40" },
    seed: { type: "string", default: "20" },
    loop: { type: "boolean", default: false },
    package: { type: "string", default: "" },
    seconds: { type: "string", default: "60" },
    json: { type: "string" },
  },
});

const engine = await loadEngine();
const agent = !values.loop && (await buildCli()) ? await createCliAgent() : createLoopAgent(engine);
const subject = { agent, engine };
const results = { agent: agent.name };
try {
  console.log(
    `Offline repair engine, run by ${agent.name}. It is a search program: these are not scores of a model.\n`,
  );
  if (values.only !== "packages")
    results.humaneval = await benchHumanEval(Number(values.seed), Number(values.count));
  if (values.only !== "humaneval") results.packages = await benchPackages(Number(values.seconds));
} finally {
  await agent.close();
  await engine.close();
}
if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);

async function benchHumanEval(seed, count) {
  console.log(`HumanEval with one mutated line each, seed ${seed}, ${HUMANEVAL_SECONDS} s each.`);
  console.log(
    "Every second assertion is in the test file, the others are kept back and decide the column `hidden`.\n",
  );
  const rows = [];
  for (const item of makeItems(seed, count)) {
    rows.push(await runItem(subject, item, HUMANEVAL_SECONDS));
    printTable(rows, HUMANEVAL_COLUMNS);
  }
  printSummary(rows, [
    ["plausible", (row) => row.plausible],
    ["plausible and right on the hidden half", (row) => row.hidden],
  ]);
  return rows;
}

async function benchPackages(seconds) {
  console.log(`\nnpm packages with their own tests, one bug each, ${seconds} s each.\n`);
  const rows = [];
  for (const entry of PACKAGES.filter(({ name }) => name.startsWith(values.package))) {
    try {
      for await (const row of runPackage(subject, entry, seconds)) {
        rows.push(row);
        printTable(rows, PACKAGE_COLUMNS);
      }
    } catch (error) {
      console.log(`${entry.name} was left out: ${error.message.split("\n")[0]}`);
    }
  }
  printSummary(rows, [
    ["repaired, all tests of the package pass", (row) => row.plausible],
    ["the file is as before the bug", (row) => row.same],
  ]);
  return rows;
}
