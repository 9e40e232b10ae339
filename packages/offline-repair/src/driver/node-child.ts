/**
 * Node: the warm process. It runs the steps of the test command again and again, with the modules of the worktree
 * forgotten in between: CommonJS by clearing the cache, ES modules by a number in their URL. A step is a program that
 * is over when the event loop is empty, or when it calls process.exit: then the process answers for the last time.
 */
export const NODE_CHILD = String.raw`
"use strict";
const Module = require("module"), path = require("path"), fs = require("fs"), cp = require("child_process"), { pathToFileURL } = require("url");
const TOLD = JSON.parse(process.env.QUIRE_TOLD), ROOT = TOLD.root, MEASURE = TOLD.measure;
delete process.env.QUIRE_TOLD;
const isOwn = (file) => file.startsWith(ROOT + path.sep) && !file.includes(path.sep + "node_modules" + path.sep);
/** Packages that keep the state of one test run in module variables, and programs, which run when they are loaded. */
const STATEFUL = /[\\/]node_modules[\\/](tape|zora|uvu|baretest)[\\/]|[\\/]node_modules[\\/].*[\\/]bin[\\/]/;
const generation = new Int32Array(new SharedArrayBuffer(4));

function forget() {
  for (const file of Object.keys(require.cache)) if (isOwn(file) || STATEFUL.test(file)) delete require.cache[file];
  for (const key of Object.keys(Module._pathCache)) if (Module._pathCache[key].startsWith(ROOT)) delete Module._pathCache[key];
  Atomics.add(generation, 0, 1);
}
// Always: runners import what is to be required too, and what was imported once is not looked at again.
if (Module.register) {
  const source = [
    "let generation, root;",
    "export function initialize(data) { ({ generation, root } = data); }",
    "export async function resolve(specifier, context, next) {",
    "  const found = await next(specifier, context);",
    '  const own = found.url.startsWith(root) && !found.url.includes("/node_modules/") && !found.url.includes("?");',
    '  return own ? { ...found, url: found.url + "?quire=" + Atomics.load(generation, 0) } : found;',
    "}",
  ].join("\n");
  Module.register("data:text/javascript," + encodeURIComponent(source), { data: { generation, root: pathToFileURL(ROOT).href + "/" } });
}

/** The run that is under way: failed as soon as anything has failed; exit ends it at once. */
let run = null;
class Exit extends Error {}
process.exit = (code = process.exitCode || 0) => {
  if (run && run.code === null) { // what catches the exception may call it again
    run.code = Number(code);
    if (!run.drained) run.exit();
  }
  throw new Exit("process.exit");
};
function onStray(error) {
  if (run && !(error instanceof Exit)) { run.failed = true; watch.end(error); }
}
process.on("uncaughtException", onStray);
process.on("unhandledRejection", onStray);

/** ES modules by their name or the nearest package.json. They are never required: that would keep them. */
function isModule(file) {
  if (/\.[cm][jt]s$/.test(file)) return file.at(-3) === "m";
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    const manifest = path.join(at, "package.json");
    if (fs.existsSync(manifest)) return JSON.parse(fs.readFileSync(manifest, "utf8")).type === "module";
    if (at === path.dirname(at)) return false;
  }
}
const load = async (file) => isModule(file) ? import(pathToFileURL(file).href + "?quire=" + Atomics.load(generation, 0)) : require(file);

/** Resolves when nothing keeps the event loop alive: what a process that runs a script would exit on. */
function drained() {
  return new Promise((done) => {
    process.channel.unref();
    process.once("beforeExit", () => { process.channel.ref(); done(); });
  });
}

async function runProgram({ main, args, env, byFile }) {
  const before = process.listeners("exit");
  process.argv = [process.execPath, path.resolve(ROOT, main), ...args, ...((byFile && run.only) || [])];
  process.exitCode = 0;
  Object.assign(process.env, env);
  const loading = load(process.argv[1]).catch(onStray);
  await Promise.race([loading, drained(), run.over]);
  await Promise.race([drained().then(() => { run.drained = true; }), run.over]);
  for (const listener of process.listeners("exit")) {
    if (before.includes(listener)) continue;
    process.removeListener("exit", listener);
    try { listener.call(process, run.code || process.exitCode || 0); } catch (error) { onStray(error); }
  }
  const code = run.code === null ? process.exitCode : run.code;
  if (code && !run.failed) onStray(new Error("exit code " + code));
  if (!run.failed) watch.end(null);
  process.exitCode = 0;
}

/** Vitest keeps its server between runs; the workspace's own command line would start it each time. */
let vitest = null;
async function runVitest(names) {
  const options = { root: process.cwd(), watch: false, run: true, cache: false, bail: 1, reporters: [{}], coverage: { enabled: false } };
  if (vitest === null) {
    const entry = Module.createRequire(path.resolve("package.json")).resolve("vitest/node");
    vitest = await (await import(pathToFileURL(entry).href)).createVitest("test", options);
    await (vitest.standalone || vitest.init).call(vitest);
  }
  for (const file of TOLD.files) vitest.invalidateFile(path.join(ROOT, file));
  const all = await vitest.globTestSpecifications(names.length > 0 ? names : undefined);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(all, false);
  run.failed = all.length === 0 || unhandledErrors.length > 0 || testModules.some((one) => one.state() === "failed");
}

async function runStep(step) {
  process.chdir(path.join(ROOT, step.folder));
  if (step.shell) run.failed = cp.spawnSync("sh", ["-c", step.shell], { stdio: "ignore" }).status !== 0;
  else if (step.vitest) await runVitest(step.vitest);
  else await runProgram(step);
}

/** Answers with the steps that failed, all of them if asked to, and with the tests, null where a failure names none. */
async function answer({ steps, all, only = null }) {
  const began = performance.now(), failed = [], tests = [];
  let again = true, exit, named = true, seen = only === null;
  const over = new Promise((done) => { exit = () => { again = false; done(); }; });
  for (const [index, step] of steps.entries()) {
    forget();
    run = { failed: false, drained: false, code: null, only, names: new Set(), seen: false, over, exit };
    watch.begin();
    await runStep(step);
    seen = seen || run.seen;
    named = named && (!run.failed || run.names.size > 0) && !run.names.has("");
    tests.push(...run.names);
    if (run.failed) failed.push(index);
    if (!again || (failed.length > 0 && !all)) break;
  }
  run = null;
  if (!seen) failed.push(steps.length);
  process.send({ failed, tests: named ? tests : null, again, seconds: (performance.now() - began) / 1000, coverage: watch.report() });
}
process.on("message", (job) => { answer(job).catch(() => process.reallyExit(1)); });
`;
