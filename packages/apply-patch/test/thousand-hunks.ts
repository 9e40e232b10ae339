/**
 * Medians over several runs of planning and applying big patches in a temporary folder. See README.md.
 */
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { performance } from "node:perf_hooks";
import { applyPlan } from "../src/apply.ts";
import { planPatch } from "../src/plan.ts";

const RUNS = 15;

interface Workload {
  readonly name: string;
  readonly files: readonly { readonly name: string; readonly lines: number; readonly chunks: number }[];
  /** What the patch shows as kept lines: as in the file, or with other indentation. */
  readonly keep: (line: string) => string;
}

const sourceLine = (file: string, n: number): string =>
  `  const value${n} = compute(${n * 7}, "${file}"); // row ${n}`;
const many = Array.from({ length: 200 }, (_, n) => ({
  name: `src/d${n % 20}/f${n}.ts`,
  lines: 200,
  chunks: 5,
}));
const WORKLOADS: readonly Workload[] = [
  { name: "1,000 chunks over 200 files of 200 lines", files: many, keep: (line) => line },
  { name: "the same, other indentation in the patch", files: many, keep: (line) => line.trim() },
  {
    name: "1,000 chunks in one file of 10 MB",
    files: [{ name: "big.ts", lines: 170_000, chunks: 1000 }],
    keep: (line) => line,
  },
  {
    name: "the same, other indentation in the patch",
    files: [{ name: "big.ts", lines: 170_000, chunks: 1000 }],
    keep: (line) => line.trim(),
  },
];

function patchFor({ files, keep }: Workload): string {
  const out = ["*** Begin Patch"];
  for (const { name, lines, chunks } of files) {
    out.push(`*** Update File: ${name}`);
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const at = Math.floor((lines * (chunk + 0.5)) / chunks);
      const line = (n: number): string => keep(sourceLine(name, n));
      out.push("@@", ` ${line(at - 2)}`, ` ${line(at - 1)}`, `-${line(at)}`);
      out.push(`+  const changed${chunk} = 1;`, ` ${line(at + 1)}`, ` ${line(at + 2)}`);
    }
  }
  return [...out, "*** End Patch", ""].join("\n");
}

function writeFiles(root: string, { files }: Workload): void {
  for (const { name, lines } of files) {
    fs.mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
    const text = Array.from({ length: lines }, (_, n) => `${sourceLine(name, n)}\n`).join("");
    fs.writeFileSync(path.join(root, name), text);
  }
}

async function measure(workload: Workload, durable: boolean): Promise<string> {
  const patch = patchFor(workload);
  const times: { plan: number; apply: number }[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "patch-bench-")));
    writeFiles(root, workload);
    const start = performance.now();
    const planned = planPatch(patch, { cwd: root });
    const middle = performance.now();
    if (!planned.ok) throw new Error(planned.error.message);
    const applied = await applyPlan(planned.plan, { journalDir: path.join(root, ".journal"), durable });
    const end = performance.now();
    if (!applied.ok) throw new Error(applied.error.message);
    times.push({ plan: middle - start, apply: end - middle });
    fs.rmSync(root, { recursive: true });
  }
  const median = (values: number[]): number =>
    values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
  const plan = median(times.map((time) => time.plan)).toFixed(1);
  const apply = median(times.map((time) => time.apply)).toFixed(1);
  const total = median(times.map((time) => time.plan + time.apply)).toFixed(1);
  return `${workload.name}, durable ${durable}: ${total} ms (plan ${plan}, apply ${apply})\n`;
}

for (const workload of WORKLOADS) {
  for (const durable of [false, true]) process.stdout.write(await measure(workload, durable));
}
