/** Node: runs one step of the test command in the warm process, for each runner it knows. */
export const NODE_STEPS = String.raw`
async function load(file) {
  const full = path.join(ROOT, file);
  process.argv[1] = full;
  try { if (isModule(full)) await import(pathToFileURL(full).href + "?quire=" + generation); else require(full); }
  catch (error) {
    if (error && error.code === "ERR_REQUIRE_ESM") await import(pathToFileURL(full).href + "?quire=" + generation);
    else throw error;
  }
}
const kinds = new Map();
function isModule(file) {
  if (/\.c[jt]s$/.test(file)) return false;
  if (/\.m[jt]s$/.test(file)) return true;
  let folder = path.dirname(file);
  if (!kinds.has(folder)) {
    for (let at = folder; ; at = path.dirname(at)) {
      const manifest = path.join(at, "package.json");
      if (require("fs").existsSync(manifest)) { kinds.set(folder, JSON.parse(require("fs").readFileSync(manifest, "utf8")).type === "module"); break; }
      if (at === path.dirname(at)) { kinds.set(folder, false); break; }
    }
  }
  return kinds.get(folder);
}

/** Resolves when nothing keeps the event loop alive: what a process that runs a script would exit on. */
function drained() {
  return new Promise((done) => {
    process.channel.unref();
    process.once("beforeExit", () => { process.channel.ref(); done(); });
  });
}

async function runScripts(step) {
  const before = process.listeners("exit");
  resetTests();
  run.prefix = step.files[0] + " > ";
  probe.begin(run.prefix);
  process.exitCode = 0;
  try {
    for (const file of step.files) {
      const loading = load(file);
      await Promise.race([loading, drained().then(() => loading)]);
    }
  } catch (error) { if (!(error instanceof Exit)) record(run.prefix + "(script)", error); }
  await drained();
  for (const hook of suite.after) { try { await call(hook, {}); } catch (error) { record(run.prefix + "(after)", error); } }
  for (const listener of process.listeners("exit")) {
    if (before.includes(listener)) continue;
    process.removeListener("exit", listener);
    try { listener.call(process, process.exitCode || 0); } catch (error) { if (!(error instanceof Exit)) onStray(error); }
  }
  for (const name of run.open) record(name, new Error("the test did not end"));
  run.open.clear();
  const code = run.exitCode || process.exitCode || 0;
  process.exitCode = 0;
  run.exitCode = 0;
  if (code !== 0 && !run.outcomes.some((one) => one.failed && one.name.startsWith(run.prefix))) record(run.prefix + "(exit code " + code + ")", new Error("exit code " + code));
  else if (!run.outcomes.some((one) => one.name.startsWith(run.prefix))) record(run.prefix + "(script)", null);
}

async function runMocha(step) {
  const Mocha = require(Module.createRequire(path.join(ROOT, "package.json")).resolve("mocha"));
  run.prefix = "";
  const mocha = new Mocha({ ui: step.options.ui, timeout: step.options.timeout, bail: run.failFast, reporter: function () {} });
  if (run.only) mocha.grep(new RegExp("^(" + [...run.only].map((name) => name.replace(/[.*+?^$\x7b}()|[\]\\]/g, "\\$&")).join("|") + ")$"));
  for (const name of step.options.require) require(/^\.?\.?\//.test(name) ? path.resolve(ROOT, name) : Module.createRequire(path.join(ROOT, "package.json")).resolve(name));
  try {
    for (const file of step.files) {
      const full = path.join(ROOT, file);
      mocha.suite.emit("pre-require", global, full, mocha);
      if (isModule(full)) await load(file); else mocha.suite.emit("require", require(full), full, mocha);
      mocha.suite.emit("post-require", global, full, mocha);
    }
  } catch (error) { return record("(load)", error); }
  await new Promise((done) => {
    const runner = mocha.run(() => done());
    runner.on("test", (one) => probe.begin(one.fullTitle()));
    runner.on("pass", (one) => record(one.fullTitle(), null));
    runner.on("fail", (one, error) => record(one.fullTitle(), error || new Error("failed")));
  });
}

let vitest = null;
async function runVitest(step, changed) {
  if (vitest === null) {
    const entry = Module.createRequire(path.join(ROOT, "package.json")).resolve("vitest/node");
    const { createVitest } = await import(pathToFileURL(entry).href);
    vitest = await createVitest("test", { root: ROOT, watch: false, run: true, cache: false, bail: 1, reporters: [{}], coverage: { enabled: false } });
    await vitest.standalone();
  }
  for (const file of changed || []) vitest.invalidateFile(path.join(ROOT, file));
  const all = await vitest.globTestSpecifications(step.files.length > 0 ? step.files : undefined);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(all, false);
  for (const one of testModules) {
    const name = path.relative(ROOT, one.moduleId);
    let failed = false;
    for (const test of one.children.allTests()) {
      const { state } = test.result();
      failed = failed || state === "failed";
      if (state !== "skipped") record(name + " > " + test.fullName, state === "failed" ? new Error("failed") : null);
    }
    if (one.state() === "failed" && !failed) record(name + " > (load)", new Error("failed"));
  }
  for (const error of unhandledErrors) record("(uncaught)", error);
}

process.on("message", async (job) => {
  forget();
  run = createRun(job);
  const began = performance.now();
  for (const step of job.steps) {
    if (run.stopped) break;
    try { await (step.runner === "mocha" ? runMocha(step) : step.runner === "vitest" ? runVitest(step, job.changed) : runScripts(step)); }
    catch (error) { if (!(error instanceof Exit)) record("(run)", error); }
  }
  const outcomes = run.outcomes;
  run = null;
  process.send({ id: job.id, outcomes, seconds: (performance.now() - began) / 1000, coverage: probe.report() });
});
`;
