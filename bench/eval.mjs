#!/usr/bin/env node
/**
 * `npm run bench:eval [-- OPTIONS]`: what judging costs and what the benchmarks say, through `quire eval`.
 *   --repeat N      how often each known solution of HumanEval is judged (default 10)
 *   --quixbugs DIR  also repair the programs of a clone of QuixBugs with the offline engine
 *   --reference S,C wall and CPU seconds that OpenAI's harness took here for the same samples, for the ratios
 * CPU counts everything that ran: workers end by themselves, so what they used is counted.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { gunzipSync } from "node:zlib";
import { buildCli } from "../scripts/build.mjs";

const root = fileURLToPath(new URL("..", import.meta.url));
const DATA = path.join(root, "bench/data/humaneval/HumanEval.jsonl.gz");

const { values } = parseArgs({
  options: {
    repeat: { type: "string", default: "10" },
    quixbugs: { type: "string" },
    reference: { type: "string" },
  },
});
if (!(await buildCli())) process.exit(1);
const folder = mkdtempSync(path.join(tmpdir(), "quire-bench-eval-"));
try {
  judging(Number(values.repeat));
  suite();
  if (values.quixbugs !== undefined) quixbugs(values.quixbugs);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** @param {number} repeat */
function judging(repeat) {
  const problems = gunzipSync(readFileSync(DATA))
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const rows = Array.from({ length: repeat }, () => problems).flat();
  const file = path.join(folder, "samples.jsonl");
  writeFileSync(
    file,
    rows
      .map(({ task_id, canonical_solution: completion }) => `${JSON.stringify({ task_id, completion })}\n`)
      .join(""),
  );
  const { result, wall, cpu } = measure(["humaneval", "--data", DATA, "--samples", file, "--no-dedupe"]);
  console.log(`HumanEval, known solutions x ${repeat}, 2 workers, no dedupe`);
  console.log(`  passed             ${result.passed} of ${result.samples}`);
  console.log(`  wall               ${wall.toFixed(2)} s   ${(rows.length / wall).toFixed(0)} samples/s`);
  console.log(
    `  CPU                ${cpu.toFixed(2)} s   ${((1000 * cpu) / rows.length).toFixed(2)} ms a sample`,
  );
  const [wallThere, cpuThere] = (values.reference ?? "").split(",").map(Number);
  if (wallThere && cpuThere) {
    console.log(
      `  OpenAI's harness   ${(wallThere / wall).toFixed(1)}x the wall, ${(cpuThere / cpu).toFixed(1)}x the CPU`,
    );
  }
}

function suite() {
  console.log("\nThe example suite");
  for (const patch of ["gold", "null", "cheat"]) {
    const { result } = measure(["suite", path.join(root, "examples/eval-suite"), "--patch", patch]);
    const tampered = result.results.filter(
      (/** @type {{ tampered: string[] }} */ row) => row.tampered.length > 0,
    );
    console.log(
      `  ${patch.padEnd(18)} ${result.passed} of ${result.problems} passed, ${tampered.length} changed the tests`,
    );
  }
}

/** @param {string} clone */
function quixbugs(clone) {
  const { result, wall } = measure(["quixbugs", clone, "-m", "offline-repair"]);
  console.log("\nQuixBugs (Python) by the offline repair engine: a search program, no score of a model");
  console.log(`  plausible          ${result.plausible} of ${result.samples}`);
  console.log(`  correct, held out  ${result.correct} of ${result.samples}`);
  console.log(`  wall               ${wall.toFixed(0)} s`);
}

/** @param {string[]} args */
function measure(args) {
  const started = performance.now();
  const times = path.join(folder, "times");
  const run = spawnSync(
    "bash",
    [
      "-c",
      '"$@"; code=$?; times > "$TIMES"; exit $code',
      "bash",
      path.join(root, "bin/quire"),
      "eval",
      ...args,
      "--json",
    ],
    {
      encoding: "utf8",
      maxBuffer: 1 << 28,
      env: { ...process.env, TIMES: times, QUIRE_HOME: path.join(folder, "home") },
    },
  );
  const wall = (performance.now() - started) / 1000;
  if (run.stdout === "") throw new Error(run.stderr || `quire eval ended with ${run.status}`);
  const children = readFileSync(times, "utf8").trim().split("\n")[1] ?? "";
  const cpu = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds),
    0,
  );
  return { result: JSON.parse(run.stdout), wall, cpu };
}
