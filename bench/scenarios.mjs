/** What is measured, and which figures come of it. */
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { release } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { bundle, root } from "../scripts/bundle.mjs";
import { lengthenThread } from "./long-thread.mjs";
import { mean, measure, median, now } from "./measure.mjs";
import { createWorld, LIMIT_MS, runOnce, runs, withServer } from "./world.mjs";

const TURNS = 50;
const COMMANDS = 50;
const DELTAS = 20_000;
const OUTPUT_MB = 200;
const PARALLEL = 8;
const RESUMED_TURNS = 10_000;
/** Runs of the long scenarios, which vary little. */
const FEW = 3;

/**
 * @typedef {import("./world.mjs").Bench} Bench
 * @typedef {import("./world.mjs").Run} Run
 * @typedef {import("./world.mjs").Step} Step
 * @typedef {{ what: string, value: number, unit: string, range?: [number, number] }} Figure
 * @typedef {{ name: string, about: string, oursOnly?: boolean, run: (bench: Bench) => Promise<Figure[]> }} Scenario
 */

/** @type {Step} */
const DONE = { kind: "text", text: "Done." };

/**
 * The median, except for processor time: that is counted in steps of 10 ms, which a mean evens out.
 * @param {string} what @param {string} unit @param {number[]} values @returns {Figure}
 */
function figure(what, unit, values) {
  const value = unit === "CPU s" ? mean(values) : median(values);
  return values.length < 2
    ? { what, unit, value }
    : { what, unit, value, range: [Math.min(...values), Math.max(...values)] };
}

/** @param {Run} run */
const toFirstRequest = ({ requests, startedAtMs }) => (requests[0]?.atMs ?? Number.NaN) - startedAtMs;

/** @param {Bench} bench */
const few = (bench) => Math.min(bench.runs, FEW);

/** @param {Bench} bench */
async function version(bench) {
  const options = { cwd: bench.scratch, env: process.env, limitMs: LIMIT_MS };
  /** @type {number[]} */
  const bare = [];
  /** @type {number[]} */
  const own = [];
  for (let run = 0; run < bench.runs * 2; run += 1) {
    bare.push((await measure([process.execPath, "-e", "0"], options)).wallMs);
    own.push((await measure(bench.contender.command("--version", {}), options)).wallMs);
  }
  return [figure("node -e 0", "ms", bare), figure("--version", "ms", own)];
}

/** @param {Bench} bench */
async function start(bench) {
  const all = await runs(bench, [DONE]);
  return [
    figure("start to first request", "ms", all.map(toFirstRequest)),
    figure(
      "whole run",
      "ms",
      all.map((run) => run.wallMs),
    ),
    figure(
      "whole run",
      "CPU s",
      all.map((run) => run.cpuSeconds),
    ),
    figure(
      "process tree",
      "MiB",
      all.map((run) => run.treeMiB),
    ),
    figure(
      "first request",
      "KB",
      all.map((run) => (run.requests[0]?.bytes ?? Number.NaN) / 1000),
    ),
  ];
}

/**
 * One command at a time, started by the library in this process: plain, in a fresh sandbox, and in one made ready.
 * @param {Bench} bench
 */
async function sandboxedCommands(bench) {
  const workspace = path.join(bench.scratch, "sandboxed", "workspace");
  const home = path.join(bench.scratch, "sandboxed", "home");
  for (const folder of [workspace, home]) mkdirSync(folder, { recursive: true });
  const { createSandbox } = await loadSandbox();
  const deps = {
    env: { PATH: process.env.PATH, HOME: home },
    homeDir: home,
    stateDir: path.join(home, ".quire"),
    runtimeDir: path.join(bench.scratch, "sandboxed", "runtime"),
    platform: process.platform,
    arch: process.arch,
    uid: process.getuid?.() ?? -1,
    pid: process.pid,
    kernelRelease: release(),
    now: () => performance.now(),
    uniqueName: () => randomBytes(8).toString("hex"),
  };
  const open = (/** @type {string} */ mode) =>
    createSandbox(
      { mode, workspaceRoots: [workspace], extraWritableRoots: [], network: "off", environment: {} },
      deps,
    );
  const [plain, fresh, ready] = [
    open("danger-full-access"),
    open("workspace-write"),
    open("workspace-write"),
  ];
  /** @type {Record<"plain" | "fresh" | "ready", number[]>} */
  const times = { plain: [], fresh: [], ready: [] };
  ready.prewarm(workspace);
  for (let round = 0; round < COMMANDS; round += 1) {
    for (const [name, sandbox] of /** @type {const} */ ([
      ["plain", plain],
      ["fresh", fresh],
      ["ready", ready],
    ])) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      const began = now();
      const outcome = await sandbox.start({ argv: ["/bin/bash", "-c", "true"], cwd: workspace });
      if (outcome.kind !== "started") throw new Error(`no command was started: ${JSON.stringify(outcome)}`);
      await outcome.command.exited;
      times[name].push(now() - began);
    }
  }
  await Promise.all([plain, fresh, ready].map((sandbox) => sandbox.close()));
  return [
    figure("a plain command", "ms", times.plain),
    figure("a fresh sandbox over that", "ms", [median(times.fresh) - median(times.plain)]),
    figure("a prewarmed one over that", "ms", [median(times.ready) - median(times.plain)]),
  ];
}

