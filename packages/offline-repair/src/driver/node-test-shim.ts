/**
 * Node: a stand-in for node:test with the same shape (tests, suites, hooks, subtests). The real one can run only once
 * in a process; what passes here is confirmed by the real one.
 */
export const NODE_TEST_SHIM = `
function makeSuite(name, parent) {
  return { name, parent, before: [], after: [], beforeEach: [], afterEach: [], entries: [] };
}
let suite = null, chain = null;
function resetTests() { suite = makeSuite("", null); chain = null; }
function fullName(owner, name) { return owner && owner.name ? fullName(owner.parent, owner.name) + " > " + name : run.prefix + name; }
function parse(args) {
  const fn = args.find((one) => typeof one === "function") || (() => {});
  const options = args.find((one) => one && typeof one === "object") || {};
  return { name: typeof args[0] === "string" ? args[0] : fn.name || "<anonymous>", options, fn };
}
function call(fn, context) {
  if (fn.length < 2) return Promise.resolve().then(() => fn.call(context, context));
  return new Promise((done, fail) => { const result = fn.call(context, context, (error) => error ? fail(error) : done()); if (result && result.then) result.then(done, fail); });
}
function guarded(work) {
  return new Promise((done, fail) => { run.reject = fail; work().then(done, fail); }).finally(() => { if (run) run.reject = null; });
}
const lineage = (owner) => owner ? [...lineage(owner.parent), owner] : [];
async function runTest(entry) {
  const name = fullName(entry.suite, entry.name);
  if (entry.options.skip || entry.options.todo || !wants(name)) return;
  probe.begin(name);
  run.open.add(name);
  const hooks = lineage(entry.suite), context = testContext(entry, name);
  let failure = null;
  try {
    await guarded(async () => {
      for (const owner of hooks) for (const hook of owner.beforeEach) await call(hook, context);
      await call(entry.fn, context);
      await Promise.all(context.pending);
    });
    if (context.failed) failure = context.failed;
  } catch (error) { failure = error || new Error("rejected"); }
  for (const hook of [...context.afters, ...hooks.reverse().flatMap((owner) => owner.afterEach)]) {
    try { await call(hook, context); } catch (error) { failure = failure || error; }
  }
  if (run) run.open.delete(name);
  record(name, failure instanceof Exit ? null : failure);
  if (failure && entry.owner) entry.owner.failed = failure;
}
function testContext(entry, name) {
  const own = makeSuite(entry.name, entry.suite), context = {
    name: entry.name, fullName: name, pending: [], afters: [], failed: null, signal: new AbortController().signal, mock: realTest.mock,
    assert: require("assert"), diagnostic() {}, plan() {}, skip() {}, todo() {}, runOnly() {},
    before: (fn) => { context.pending.push(call(fn, context)); }, after: (fn) => { context.afters.push(fn); },
    beforeEach: (fn) => own.beforeEach.push(fn), afterEach: (fn) => own.afterEach.push(fn),
    test: (...args) => { const promise = runTest({ ...parse(args), suite: own, owner: context }); context.pending.push(promise); return promise; },
  };
  return context;
}
async function runSuite(entry) {
  if (entry.options.skip || entry.options.todo) return;
  const { own } = entry;
  try {
    for (const hook of own.before) await call(hook, {});
    for (const one of own.entries) await (one.own ? runSuite(one) : runTest(one));
  } catch (error) { record(fullName(own.parent, own.name) + " > (hook)", error); }
  for (const hook of own.after) { try { await call(hook, {}); } catch (error) { record(fullName(own.parent, own.name) + " > (hook)", error); } }
}
function enqueue(work) {
  if (chain === null) { const root = suite; chain = Promise.resolve().then(async () => { for (const hook of root.before) await call(hook, {}); }); }
  chain = chain.then(work).catch(onStray);
  return chain;
}
function test(...args) {
  const entry = { ...parse(args), suite };
  if (suite.parent) { suite.entries.push(entry); return Promise.resolve(); }
  return enqueue(() => runTest(entry));
}
function describe(...args) {
  const entry = parse(args), outer = suite;
  entry.own = suite = makeSuite(entry.name, outer);
  let promise;
  try { if (!entry.options.skip) promise = entry.fn.call({}, {}); } catch (error) { record(fullName(outer, entry.name), error); } finally { suite = outer; }
  if (outer.parent) { outer.entries.push(entry); return Promise.resolve(); }
  return enqueue(async () => { await promise; await runSuite(entry); });
}
for (const made of [test, describe]) {
  made.skip = () => Promise.resolve();
  made.todo = () => Promise.resolve();
  made.only = (...args) => made(...args);
}
const hook = (kind) => (fn) => { suite[kind].push(fn); };
const shim = Object.assign(test, { test, it: test, describe, suite: describe, before: hook("before"), after: hook("after"), beforeEach: hook("beforeEach"), afterEach: hook("afterEach"), mock: realTest.mock, default: test });
`;
