/**
 * Node: where the warm process listens to test runners: for what is watched when measuring, and to skip what is left of
 * a run that has failed. What is not known here is judged by its exit code.
 */
export const NODE_HOOKS = String.raw`
/** The measuring side; the batch driver leaves it as it is. */
let watch = { begin() {}, check() {}, end() {}, wrap() {}, report() { return null; } };
const skips = () => !MEASURE && run !== null && run.failed;
/** In a search only the tests that failed at first are run: what passes them is confirmed by the plain command. */
const unwanted = (name) => run !== null && (skips() || (run.only !== null && !run.only.includes(name)));
function ended(error, name) {
  if (run === null) return;
  if (error) run.failed = true;
  if (error && name) run.names.add(name);
  if (run.only !== null && run.only.includes(name)) run.seen = true;
  watch.end(error);
}
function around(owner, name, make) {
  if (!owner || typeof owner[name] !== "function" || owner[name].quire) return;
  owner[name] = Object.assign(make(owner[name]), { quire: true });
}

/** Tests of node:test are AsyncResources; their root may not end with the first run, so it does not hear of the end. */
const { AsyncResource } = require("async_hooks"), addListener = process.on;
process.on = process.addListener = function (event, listener) {
  if (event === "beforeExit" && /node:internal\/test_runner/.test(new Error().stack)) return this;
  return addListener.call(this, event, listener);
};
around(AsyncResource.prototype, "runInAsyncScope", (plain) => function (fn, self, ...args) {
  if (run === null || !/^(Test|Suite|TestHook)$/.test(this.constructor.name) || typeof this.fail !== "function") return plain.call(this, fn, self, ...args);
  let base = Object.getPrototypeOf(this);
  while (!Object.hasOwn(base, "fail")) base = Object.getPrototypeOf(base);
  around(base, "fail", (fail) => function (error) { if (!this.isTodo) ended((error && error.cause) || error || new Error("failed"), this.name); return fail.call(this, error); });
  around(base, "pass", (pass) => function () { ended(null, this.name); return pass.call(this); });
  const callback = args.at(-1);
  if (this.constructor.name === "Test" && unwanted(this.name)) return typeof callback === "function" && fn.length > 1 ? callback() : undefined;
  if (this.constructor.name === "Test") watch.begin();
  return plain.call(this, fn, self, ...args);
});

/** Jest is told of files: most of its time goes into those that are no test's concern. */
const testFile = (expect) => expect && expect.getState && path.relative(process.cwd(), expect.getState().testPath || "");

const HOOKS = [
  (it) => it.Test && around(it.Test.prototype, "_assert", (plain) => function (ok, options) { // tape
    if (skips()) return undefined;
    const result = plain.call(this, ok, options);
    if (!options || !options.extra || !options.extra.todo) watch.check(Boolean(ok));
    if (!ok && run && !this._todo) run.failed = true;
    return result;
  }),
  (it) => it.Test && it.Test.prototype._assert && around(it.Test.prototype, "run", (plain) => function () {
    if (skips()) this._cb = null;
    watch.begin();
    return plain.call(this);
  }),
  (it) => it.prototype && it.prototype.runSuite && around(it.prototype, "emit", (plain) => function (event, test, error) { // mocha
    if (event === "test") watch.begin();
    else if (event === "pass") ended(null, test.fullTitle());
    else if (event === "fail") { ended(error || new Error("failed"), test.type === "hook" ? "" : test.fullTitle()); if (!MEASURE) this.abort(); }
    return plain.apply(this, arguments);
  }),
  (it) => it.prototype && it.prototype.runSuite && around(it.prototype, "run", (plain) => function (...args) {
    if (run && run.only) this.grep({ test: (title) => run === null || run.only.includes(title) }, false);
    return plain.apply(this, args);
  }),
  (it) => it.TestEnvironment && (it.TestEnvironment.prototype.handleTestEvent = function ({ name, test }) { // jest
    if (name === "test_start") watch.begin();
    else if (name === "test_done") ended(test.errors.length > 0 ? [test.errors[0]].flat()[0] : null, testFile(this.global.expect));
    else if (name === "run_start" && skips()) throw new Error("skipped");
  }),
];
const realLoad = Module._load;
Module._load = function (request, ...rest) {
  const loaded = realLoad.call(this, request, ...rest);
  if (loaded === null || (typeof loaded !== "object" && typeof loaded !== "function")) return loaded;
  if (!Module.isBuiltin(request)) for (const hook of HOOKS) hook(loaded);
  return watch.wrap(request, loaded) || loaded;
};
`;
