/** Copies to work on: of a bundled example, or of somebody's repository, which is only ever read. */
import { constants, existsSync, lstatSync } from "node:fs";
import { cp, mkdir, readdir } from "node:fs/promises";
import path from "node:path";
import { run, withProgress } from "./console.mjs";

/** Ignored by git, yet needed to run the tests. */
const DEPENDENCY_FOLDERS = new Set(["node_modules", ".venv", "venv", "vendor"]);

const COPIES_AT_ONCE = 32;
const COPY = { recursive: true, verbatimSymlinks: true, mode: constants.COPYFILE_FICLONE };

/**
 * Git without anybody's hooks, signatures or identity.
 * @param {string} cwd @param {string[]} args
 */
export async function git(cwd, ...args) {
  const settings = ["core.hooksPath=/dev/null", "commit.gpgSign=false", "init.defaultBranch=main"];
  const identity = ["user.name=demo", "user.email=demo@localhost"];
  const result = await run("git", [...[...settings, ...identity].flatMap((s) => ["-c", s]), ...args], {
    cwd,
  });
  if (result.code !== 0) throw new Error(`git ${args.join(" ")} failed in ${cwd}: ${result.output.trim()}`);
  return result.stdout;
}

/** Records the state before the agent starts, so that a diff shows the agent's work alone. @param {string} folder */
async function commitState(folder) {
  await git(folder, "add", "--all");
  await git(folder, "commit", "--quiet", "--allow-empty", "--no-verify", "-m", "State before the demo");
}

/** @param {string} source @param {string} folder */
export async function copyExample(source, folder) {
  // What a test run leaves behind is not part of the example.
  const filter = (/** @type {string} */ file) =>
    !["__pycache__", "node_modules", ".git"].includes(path.basename(file));
  await cp(source, folder, { ...COPY, filter });
  await git(folder, "init", "--quiet");
  await commitState(folder);
}

/**
 * @typedef {object} Copy
 * @property {string} root the copied repository
 * @property {string} cwd where in the copy the given path is
 * @property {string} original the repository that was copied
 */

/**
 * Copies the repository around `given` with its history, its uncommitted work and its installed dependencies. A folder
 * without git becomes a new repository.
 * @param {string} given @param {string} folder must not exist yet
 * @returns {Promise<Copy>}
 */
export async function copyRepository(given, folder) {
  if (!existsSync(given) || !lstatSync(given).isDirectory()) throw new Error(`${given} is not a folder`);
  const top = await run("git", ["rev-parse", "--show-toplevel"], { cwd: given });
  if (top.code !== 0) {
    await withProgress(`copying ${given}`, cp(given, folder, COPY));
    await git(folder, "init", "--quiet");
    await commitState(folder);
    return { root: folder, cwd: folder, original: given };
  }
  const original = top.stdout.trimEnd();
  await withProgress(`copying ${original}`, copyWithHistory(original, folder));
  const prefix = (await git(given, "rev-parse", "--show-prefix")).trimEnd();
  return { root: folder, cwd: path.resolve(folder, prefix), original };
}

/** @param {string} original @param {string} folder */
async function copyWithHistory(original, folder) {
  await mkdir(path.dirname(folder), { recursive: true });
  // --no-hardlinks: nothing that happens in the copy can reach the original's objects.
  await git(
    path.dirname(folder),
    "clone",
    "--quiet",
    "--no-checkout",
    "--no-hardlinks",
    "--template=",
    original,
    folder,
  );
  await git(folder, "remote", "remove", "origin");
  const hasCommit =
    (await run("git", ["rev-parse", "--verify", "--quiet", "HEAD"], { cwd: folder })).code === 0;
  if (hasCommit) await git(folder, "reset", "--quiet");
  const listed = await git(original, "ls-files", "-z", "--cached", "--others", "--exclude-standard");
  const files = [...new Set(listed.split("\0"))].filter((file) => file !== "");
  for (let first = 0; first < files.length; first += COPIES_AT_ONCE) {
    const batch = files.slice(first, first + COPIES_AT_ONCE);
    await Promise.all(batch.map((file) => copyEntry(original, folder, file)));
  }
  const ignored = await git(
    original,
    "ls-files",
    "-z",
    "--others",
    "--ignored",
    "--exclude-standard",
    "--directory",
  );
  for (const entry of ignored.split("\0")) {
    const place = entry.replace(/\/$/, "");
    if (DEPENDENCY_FOLDERS.has(path.basename(place))) await copyEntry(original, folder, place);
  }
  await commitState(folder);
}

/**
 * Skips what is listed but deleted, and submodules that were never fetched.
 * @param {string} from @param {string} to @param {string} place
 */
async function copyEntry(from, to, place) {
  const source = path.join(from, place);
  const found = lstatSync(source, { throwIfNoEntry: false });
  if (!found) return;
  if (found.isDirectory() && (await readdir(source)).length === 0) return;
  // A submodule's .git file points into the original's .git folder, which stays out of reach.
  const filter = (/** @type {string} */ file) => path.basename(file) !== ".git";
  await cp(source, path.join(to, place), { ...COPY, filter });
}