/** The package by itself; the CLI's bundle does not show it. */
async function loadSandbox() {
  const name = "sandbox";
  await bundle({ name, entry: `packages/${name}/src/index.ts`, outdir: `dist/${name}` });
  return import(pathToFileURL(path.join(root, "dist", name, `${name}.js`)).href);
}

/** @param {Bench} bench @param {string} mode */
async function turns(bench, mode) {
  /** @type {Step[]} */
  const steps = [
    ...Array.from({ length: TURNS }, () => /** @type {Step} */ ({ kind: "command", command: "true" })),
    DONE,
  ];
  const all = await runs(bench, steps, { mode, runs: few(bench) });
  const bare = await runs(bench, [DONE], { mode, runs: few(bench) });
  const gaps = all.flatMap(({ requests }) =>
    requests.slice(1).map((request, index) => request.atMs - (requests[index]?.atMs ?? Number.NaN)),
  );
  const cpu = mean(all.map((run) => run.cpuSeconds)) - mean(bare.map((run) => run.cpuSeconds));
  return [figure("between two requests", "ms", gaps), figure("a turn", "CPU ms", [(cpu * 1000) / TURNS])];
}

/** @param {Bench} bench */
async function deltas(bench) {
  const all = await runs(bench, [{ kind: "deltas", deltas: DELTAS, chars: 8 }], { runs: few(bench) });
  const bare = await runs(bench, [DONE], { runs: few(bench) });
  const over = mean(all.map((run) => run.cpuSeconds)) - mean(bare.map((run) => run.cpuSeconds));
  return [
    figure("over a short answer", "CPU s", [over]),
    figure(
      "process tree",
      "MiB",
      all.map((run) => run.treeMiB),
    ),
  ];
}

/** @param {Bench} bench */
async function output(bench) {
  const command = `head -c ${OUTPUT_MB}000000 /dev/zero | tr '\\0' 'x' | fold -w 99`;
  const all = await runs(bench, [{ kind: "command", command }, DONE], { runs: few(bench) });
  const bare = await runs(bench, [{ kind: "command", command: "sleep 0.3" }, DONE], { runs: few(bench) });
  const over = median(all.map((run) => run.ownMiB)) - median(bare.map((run) => run.ownMiB));
  return [
    figure("own memory over a silent command's", "MiB", [over]),
    figure(
      "whole run",
      "ms",
      all.map((run) => run.wallMs),
    ),
  ];
}

/** @param {Bench} bench */
async function resume(bench) {
  const resumed = await withServer(bench, [DONE], async (server) => {
    const world = createWorld(bench, server.url);
    await runOnce(bench, server, world);
    // The second turn is the one to repeat: the first also holds the instructions.
    await runOnce(bench, server, world, { resume: true });
    lengthenThread(world.home, RESUMED_TURNS);
    /** @type {Run[]} */
    const all = [];
    for (let run = 0; run < few(bench); run += 1)
      all.push(await runOnce(bench, server, world, { resume: true }));
    return all;
  });
  const fresh = await runs(bench, [DONE], { runs: few(bench) });
  return [
    figure("start to first request", "ms", resumed.map(toFirstRequest)),
    figure("the same with a new thread", "ms", fresh.map(toFirstRequest)),
    figure(
      "process tree",
      "MiB",
      resumed.map((run) => run.treeMiB),
    ),
    figure(
      "first request",
      "KB",
      resumed.map((run) => (run.requests[0]?.bytes ?? Number.NaN) / 1000),
    ),
  ];
}

/** @param {Bench} bench */
function parallel(bench) {
  return withServer(bench, [DONE], async (server) => {
    const worlds = Array.from({ length: PARALLEL }, () => createWorld(bench, server.url));
    const began = now();
    const all = await Promise.all(worlds.map((world) => runOnce(bench, server, world)));
    return [
      figure("all done", "ms", [now() - began]),
      // Each run counts the children that ended while it ran; the longest saw them all end.
      figure("all together", "CPU s", [Math.max(...all.map((run) => run.cpuSeconds))]),
      figure("all together, each at its peak", "MiB", [all.reduce((sum, run) => sum + run.treeMiB, 0)]),
    ];
  });
}

/** @type {Scenario[]} */
export const SCENARIOS = [
  { name: "version", about: "--version, beside Node alone", oursOnly: true, run: version },
  { name: "start", about: "one prompt, one answer", run: start },
  { name: "turns", about: `${TURNS} shell commands`, run: (bench) => turns(bench, "danger-full-access") },
  {
    name: "turns-sandboxed",
    about: `${TURNS} shell commands in the sandbox`,
    oursOnly: true,
    run: (bench) => turns(bench, "workspace-write"),
  },
  {
    name: "sandbox",
    about: `${COMMANDS} commands with and without a sandbox`,
    oursOnly: true,
    run: sandboxedCommands,
  },
  { name: "deltas", about: `an answer of ${DELTAS.toLocaleString("en-US")} deltas`, run: deltas },
  { name: "output", about: `a command that prints ${OUTPUT_MB} MB`, run: output },
  {
    name: "resume",
    about: `going on with a thread of ${RESUMED_TURNS.toLocaleString("en-US")} turns`,
    oursOnly: true,
    run: resume,
  },
  { name: "parallel", about: `${PARALLEL} prompts at once`, run: parallel },
];
