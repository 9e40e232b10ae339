/**
 * Node: the measuring side of the warm process. Precise coverage is taken after every assertion and every test, so
 * that one assertion is one observation; a piece that ends in a failure counts as failed.
 */
export const NODE_PROBE = String.raw`
/** A thread that pauses a main thread that does not come to an end, notes its lines over some steps, and ends it. */
const WATCHDOG = [
  'const { workerData } = require("worker_threads"), fs = require("fs"), inspector = require("inspector");',
  'setTimeout(() => {',
  '  const session = new inspector.Session(), urls = new Map(), seen = [];',
  '  session.connectToMainThread();',
  '  session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));',
  '  session.on("Debugger.paused", ({ params }) => {',
  '    for (const [depth, frame] of params.callFrames.entries()) seen.push([urls.get(frame.location.scriptId) || frame.url, frame.location.lineNumber + 1, depth]);',
  '    fs.writeFileSync(workerData.file, JSON.stringify(seen));',
  '    if (seen.length > 2000 || ++pauses >= 40) process.kill(workerData.pid, "SIGKILL");',
  '    session.post("Debugger.stepOver");',
  '  });',
  '  let pauses = 0;',
  '  session.post("Debugger.enable");',
  '  session.post("Debugger.pause");',
  '  setTimeout(() => process.kill(workerData.pid, "SIGKILL"), 1500);',
  '}, workerData.seconds * 1000);',
].join("\n");
if (MEASURE) {
  const inspector = require("inspector"), fs = require("fs");
  const session = new inspector.Session();
  session.connect();
  session.post("Profiler.enable");
  session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  const files = new Map(), table = {}, trace = {}, loaded = {};
  let takes = 0, failedRuns = 0, segments = [];
  const fileOf = (url) => {
    if (!files.has(url)) {
      let name = null, starts = null;
      try {
        name = url.startsWith("file:") ? require("url").fileURLToPath(url.split("?")[0]) : url;
        if (!path.isAbsolute(name) || !isOwn(name)) name = null;
        else {
          starts = [];
          let at = 0;
          for (const line of fs.readFileSync(name, "utf8").split("\n")) { starts.push(at + line.length - line.trimStart().length); at += line.length + 1; }
        }
      } catch { name = null; }
      files.set(url, name === null ? null : { name: path.relative(ROOT, name), starts });
    }
    return files.get(url);
  };
  const firstAtOrAfter = (starts, offset) => { let low = 0, high = starts.length; while (low < high) { const middle = (low + high) >> 1; if (starts[middle] < offset) low = middle + 1; else high = middle; } return low; };
  /** Lines that ran since the last look, by file. */
  const take = () => {
    let scripts = [];
    session.post("Profiler.takePreciseCoverage", (error, answer) => { if (!error) scripts = answer.result; });
    const ran = new Map();
    for (const script of scripts) {
      const file = fileOf(script.url);
      if (!file) continue;
      const isModule = (one) => one.functionName === "" && one.ranges[0].startOffset === 0;
      const ranges = script.functions.flatMap((one) => one.ranges.map((range) => ({ ...range, count: isModule(one) && range.count > 0 ? -1 : range.count })));
      ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
      const painted = new Map();
      for (const range of ranges) {
        const to = firstAtOrAfter(file.starts, range.endOffset);
        for (let line = firstAtOrAfter(file.starts, range.startOffset); line < to; line++) painted.set(line, range.count);
        const home = firstAtOrAfter(file.starts, range.startOffset + 1) - 1;
        if (range.count > 0 && !(painted.get(home) > 0)) painted.set(home, 1);
      }
      const lines = [];
      for (const [line, count] of painted) if (count < 0) (loaded[file.name] = loaded[file.name] || new Set()).add(line + 1); else if (count > 0) lines.push(line + 1);
      if (lines.length > 0) ran.set(file.name, lines);
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
  const isTest = new RegExp(process.env.QUIRE_TEST_PATH || "^$");
  const ranSource = ({ ran }) => [...ran.keys()].some((name) => !isTest.test(name));
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
    segments.forEach(({ ran }, index) => {
      if (blamed.has(index)) count(ran, 1, 0);
      else if (blamed.size > 0) count(ran, 0.3, 0.5);
      else count(ran, 0, 1);
    });
    segments = [];
  };
  const watch = require("worker_threads");
  if (typeof inspector.Session.prototype.connectToMainThread === "function")
    new watch.Worker(WATCHDOG, { eval: true, workerData: { seconds: Number(process.env.QUIRE_HANG_SECONDS), file: process.env.QUIRE_HANG_FILE, pid: process.pid } }).unref();
  const mark = (ok) => {
    if (ok && ++takes > 500) return;
    segments.push({ ran: take(), ok });
  };
  const wrapped = new Map();
  const observe = (fn) => function (...args) {
    let result;
    try { result = Reflect.apply(fn, this, args); } catch (error) { mark(false); throw error; }
    if (result && typeof result.then === "function") return result.then((value) => { mark(true); return value; }, (error) => { mark(false); throw error; });
    mark(true);
    return result;
  };
  const wrapAssert = (assert) => {
    if (wrapped.has(assert)) return wrapped.get(assert);
    const made = observe(assert);
    wrapped.set(assert, made);
    for (const key of Object.keys(assert)) {
      const value = assert[key];
      made[key] = key === "strict" ? wrapAssert(value) : typeof value === "function" && !/^[A-Z]/.test(key) ? observe(value) : value;
    }
    return made;
  };
  const patched = Symbol("patched");
  const patchMethod = (owner, name, okOf, before) => {
    if (!owner || typeof owner[name] !== "function" || owner[name][patched]) return;
    const plain = owner[name];
    if (before) owner[name] = function (...args) { before(); return Reflect.apply(plain, this, args); };
    else owner[name] = okOf ? function (...args) { const result = Reflect.apply(plain, this, args); mark(okOf(args)); return result; } : observe(plain);
    owner[name][patched] = true;
  };
  probe = {
    begin() { flush(); },
    end(error) {
      if (error ? segments.every((segment) => segment.ok) : true) mark(!error);
      flush();
    },
    blame(error) {
      for (const [, file, line] of String((error && error.stack) || "").matchAll(/((?:file:\/\/)?\/[^\s()]+?):(\d+):\d+/g)) {
        const known = fileOf(file.startsWith("file:") ? file : file.split("?")[0]);
        if (known) (trace[known.name] = trace[known.name] || new Set()).add(Number(line));
      }
    },
    wrap(request, loaded) {
      if (/^(node:)?assert(\/strict)?$/.test(request)) return wrapAssert(loaded);
      if (request === "tape" && loaded && loaded.Test) {
        patchMethod(loaded.Test.prototype, "_assert", (args) => Boolean(args[0]));
        patchMethod(loaded.Test.prototype, "run", null, flush);
      }
      if (request === "chai" && loaded && loaded.Assertion) patchMethod(loaded.Assertion.prototype, "assert");
      return null;
    },
    report() {
      flush();
      for (const [name, lines] of Object.entries(loaded)) for (const line of lines) { // what runs on import is a little suspicious, whatever fails
        const known = (table[name] = table[name] || {});
        known[line] = known[line] || [failedRuns, 8 * failedRuns];
      }
      return { lines: table, failedRuns, trace: Object.fromEntries(Object.entries(trace).map(([name, lines]) => [name, [...lines]])) };
    },
  };
}
`;
