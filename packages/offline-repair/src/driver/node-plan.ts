/**
 * Node: reads a test command as steps: a program to run inside the warm process, and for all it does not understand a
 * line for the shell. Also walks and copies the worktree.
 */
export const NODE_PLAN = String.raw`
const fs = require("fs"), path = require("path"), os = require("os"), cp = require("child_process");
const { createRequire } = require("module");
const START = performance.now();
const ROOT = fs.realpathSync(process.cwd());
const TEST_PATH = new RegExp(JOB.testPattern);
const SKIPPED = new Set([".git", ".hg", ".nyc_output", ".cache", "coverage"]);
const elapsed = () => (performance.now() - START) / 1000;

function readText(file) {
  try { return fs.readFileSync(file, "utf8"); } catch { return ""; }
}

/** Relative paths of all files outside version control and installed packages. */
function walk(folder, base, found) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    if (SKIPPED.has(entry.name) || entry.name === "node_modules" || found.length > 20000) continue;
    const name = base + entry.name;
    if (entry.isDirectory()) walk(path.join(folder, entry.name), name + "/", found);
    else if (entry.isFile()) found.push(name);
  }
  return found;
}

/** A copy to edit in: caches left out, packages and huge files linked; links between workspace packages stay inside. */
function copyTree(from, to, inModules) {
  fs.mkdirSync(to, { recursive: true });
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name), target = path.join(to, entry.name);
    if (SKIPPED.has(entry.name)) continue;
    if (entry.isSymbolicLink()) fs.symlinkSync(inModules || !fs.existsSync(source) ? fs.readlinkSync(source) : fs.realpathSync(source), target);
    else if (inModules && entry.name[0] !== "@" && entry.name !== ".bin") fs.symlinkSync(source, target);
    else if (entry.isDirectory()) copyTree(source, target, inModules || entry.name === "node_modules");
    else if (fs.statSync(source).size > 5000000) fs.symlinkSync(source, target);
    else if (entry.isFile()) fs.copyFileSync(source, target);
  }
}

/** Where the command runs: it may begin with a change of folder. */
let here = ROOT;

/** The words of a command without operators, globs and quotes resolved by the shell itself; null for all others. */
function words(part) {
  if (/[|;<>&$()]|\x60/.test(part)) return null;
  try {
    return cp.execFileSync("sh", ["-c", "for word in " + part + '; do printf "%s\\n" "$word"; done'], { cwd: here, encoding: "utf8", timeout: 5000 }).split("\n").slice(0, -1);
  } catch {
    return null; // the shell could not read it either
  }
}

/** The script behind a program of node_modules/.bin or a path, relative to the worktree; null when it is none. */
function scriptOf(name, folder) {
  try {
    const real = fs.realpathSync(createRequire(path.join(ROOT, "package.json")).resolve(path.resolve(folder, name)));
    return /^#!.*node|^(?!#!|\x7fELF)/.test(readText(real).slice(0, 200)) ? path.relative(ROOT, real).replace(/^\.\..*/, real) : null;
  } catch {
    return null; // not installed, or no file
  }
}

function globToRegex(pattern) {
  const body = pattern.replace(/[.+^$()|[\]\\]/g, "\\$&").replace(/\*\*\/|\*\*|\*|\?|\{([^}]*)\}/g, (mark, list) =>
    list !== undefined ? "(?:" + list.split(",").join("|") + ")" : { "**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]" }[mark]);
  return new RegExp("^" + body + "(/.*)?$");
}

const SCRIPT = /\.[cm]?js$|(?<!\.d)\.[cm]?tsx?$/;
const CONVENTION = /(^|\/)test\/|(^|\/)(test|test-.+|.+[._-]test)\.\w+$/;

/** The scripts that files, folders and patterns name; without any, those that node --test finds on its own. */
function expand(names, typed) {
  const inRoot = path.relative(ROOT, here), all = walk(here, "", []).filter((file) => SCRIPT.test(file)).sort();
  const patterns = names.map((name) => globToRegex(name.replace(/^\.\//, "").replace(/\/$/, "")));
  const found = names.length === 0 ? all.filter((file) => CONVENTION.test(file) && (typed || !/ts$/.test(file))) : patterns.flatMap((pattern) => all.filter((file) => pattern.test(file)));
  return found.map((file) => path.join(inRoot, file));
}

function nodeSteps(args) {
  const at = args.findIndex((arg, index) => arg[0] !== "-" && !/^(-r|--require|--import|--loader|--test-[\w-]+)$/.test(args[index - 1] || ""));
  const options = at < 0 ? args : args.slice(0, at), rest = at < 0 ? [] : args.slice(at);
  if (options.some((option) => /^(-[epc]|--(eval|print|check|watch|run)\b)/.test(option))) return null;
  const flags = options.filter((option, index) => !/^--test\b/.test(option) && !/^--test-[\w-]+$/.test(options[index - 1] || ""));
  if (options.includes("--test")) return expand(rest, /tsx|ts-node|types/.test(flags.join(" "))).map((main) => ({ main, args: [], flags, apart: true }));
  const main = rest.length > 0 ? scriptOf(rest[0], here) : null;
  return main && [{ main, args: rest.slice(1), flags }];
}

/** The steps of one part of a command; null when only the shell can run it. */
function partSteps(part) {
  const list = words(part);
  if (list === null) return null;
  const env = {};
  while (/^[A-Za-z_]\w*=/.test(list[0] || "")) { const [name, ...rest] = list.shift().split("="); env[name] = rest.join("="); }
  if (list[0] === "npx") list.shift();
  const [program = "", ...args] = list, name = path.basename(program);
  const steps = name === "node" ? nodeSteps(args)
    : name === "tsx" ? nodeSteps(["--import", "tsx", ...args])
    : name === "ts-node" ? nodeSteps(["-r", "ts-node/register", ...args])
    : name === "vitest" && args.every((arg) => /^(run|--run|--no-watch|--watch=false|--reporter=\S+|--passWithNoTests|[^-].*)$/.test(arg)) ? [{ vitest: args.filter((arg) => arg !== "run" && arg[0] !== "-") }]
    : programSteps(name === "mocha" ? "_mocha" : name, args);
  return steps && steps.length > 0 ? steps.map((step) => ({ ...step, env })) : null;
}

function programSteps(name, args) {
  const main = scriptOf(name, path.join(here, "node_modules/.bin")) || scriptOf(name, path.join(ROOT, "node_modules/.bin"));
  return main && [name === "jest" ? { main, args: [...args, "--runInBand"], byFile: true } : { main, args }];
}

/** A command as steps with the flags of node. */
function planOf(command) {
  const parts = command.split("&&").map((part) => part.trim());
  const whole = { flags: [], steps: [{ shell: command, folder: "" }] }, moved = /^cd ([\w@./-]+)$/.exec(parts[0]);
  if (moved) here = path.resolve(ROOT, parts.shift().slice(3));
  if (/[|;\x60]|\$\(|(^| )(cd|export|source) /.test(parts.join(" "))) return whole;
  const folder = path.relative(ROOT, here);
  const steps = parts.flatMap((part) => partSteps(part) || [{ shell: part }]).map((step) => ({ ...step, folder }));
  const flags = [...new Set(steps.filter((step) => step.flags).map((step) => JSON.stringify(step.flags)))];
  return flags.length > 1 ? whole : { flags: flags.length === 1 ? JSON.parse(flags[0]) : [], steps };
}
const isWarm = (plan) => plan.steps.some((step) => !step.shell);
`;
