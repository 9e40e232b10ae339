/**
 * Node: the warm process. It runs the test steps it is told of, again and again, with the modules of the worktree
 * forgotten in between. node:test is replaced by a small runner of the same shape, since the real one can run only
 * once in a process. A step is over when the event loop is empty.
 */
export const NODE_CHILD = `
"use strict";
const Module = require("module"), path = require("path"), { pathToFileURL } = require("url");
const ROOT = process.cwd(), MEASURE = process.env.QUIRE_MEASURE === "1";
const realLoad = Module._load, realTest = require("node:test");
delete process.env.QUIRE_MEASURE;
let run = null, generation = 0;

class Exit extends Error {}
process.exit = (code) => {
  if (run) run.exitCode = code === undefined ? process.exitCode || 0 : code;
  throw new Exit("process.exit");
};

/** What is known of one step: which tests ran, which failed, whether to go on. */
function createRun(job) {
  return { only: job.only ? new Set(job.only) : null, failFast: job.failFast, outcomes: [], open: new Set(), exitCode: 0, stopped: false, reject: null, prefix: "" };
}
function wants(name) {
  if (run.stopped) return false;
  if (!run.only) return true;
  for (const one of run.only) if (one === name || one.startsWith(name + " > ") || name.startsWith(one + " > ")) return true;
  return false;
}
function record(name, error) {
  if (!run) return;
  probe.end(error);
  run.outcomes.push({ name, failed: Boolean(error) });
  if (error) { probe.blame(error); if (run.failFast) run.stopped = true; }
}
function onStray(error) {
  if (error instanceof Exit || !run) return;
  if (run.reject) run.reject(error);
  else record(run.prefix + "(uncaught)", error);
}
process.on("uncaughtException", onStray);
process.on("unhandledRejection", onStray);

/** The measuring side; the batch driver leaves it as it is. */
let probe = { begin() {}, mark() {}, end() {}, blame() {}, report() { return null; } };
`;
