#!/usr/bin/env node
/**
 * Makes sure that what a test run or a demo needs is there: npm dependencies, git, bubblewrap, tmux, Python. Asks the network only
 * for what is missing. Uses nothing but Node, because it runs before anything is installed.
 */
import { existsSync, readFileSync } from "node:fs";
import { userInfo } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { root } from "./bundle.mjs";
import { paint, run, seconds, withProgress } from "./console.mjs";

const INSTALL_LIMIT_MS = 5 * 60_000;

/** @type {{ program: string, commands: (name: string) => string[][] }[]} in order of preference; packages have one name everywhere */
const PACKAGE_MANAGERS = [
  {
    program: "apt-get",
    commands: (name) => [
      ["apt-get", "update", "-q"],
      ["apt-get", "install", "-yq", "--no-install-recommends", name],
    ],
  },
  { program: "dnf", commands: (name) => [["dnf", "install", "-y", name]] },
  { program: "apk", commands: (name) => [["apk", "add", "--no-cache", name]] },
  { program: "pacman", commands: (name) => [["pacman", "-Sy", "--noconfirm", name]] },
  { program: "zypper", commands: (name) => [["zypper", "--non-interactive", "install", name]] },
];

/** @param {string} program */
export function onPath(program) {
  const folders = (process.env.PATH ?? "").split(path.delimiter);
  return folders.some((folder) => folder !== "" && existsSync(path.join(folder, program)));
}

/** Whether node_modules holds what the lock file asks for; compared by content, because times lie after a checkout. */
function dependenciesCurrent() {
  /** @param {string} file @returns {Record<string, { version?: string, link?: boolean, optional?: boolean }>} */
  const packagesOf = (file) => JSON.parse(readFileSync(path.join(root, file), "utf8")).packages;
  try {
    const installed = packagesOf("node_modules/.package-lock.json");
    return Object.entries(packagesOf("package-lock.json"))
      .filter(([place]) => place.includes("node_modules/"))
      .every(([place, { version, link, optional }]) => {
        if (link) return existsSync(path.join(root, place));
        return installed[place] ? installed[place].version === version : Boolean(optional);
      });
  } catch {
    return false; // nothing installed yet, or half of it
  }
}

async function installDependencies() {
  if (dependenciesCurrent()) return true;
  const fresh = !existsSync(path.join(root, "node_modules"));
  console.log(`setup: ${fresh ? "installing" : "updating"} npm dependencies`);
  // None of the dependencies needs its install script: native parts come prebuilt in packages of their own.
  const args = [fresh ? "ci" : "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
  const work = run("npm", args, { cwd: root, timeoutMs: INSTALL_LIMIT_MS });
  const { code, output, ms } = await withProgress(`npm ${fresh ? "ci" : "install"}`, work);
  if (code === 0) console.log(`setup: npm dependencies are in place (${seconds(ms)})`);
  else
    console.error(`${output.trim()}\nsetup: npm could not install the dependencies. Try it yourself: npm ci`);
  return code === 0;
}

/**
 * The commands that install a package here, and whether they may be run without asking anyone.
 * @param {string} name
 */
async function recipeFor(name) {
  const manager = PACKAGE_MANAGERS.find(({ program }) => onPath(program));
  if (!manager) return undefined;
  const isRoot = userInfo().uid === 0;
  const sudo = !isRoot && onPath("sudo") && (await run("sudo", ["-n", "true"])).code === 0;
  const plain = manager.commands(name);
  const commands = isRoot ? plain : plain.map((command) => ["sudo", ...command]);
  return { commands, allowed: isRoot || sudo };
}

/**
 * Installs a package of the system.
 * @param {string} name
 * @returns {Promise<string[]>} why that did not happen; empty when it did
 */
async function installPackage(name) {
  const recipe = await recipeFor(name);
  const manual = recipe?.commands.map((command) => command.join(" ")).join(" && ");
  if (!recipe?.allowed) {
    return [`${name} is missing. Install it with: ${manual ?? "your system's package manager"}`];
  }
  console.log(`setup: installing ${name} (${manual})`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const [program = "", ...args] of recipe.commands) {
    const work = run(program, args, { env, timeoutMs: INSTALL_LIMIT_MS });
    const { code, output } = await withProgress([program, ...args].join(" "), work);
    if (code !== 0 && !args.includes("update")) {
      return [output.trim(), `${name} could not be installed. Try it yourself: ${manual}`];
    }
  }
  return [];
}

/** Programs that tests drive for real, by the name of their package, with what cannot be tested without them. */
const TEST_PROGRAMS = { tmux: "the terminal interface", python3: "Python repositories" };

async function installTestPrograms() {
  for (const [program, subject] of Object.entries(TEST_PROGRAMS)) {
    if (onPath(program)) continue;
    for (const line of await installPackage(program)) console.log(paint("yellow", `setup: ${line}`));
    if (!onPath(program)) console.log(`setup: without ${program}, the tests of ${subject} fail`);
  }
}

/**
 * Runs a command in an empty bubblewrap sandbox, to know rather than to guess.
 * @returns {Promise<string | undefined>} why it does not work
 */
async function bubblewrapFailure() {
  const args = [
    "--unshare-user",
    "--unshare-pid",
    "--unshare-net",
    "--ro-bind",
    "/",
    "/",
    "--proc",
    "/proc",
    "true",
  ];
  const { code, output } = await run("bwrap", args, { timeoutMs: 10_000 });
  return code === 0 ? undefined : output.trim() || `bwrap ended with exit code ${code}`;
}

/** @param {string[]} reasons */
function explainNoSandbox(reasons) {
  for (const line of reasons) console.log(paint("yellow", `setup: ${line}`));
  console.log("setup: without a sandbox, the tests that need one fail, quire refuses to run commands");
  console.log(
    "setup: unless told that a container is the boundary, and the demo runs its own two examples only.",
  );
}

async function installBubblewrap() {
  if (process.platform !== "linux") {
    explainNoSandbox([`there is no bubblewrap for ${process.platform}; it needs Linux`]);
    return false;
  }
  if (!onPath("bwrap")) {
    const problems = await installPackage("bubblewrap");
    if (problems.length > 0) {
      explainNoSandbox(problems);
      return false;
    }
  }
  const failure = await bubblewrapFailure();
  if (failure === undefined) return true;
  explainNoSandbox([
    `bubblewrap is installed but cannot make a sandbox here: ${failure}`,
    "inside a container, allow user namespaces (for Docker: --security-opt seccomp=unconfined --security-opt systempaths=unconfined)",
  ]);
  return false;
}

/**
 * @typedef {object} Ground
 * @property {boolean} ready false when nothing can run: the reason was printed
 * @property {boolean} sandbox
 * @property {boolean} python
 */

/**
 * Brings the checkout into a state in which everything can run. Prints only what it had to do or could not.
 * @returns {Promise<Ground>}
 */
export async function setup() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 11)) {
    console.error(`setup: Node.js 20.11 or newer is needed; this is ${process.version}`);
    return { ready: false, sandbox: false, python: false };
  }
  if (!onPath("git")) {
    console.error("setup: git is needed and was not found. Install it with your system's package manager.");
    return { ready: false, sandbox: false, python: false };
  }
  const ready = await installDependencies();
  const sandbox = ready && (await installBubblewrap());
  if (ready) await installTestPrograms();
  return { ready, sandbox, python: onPath("python3") };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { ready } = await setup();
  if (!ready) process.exitCode = 1;
}
