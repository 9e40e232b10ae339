#!/usr/bin/env node
/**
 * `npm run bench:tui [-- --codex PATH] [--deltas N] [--only WORDS]`: what the terminal interface costs, in a real terminal
 * of 200 by 50, against bars that we set ourselves. Processor time is that of the program with its children, without the
 * terminal and without the model server; memory is the highest the main process had. With --codex the rows that make
 * sense for it are measured for that program as well, in the same run.
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs, promisify } from "node:util";
import { buildCli } from "../scripts/build.mjs";
import { bundle, root } from "../scripts/bundle.mjs";
import { keys, openLong, startUp, streams, sustained } from "./tui-rows.mjs";

const { values } = parseArgs({
  options: {
    codex: { type: "string" },
    deltas: { type: "string", default: "20000" },
    only: { type: "string", default: "" },
  },
});
const quire = path.join(root, "bin/quire");

/** @type {import("./tui-rows.mjs").Program} */
const ours = (_world, words) => [process.execPath, quire, ...words];

/** @type {import("./tui-rows.mjs").Program} */
const theirs = (world, words) => {
  const folder = path.join(world.home, ".codex");
  mkdirSync(folder, { recursive: true });
  const settings = readFileSync(path.join(world.home, ".quire/config.toml"), "utf8");
  writeFileSync(
    path.join(folder, "config.toml"),
    `check_for_update_on_startup = false\napproval_policy = "never"\nsandbox_mode = "danger-full-access"\n${settings.replace("gpt-5.5", "bench-model")}[analytics]\nenabled = false\n[projects."${world.cwd}"]\ntrust_level = "trusted"\n`,
  );
  return [values.codex ?? "", "--no-alt-screen", ...words];
};

/** @param {import("./world.mjs").World} world @param {string[]} words */
async function oneTurn({ cwd, env }, words) {
  const run = promisify(execFile)(process.execPath, [quire, "exec", ...words], { cwd, env });
  run.child.stdin?.end();
  await run;
}

await buildCli();
const scratch = mkdtempSync(path.join(tmpdir(), "quire-bench-tui-"));
try {
  const name = "test-support";
  await bundle({ name, entry: `packages/${name}/src/index.ts`, outdir: `dist/${name}` });
  const modelServer = path.join(root, "dist", name, `${name}.js`);
  const bench = /** @type {import("./world.mjs").Bench} */ ({ scratch, modelServer, runs: 1 });
  const deltas = Number(values.deltas);
  const isWanted = (/** @type {string} */ part) => values.only === "" || part.includes(values.only);
  let missed = 0;
  const show = (/** @type {string} */ who, /** @type {import("./tui-rows.mjs").Row} */ row) => {
    if (who === "quire" && !row.isKept) missed += 1;
    console.log(
      `${who.padEnd(6)} ${row.isKept ? "ok  " : "over"} ${row.label}: ${row.text} (bar: ${row.bar})`,
    );
  };
  if (isWanted("start")) show("quire", await startUp(bench, ours, "Say what to do"));
  if (isWanted("start") && values.codex) show("codex", await startUp(bench, theirs, "› "));
  if (isWanted("open")) for await (const row of openLong(bench, ours, oneTurn)) show("quire", row);
  if (isWanted("keys")) for await (const row of keys(bench, ours)) show("quire", row);
  if (isWanted("sustained")) show("quire", await sustained(bench, ours));
  if (isWanted("streams")) for await (const row of streams(bench, ours, deltas)) show("quire", row);
  if (isWanted("streams") && values.codex) {
    for await (const row of streams(bench, theirs, deltas)) show("codex", row);
  }
  process.exitCode = missed === 0 ? 0 : 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
