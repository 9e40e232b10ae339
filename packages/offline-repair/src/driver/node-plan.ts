/**
 * Node: decides how the tests of a command can be run inside a warm process: which files, under which runner. What it
 * does not understand is left to the shell. Also walks and copies the worktree.
 */
export const NODE_PLAN = String.raw`
const fs = require("fs"), path = require("path"), os = require("os"), cp = require("child_process");
const { createRequire } = require("module");
const START = performance.now();
const ROOT = fs.realpathSync(process.cwd());
const TEST_PATH = new RegExp(JOB.testPattern);
const SKIPPED = new Set([".git", ".hg", ".nyc_output", ".cache", "coverage"]);
const elapsed = () => (performance.now() - START) / 1000;
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

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
function copyTree(from, to) {
  fs.mkdirSync(to, { recursive: true });
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name), target = path.join(to, entry.name);
    if (SKIPPED.has(entry.name)) continue;
    if (entry.name === "node_modules" && entry.isDirectory()) linkModules(source, target);
    else if (entry.isDirectory()) copyTree(source, target);
    else if (entry.isSymbolicLink()) fs.symlinkSync(fs.existsSync(source) ? fs.realpathSync(source) : fs.readlinkSync(source), target);
    else if (entry.isFile() && fs.statSync(source).size > 5000000) fs.symlinkSync(source, target);
    else if (entry.isFile()) fs.copyFileSync(source, target);
  }
}

function linkModules(from, to) {
  fs.mkdirSync(to);
  for (const entry of fs.readdirSync(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name), target = path.join(to, entry.name);
    if (entry.isDirectory() && (entry.name[0] === "@" || entry.name === ".bin")) linkModules(source, target);
    else fs.symlinkSync(entry.isSymbolicLink() && !fs.readlinkSync(source).startsWith("/") ? fs.readlinkSync(source) : source, target);
  }
}

/** The words of a command without operators, globs and quotes resolved by the shell itself; null for all others. */
function words(part) {
  if (/[|;<>&$()]|\x60/.test(part)) return null;
  try {
    return cp.execFileSync("sh", ["-c", "for word in " + part + '; do printf "%s\\n" "$word"; done'], { cwd: ROOT, encoding: "utf8", timeout: 5000 }).split("\n").slice(0, -1);
  } catch {
    return null; // the shell could not read it either
  }
}

function globToRegex(pattern) {
  const body = pattern.replace(/^\.\//, "").replace(/[.+^$()|[\]\\]/g, "\\$&")
    .replace(/\*\*\/|\*\*|\*|\?|\{([^}]*)\}/g, (mark, list) =>
      list !== undefined ? "(?:" + list.split(",").join("|") + ")" : mark === "**/" ? "(?:.*/)?" : mark === "**" ? ".*" : mark === "*" ? "[^/]*" : "[^/]");
  return new RegExp("^" + body + "$");
}

/** Files, folders and patterns of an argument list as files. */
function expand(args, inFolder) {
  const all = walk(ROOT, "", []);
  const files = [];
  for (const arg of args) {
    const name = arg.replace(/^\.\//, "").replace(/\/$/, "");
    if (/[*?{]/.test(name)) files.push(...all.filter((file) => globToRegex(name).test(file)).sort());
    else if (fs.existsSync(path.join(ROOT, name)) && fs.statSync(path.join(ROOT, name)).isDirectory()) files.push(...all.filter((file) => inFolder(file, name)).sort());
    else {
      const found = [name, name + ".js", name + ".cjs", name + ".mjs"].find((file) => all.includes(file));
      if (found === undefined) return null;
      files.push(found);
    }
  }
  return files;
}

const SCRIPT = /\.[cm]?js$|(?<!\.d)\.[cm]?tsx?$/;

/** The files that node --test finds on its own. */
function nodeTestFiles(typed) {
  return walk(ROOT, "", []).filter((file) => SCRIPT.test(file) && (typed || !/ts$/.test(file)) && (/(^|\/)test\//.test(file) || /(^|\/)(test|test-.+|.+[._-]test)\.[cm]?[jt]s$/.test(file)));
}

function resolves(name) {
  try {
    return createRequire(path.join(ROOT, "package.json")).resolve(name);
  } catch {
    return null; // not installed
  }
}

/** One part of a command as { runner, files, flags, options }, or null. */
function planPart(part) {
  let list = words(part);
  if (list === null || list.length === 0) return null;
  const env = {};
  while (/^[A-Za-z_]\w*=/.test(list[0] || "")) { const [name, ...rest] = list.shift().split("="); env[name] = rest.join("="); }
  if (list[0] === "npx") list = list.slice(1);
  const program = path.basename(list[0] || ""), args = list.slice(1);
  const plan = program === "node" ? planNode(args)
    : program === "mocha" || program === "_mocha" ? planMocha(args)
    : program === "tape" ? planTape(args)
    : program === "vitest" ? planVitest(args)
    : program === "tsx" && args[0] && args[0][0] !== "-" ? planNode(["--import", "tsx", ...args])
    : null;
  return plan && plan.files && (plan.files.length > 0 || plan.runner === "vitest") ? { ...plan, env } : null;
}

function planNode(args) {
  const flags = [];
  let testing = false, rest = [...args];
  while (rest.length > 0 && rest[0][0] === "-") {
    const flag = rest.shift();
    if (flag === "--test") testing = true;
    else if (/^(-r|--require|--import|--loader)$/.test(flag)) flags.push(flag, rest.shift());
    else if (/^--test-(reporter|concurrency|timeout)/.test(flag)) { if (!flag.includes("=") && /reporter$|concurrency$|timeout$/.test(flag)) rest.shift(); }
    else if (/^--(no-warnings|enable-source-maps|experimental-|conditions=|harmony|expose-gc|stack-trace-limit|trace-)/.test(flag)) flags.push(flag);
    else return null;
  }
  if (!testing) {
    if (rest.length === 0) return null;
    const main = resolveMain(rest[0]);
    const bin = main && /node_modules\/(mocha|tape)\/(bin|lib)\//.exec(main);
    if (bin) return (bin[1] === "mocha" ? planMocha : planTape)(rest.slice(1));
    return main && rest.length === 1 && !main.includes("node_modules/") ? { runner: "script", files: [main], flags, apart: true } : null;
  }
  const typed = flags.some((flag) => /tsx|ts-node|strip-types|transform-types/.test(flag));
  const files = rest.length === 0 ? nodeTestFiles(typed) : expand(rest, (file, folder) => file.startsWith(folder + "/") && SCRIPT.test(file));
  return { runner: "script", files, flags, apart: true };
}

function resolveMain(name) {
  try {
    const file = fs.realpathSync(createRequire(path.join(ROOT, "package.json")).resolve(path.resolve(ROOT, name)));
    return file.startsWith(ROOT + path.sep) ? path.relative(ROOT, file) : file;
  } catch {
    return null;
  }
}

function planTape(args) {
  const flags = [];
  const rest = [];
  for (let at = 0; at < args.length; at++) {
    if (args[at] === "-r" || args[at] === "--require") flags.push("-r", args[++at]);
    else if (args[at][0] === "-") return null;
    else rest.push(args[at]);
  }
  return resolves("tape") && rest.length > 0 ? { runner: "script", files: expand(rest, (file, folder) => file.startsWith(folder + "/") && SCRIPT.test(file)), flags, apart: false } : null;
}

/** Vitest is driven through its own programming interface; options of the command line are left to the shell. */
function planVitest(args) {
  const rest = args.filter((arg) => !/^(run|--run|--no-watch|--watch=false|--reporter=\S+|--passWithNoTests)$/.test(arg));
  if (resolves("vitest/node") === null || rest.some((arg) => arg[0] === "-")) return null;
  return { runner: "vitest", files: rest, flags: [], apart: false };
}

function planMocha(args) {
  if (resolves("mocha") === null || fs.readdirSync(ROOT).some((name) => name.startsWith(".mocharc"))) return null;
  const options = { ui: "bdd", timeout: 2000, require: [] }, rest = [];
  let recursive = false;
  const file = path.join(ROOT, "test/mocha.opts");
  const all = fs.existsSync(file) ? [...fs.readFileSync(file, "utf8").split(/\s+/).filter(Boolean), ...args] : args;
  for (let at = 0; at < all.length; at++) {
    const [flag, inline] = all[at].split("=");
    const value = () => inline !== undefined ? inline : all[++at];
    if (/^(-r|--require)$/.test(flag)) options.require.push(value());
    else if (/^(-u|--ui)$/.test(flag)) options.ui = value();
    else if (/^(-t|--timeout)$/.test(flag)) options.timeout = Number(value());
    else if (/^(-R|--reporter|-s|--slow|-O|--reporter-options?)$/.test(flag)) value();
    else if (flag === "--recursive") recursive = true;
    else if (/^(-b|--bail|-c|--colou?rs?|--no-colou?rs?|--exit|--check-leaks|-C|--inline-diffs|--allow-uncaught|--full-trace)$/.test(flag)) continue;
    else if (flag[0] === "-") return null;
    else rest.push(all[at]);
  }
  const inFolder = (name, folder) => SCRIPT.test(name) && (recursive ? name.startsWith(folder + "/") : path.posix.dirname(name) === folder);
  return { runner: "mocha", files: expand(rest.length > 0 ? rest : ["test"], inFolder), flags: [], options, apart: false };
}

/** How to run the whole command warm: a list of parts; null when a part needs the shell. */
function planOf(command) {
  const parts = command.split("&&").map((part) => planPart(part.trim()));
  if (parts.length === 0 || parts.includes(null)) return null;
  const steps = [];
  for (const part of parts) {
    if (part.runner === "script" && part.apart) for (const file of part.files) steps.push({ runner: "script", files: [file] });
    else steps.push({ runner: part.runner, files: part.files, options: part.options });
  }
  return { flags: [...new Set(parts.map((part) => JSON.stringify(part.flags)))].length === 1 ? parts[0].flags : [], env: Object.assign({}, ...parts.map((part) => part.env)), steps };
}

/** Assignments, status loops and the like that the engine itself writes around plain scripts. */
function plain(command) {
  const loop = /^status=0; (.*); exit \$status$/.exec(command);
  return loop ? loop[1].split("; ").map((line) => line.replace(/ \|\| status=1$/, "")).join(" && ") : command;
}
`;
