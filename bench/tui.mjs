#!/usr/bin/env node
/**
 * `npm run bench:tui [-- --codex PATH] [--deltas N]`: what the terminal interface costs while an answer of Markdown streams
 * in, in a real terminal of 200 by 50 (tmux). Processor time is that of the program with its children, without tmux and
 * without the model server; memory is the highest the main process had. With --codex the same is measured for that
 * program, in the same run.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { buildCli } from "../scripts/build.mjs";
import { bundle, root } from "../scripts/bundle.mjs";
import { createWorld, withServer } from "./world.mjs";

const TICKS_PER_SECOND = 100;
const LIMIT_MS = 60_000;
const QUIET_MS = 5000;
const LAST_WORDS = "That was all of it.";

const { values } = parseArgs({
  options: { codex: { type: "string" }, deltas: { type: "string", default: "20000" } },
});

/** Prose, lists, code and a table, as answers are; so many deltas of eight characters. @param {number} deltas */
function markdown(deltas) {
  const text = [
    "The function reads the **whole** file before it looks at the *first* line, which costs memory that it does not need.",
    "- it opens `src/reader.ts` once for each line\n- it never closes what it opened\n- it ignores what `read` gives back",
    '```ts\nexport async function readLines(path: string): Promise<string[]> {\n  const text = await readFile(path, "utf8");\n  return text.split("\\n").filter((line) => line !== "");\n}\n```',
    "| file | before | after |\n|---|---:|---:|\n| reader.ts | 120 ms | 14 ms |\n| writer.ts | 80 ms | 79 ms |",
    "> A test that cannot fail tells nothing.",
    "",
  ].join("\n\n");
  const times = Math.ceil((deltas * 8) / text.length);
  return /** @type {const} */ ({ kind: "repeated", text, times, end: `\n${LAST_WORDS}\n`, chunkChars: 8 });
}

/** @param {number} pid @returns {number[]} */
function tree(pid) {
  try {
    const below = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .split(" ")
      .filter(Boolean)
      .map(Number);
    return [pid, ...below.flatMap(tree)];
  } catch {
    return []; // it has ended meanwhile
  }
}

/** @param {number} pid */
function cost(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
  return {
    cpu: [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at]), 0) / TICKS_PER_SECOND,
    peakKiB: Number(peak),
  };
}

/** Tells when a program has done next to nothing for a while: not every one ends with the last words on its screen. @param {number} pid */
function quietWatch(pid) {
  let before = 0;
  let since = performance.now();
  return () => {
    const cpu = tree(pid)
      .map(cost)
      .reduce((sum, one) => sum + one.cpu, 0);
    if (cpu - before > 0.05) {
      before = cpu;
      since = performance.now();
    }
    return performance.now() - since > QUIET_MS;
  };
}

/** @param {number} ms */
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Runs a program in a terminal until the last words are on its screen.
 * @param {string[]} command @param {import("./world.mjs").World} world
 */
async function watch(command, { cwd, env }) {
  const name = `quire-bench-${process.pid}`;
  const tmux = (/** @type {string[]} */ ...args) =>
    execFileSync("tmux", ["-L", name, ...args], { encoding: "utf8" });
  const kept = { ...env, TERM: "xterm-256color", LANG: "C.UTF-8" };
  const words = [
    "exec",
    "env",
    "-i",
    ...Object.entries(kept).map(([key, value]) => `${key}=${value}`),
    ...command,
  ];
  const quoted = words
    .map((word) => (/^[\w./=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(" ");
  const started = performance.now();
  tmux("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "200", "-y", "50", "-c", cwd, quoted);
  try {
    const pid = Number(tmux("list-panes", "-t", "t", "-F", "#{pane_pid}").trim());
    const quiet = quietWatch(pid);
    const isOver = () => performance.now() - started > LIMIT_MS;
    while (!tmux("capture-pane", "-p", "-t", "t").includes(LAST_WORDS) && !quiet() && !isOver())
      await sleep(50);
    const cutOff = isOver();
    const wallMs = performance.now() - started;
    await sleep(300);
    const all = tree(pid).map(cost);
    return {
      wallMs,
      cutOff,
      cpuSeconds: all.reduce((sum, { cpu }) => sum + cpu, 0),
      peakMiB: Math.max(...all.map(({ peakKiB }) => peakKiB)) / 1024,
    };
  } finally {
    tmux("kill-server");
  }
}

await buildCli();
const scratch = mkdtempSync(path.join(tmpdir(), "quire-bench-tui-"));
try {
  const name = "test-support";
  await bundle({ name, entry: `packages/${name}/src/index.ts`, outdir: `dist/${name}` });
  const modelServer = path.join(root, "dist", name, `${name}.js`);
  const bench = /** @type {import("./world.mjs").Bench} */ ({ scratch, modelServer, runs: 1 });
  const answer = markdown(Number(values.deltas));
  for (const [label, seconds] of /** @type {[string, string][]} */ ([
    ["quire", "ours"],
    ...(values.codex ? [["codex", "theirs"]] : []),
  ])) {
    await withServer(bench, [answer], async (server) => {
      const world = createWorld(bench, server.url);
      mkdirSync(path.join(world.home, ".codex"));
      const ours = readFileSync(path.join(world.home, ".quire/config.toml"), "utf8");
      writeFileSync(
        path.join(world.home, ".codex/config.toml"),
        `check_for_update_on_startup = false\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\n${ours.replace("gpt-5.5", "bench-model")}[analytics]\nenabled = false\n[projects."${world.cwd}"]\ntrust_level = "trusted"\n`,
      );
      const command =
        seconds === "ours"
          ? [process.execPath, path.join(root, "bin/quire"), "go on"]
          : [values.codex ?? "", "--no-alt-screen", "go on"];
      const { wallMs, cpuSeconds, peakMiB, cutOff } = await watch(command, world);
      console.log(
        `${label.padEnd(6)} ${cpuSeconds.toFixed(2)} CPU s, ${peakMiB.toFixed(0)} MiB at its peak, ${(wallMs / 1000).toFixed(1)} s in all${cutOff ? ", and not at its end" : ""}`,
      );
    });
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
