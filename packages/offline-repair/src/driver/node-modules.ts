/**
 * Node: module loading of the warm process. Modules of the worktree are forgotten before each candidate: CommonJS by
 * clearing the cache, ES modules by a number in their URL. node:test is replaced, assertions are when measuring.
 */
export const NODE_MODULES = String.raw`
const REPLACED = new Map([["node:test", () => shim]]);
Module._load = function (request, ...rest) {
  const made = REPLACED.get(request);
  const loaded = made ? made() : realLoad.call(this, request, ...rest);
  if (request === "tape" && loaded && loaded.Test) quickTape(loaded.Test.prototype);
  return (probe.wrap && probe.wrap(request, loaded)) || loaded;
};
/** With the first failing assertion a candidate is judged: the rest of the run is skipped. */
function quickTape(tape) {
  if (tape.quick) return;
  const { _assert, run: begin } = tape;
  tape.quick = true;
  tape._assert = function (ok, ...rest) {
    if (!run || !run.failFast) return _assert.call(this, ok, ...rest);
    if (run.stopped) return undefined;
    if (ok) return _assert.call(this, ok, ...rest);
    if (rest[0] && rest[0].extra && rest[0].extra.todo) return undefined;
    return record(run.prefix + "(assertion)", new Error("failed"));
  };
  tape.run = function (...args) {
    if (run && run.stopped) this._cb = null;
    return begin.apply(this, args);
  };
}
const isOwn = (file) => file.startsWith(ROOT + path.sep) && !file.includes(path.sep + "node_modules" + path.sep);
/** Packages that keep the state of one test run in module variables. */
const STATEFUL = /[\\/]node_modules[\\/](tape|tap|zora|uvu|baretest)[\\/]/;
function forget() {
  for (const file of Object.keys(require.cache)) if (isOwn(file) || STATEFUL.test(file)) delete require.cache[file];
  for (const key of Object.keys(Module._pathCache)) if (Module._pathCache[key].startsWith(ROOT)) delete Module._pathCache[key];
  generation += 1;
}
globalThis[Symbol.for("quire.replaced")] = (name) => Module._load(name, module, false);
if (process.env.QUIRE_ESM === "1" && Module.register) {
  const replaced = ["node:test", ...(MEASURE ? ["assert", "node:assert", "assert/strict", "node:assert/strict"] : [])];
  const names = Object.fromEntries(replaced.map((name) => [name, Object.keys(name === "node:test" ? shim : require("assert")).filter((key) => /^[A-Za-z_]\w*$/.test(key) && key !== "default")]));
  const replacement = (name) => 'const it = globalThis[Symbol.for("quire.replaced")](' + JSON.stringify(name) + "); export default it; " + names[name].map((key) => "const _" + key + " = it." + key + "; export { _" + key + " as " + key + " };").join(" ");
  const urls = Object.fromEntries(replaced.map((name) => [name, "data:text/javascript," + encodeURIComponent(replacement(name))]));
  const source = [
    "const urls = " + JSON.stringify(urls) + ";",
    "export async function resolve(specifier, context, next) {",
    "  if (urls[specifier]) return { url: urls[specifier], shortCircuit: true };",
    "  const found = await next(specifier, context);",
    '  const mark = /[?&](quire=\\d+)/.exec(context.parentURL || "");',
    '  const own = found.url.startsWith("file:") && !found.url.includes("/node_modules/") && !found.url.includes("?");',
    '  return mark && own ? { ...found, url: found.url + "?" + mark[1] } : found;',
    "}",
  ].join("\n");
  Module.register("data:text/javascript," + encodeURIComponent(source));
}
`;
