/**
 * Node: the measuring side of the warm process. Precise coverage is taken after every assertion and every test, so
 * that one assertion is one observation; a piece that ends in a failure counts as failed.
 */
export const NODE_PROBE = String.raw`
/** A thread that pauses the main thread when it has stood still for a while, and has it report as it stands. */
const WATCHDOG = [
  'const { workerData: { beat, seconds } } = require("worker_threads"), inspector = require("inspector");',
  'let last = -1;',
  'const timer = setInterval(() => {',
  '  if (last !== Atomics.load(beat, 0)) return (last = Atomics.load(beat, 0));',
  '  clearInterval(timer);',
  '  const session = new inspector.Session();',
  '  session.connectToMainThread();',
  '  session.once("Debugger.paused", ({ params }) => session.post("Debugger.evaluateOnCallFrame", { callFrameId: params.callFrames[0].callFrameId, expression: "globalThis.quireStandsStill()" }));',
  '  session.post("Debugger.enable");',
  '  session.post("Debugger.pause");',
  '  setTimeout(() => {}, 60000);', // the answer needs a thread that is still there
  '}, seconds * 1000);',
].join("\n");
if (MEASURE) {
  const inspector = require("inspector"), { fileURLToPath } = require("url");
  const session = new inspector.Session(), table = {}, trace = {}, loaded = {}, files = new Map();
  const ask = (method, params) => { let found = {}; session.post(method, params, (error, answer) => { if (!error) found = answer; }); return found; };
  session.connect();
  ask("Profiler.enable");
  ask("Debugger.enable");
  ask("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const beat = new Int32Array(new SharedArrayBuffer(4));
  setInterval(() => Atomics.add(beat, 0, 1), 100).unref();
  globalThis.quireStandsStill = () => {
    ended(new Error("stands still"));
    fs.writeFileSync(TOLD.hangFile, JSON.stringify(watch.report()));
    process.kill(process.pid, "SIGKILL");
  };
  if (typeof inspector.Session.prototype.connectToMainThread === "function")
    new (require("worker_threads").Worker)(WATCHDOG, { eval: true, workerData: { beat, seconds: TOLD.hangSeconds } }).unref();
  const nameOf = (url) => {
    const file = url.startsWith("file:") ? fileURLToPath(url.split("?")[0]) : url.split("?")[0];
    return path.isAbsolute(file) && isOwn(file) ? path.relative(ROOT, file) : null;
  };
  /** A script of the worktree: where its lines begin, and which lines of the file they are, by a source map in it. */
  const scriptOf = ({ scriptId, url }) => {
    if (files.has(scriptId)) return files.get(scriptId);
    const name = nameOf(url), { scriptSource = "" } = name === null ? {} : ask("Debugger.getScriptSource", { scriptId });
    const inline = /\/\/# sourceMappingURL=data:application\/json[^,]*;base64,([\w+/=]+)\s*(\}\}?\)?;?\s*)?$/.exec(scriptSource);
    const map = inline && new Module.SourceMap(JSON.parse(Buffer.from(inline[1], "base64").toString()));
    const starts = [], lines = [];
    let at = 0;
    for (const [index, line] of scriptSource.split("\n").entries()) {
      const indent = line.length - line.trimStart().length, entry = map && map.findEntry(index, indent);
      starts.push(at + indent);
      lines.push(map ? entry.originalLine : index);
      at += line.length + 1;
    }
    files.set(scriptId, name === null ? null : { name, starts, lines });
    return files.get(scriptId);
  };
  const firstAtOrAfter = (starts, offset) => { let low = 0, high = starts.length; while (low < high) { const middle = (low + high) >> 1; if (starts[middle] < offset) low = middle + 1; else high = middle; } return low; };
  /** Lines that ran since the last look, by file. */
  const take = () => {
    const ran = new Map();
    for (const script of ask("Profiler.takePreciseCoverage").result || []) {
      const file = scriptOf(script);
      if (!file) continue;
      const isBody = (one) => one.functionName === "" && one.ranges[0].startOffset === 0;
      const ranges = script.functions.flatMap((one) => one.ranges.map((range) => ({ ...range, count: isBody(one) && range.count > 0 ? -1 : range.count })));
      ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
      const painted = new Map();
      for (const range of ranges) {
        const to = firstAtOrAfter(file.starts, range.endOffset);
        for (let line = firstAtOrAfter(file.starts, range.startOffset); line < to; line++) painted.set(line, range.count);
        const home = firstAtOrAfter(file.starts, range.startOffset + 1) - 1;
        if (range.count > 0 && !(painted.get(home) > 0)) painted.set(home, 1);
      }
      const lines = new Set();
      for (const [line, count] of painted) {
        const number = file.lines[line] + 1;
        if (count < 0) (loaded[file.name] = loaded[file.name] || new Set()).add(number);
        else if (count > 0 && number > 0) lines.add(number);
      }
      if (lines.size > 0) ran.set(file.name, lines);
    }
    return ran;
  };
  const count = (ran, bad, good) => {
    for (const [name, lines] of ran) for (const line of lines) {
      const known = (table[name] = table[name] || {}), entry = (known[line] = known[line] || [0, 0]);
      entry[0] += bad;
      entry[1] += good;
    }
  };
  const isTest = new RegExp(TOLD.testPattern);
  const ranSource = ({ ran }) => [...ran.keys()].some((name) => !isTest.test(name));
  let takes = 0, failedRuns = 0, passedRuns = 0, segments = [];
  /**
   * One test is over. A failing look at an earlier result blames the piece before it that ran source lines; what else
   * a failing test did counts for both sides.
   */
  const flush = () => {
    const blamed = new Set();
    segments.forEach((segment, index) => {
      if (segment.ok) return;
      let at = index;
      while (at > 0 && !ranSource(segments[at])) at -= 1;
      if (ranSource(segments[at])) blamed.add(at);
    });
    failedRuns += blamed.size;
    if (blamed.size === 0) passedRuns += segments.length;
    segments.forEach(({ ran }, index) => {
      if (blamed.has(index)) count(ran, 1, 0);
      else if (blamed.size > 0) count(ran, 0.3, 0.5);
      else count(ran, 0, 1);
    });
    segments = [];
  };
  /** What passes is looked at 500 times; when time runs out the measuring ends with the failures that were seen. */
  const check = (ok) => {
    Atomics.add(beat, 0, 1);
    if (!ok || ++takes <= 500) segments.push({ ran: take(), ok });
    if (failedRuns > 0 && process.uptime() > 0.8 * TOLD.seconds) run.exit();
  };
  const observed = (plain) => function (...args) {
    let result;
    try { result = Reflect.apply(plain, this, args); } catch (error) { check(false); throw error; }
    if (result && typeof result.then === "function") return result.then((value) => { check(true); return value; }, (error) => { check(false); throw error; });
    check(true);
    return result;
  };
  /** Assertions are observed in place, for those who import them too; a call of the whole only by those who require it. */
  const wrapped = new Map();
  const wrapAssert = (assert) => {
    if (wrapped.has(assert)) return wrapped.get(assert);
    const made = typeof assert === "function" ? observed(assert) : assert;
    wrapped.set(assert, made).set(made, made);
    for (const key of Object.keys(assert)) {
      if (key === "strict") assert[key] = wrapAssert(assert[key]);
      else if (typeof assert[key] === "function" && !/^[A-Z]/.test(key)) around(assert, key, observed);
    }
    return made === assert ? made : Object.assign(made, assert);
  };
  for (const name of ["assert", "assert/strict"]) wrapAssert(require(name));
  Module.syncBuiltinESMExports();
  watch = {
    begin: flush,
    check,
    end(error) {
      for (const [, file, line] of String((error && error.stack) || "").matchAll(/((?:file:\/\/)?\/[^\s()]+?):(\d+):\d+/g)) {
        const name = nameOf(file);
        if (name !== null) (trace[name] = trace[name] || new Set()).add(Number(line));
      }
      if (!error || segments.every((segment) => segment.ok)) check(!error);
      flush();
    },
    wrap(request, it) {
      if (/^(node:)?assert(\/strict)?$|^uvu\/assert$/.test(request)) return wrapAssert(it);
      if (request === "chai" && it.Assertion) around(it.Assertion.prototype, "assert", observed);
      return null;
    },
    report() {
      flush();
      // What runs on import is run by all: it is a little suspicious, whatever fails.
      const good = Math.min(24 * failedRuns, Math.max(8 * failedRuns, passedRuns));
      for (const [name, lines] of Object.entries(loaded)) for (const line of lines) {
        const known = (table[name] = table[name] || {});
        known[line] = known[line] || [failedRuns, good];
      }
      return { lines: table, failedRuns, trace: Object.fromEntries(Object.entries(trace).map(([name, lines]) => [name, [...lines]])) };
    },
  };
}
`;
