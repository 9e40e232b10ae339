import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

let base;

/** A new folder below one folder of this process, which goes when the process does. */
export async function makeFolder(name) {
  if (base === undefined) {
    base = mkdtempSync(join(tmpdir(), "quire-bench-"));
    process.on("exit", () => rmSync(base, { recursive: true, force: true }));
    for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => process.exit(130));
  }
  return mkdtemp(join(base, `${name}-`));
}

/** A temporary git repository with the given files, all committed. */
export async function createWorkspace(files) {
  const folder = await makeFolder("work");
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  commitAll(folder);
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Puts everything in a folder into one commit. */
export function commitAll(folder) {
  const git = (...args) =>
    execFileSync("git", ["-c", "user.name=bench", "-c", "user.email=bench@localhost", ...args], {
      cwd: folder,
      stdio: "ignore",
    });
  git("init", "-q");
  git("add", "-A");
  git("commit", "-q", "--allow-empty", "-m", "start");
}

/** Names of tracked or new files that differ from the commit. */
export function changedFiles(folder) {
  const status = execFileSync("git", ["status", "--porcelain"], { cwd: folder, encoding: "utf8" });
  return status
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.slice(3));
}

let confine;

/**
 * The program and arguments that run a shell command (and its `$0`, `$1` …) without network and with everything but the folder and a private
 * /tmp read-only; plain bash, with a warning, where bubblewrap does not work.
 */
export function confined(words, folder) {
  confine ??= probeBubblewrap();
  if (!confine) return ["bash", ["-c", ...words]];
  const mounts = [
    "--ro-bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "--tmpfs",
    "/tmp",
    "--bind",
    folder,
    folder,
  ];
  return [
    "bwrap",
    [
      ...mounts,
      "--unshare-net",
      "--unshare-pid",
      "--die-with-parent",
      "--chdir",
      folder,
      "bash",
      "-c",
      ...words,
    ],
  ];
}

function probeBubblewrap() {
  try {
    execFileSync(
      "bwrap",
      ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-net", "--unshare-pid", "true"],
      { stdio: "ignore" },
    );
    return true;
  } catch {
    console.warn("bubblewrap does not work here: the benchmark's programs run unconfined");
    return false;
  }
}
