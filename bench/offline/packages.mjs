import { execFileSync, spawnSync } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cpu } from "./cpu.mjs";
import { detailsOf } from "./humaneval.mjs";
import { changedFiles, commitAll, confined, createWorkspace, makeFolder } from "./workspace.mjs";

/** Fetches a package and what its tests need into a folder of its own, through npm. */
async function preparePackage({ name, install = [], scripts, manifest = {}, files = {} }) {
  const base = await makeFolder("package");
  const folder = join(base, "package");
  const npm = (args, cwd) =>
    execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const tarball = npm(["pack", "--silent", name], base).trim().split("\n").at(-1);
  await mkdir(folder);
  execFileSync("tar", ["xzf", tarball, "--strip-components=1", "-C", "package"], { cwd: base });
  const { devDependencies, dependencies, peerDependencies, ...published } = JSON.parse(
    await readFile(join(folder, "package.json"), "utf8"),
  );
  const written = {
    "package.json": `${JSON.stringify({ ...published, scripts, ...manifest }, null, 2)}\n`,
    ".gitignore": "node_modules\ncoverage\n.nyc_output\n",
    ...files,
  };
  for (const [path, text] of Object.entries(written)) await writeFile(join(folder, path), text);
  if (install.length > 0)
    npm(
      ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", ...install],
      folder,
    );
  return { folder, remove: () => rm(base, { recursive: true, force: true }) };
}

/** Runs the bugs of one package; yields one result for each. */
export async function* runPackage(subject, entry, seconds) {
  const prepared = await preparePackage(entry);
  try {
    if (!testsPass(prepared.folder)) throw new Error("its tests do not pass here");
    for (const [file, old, bug] of entry.bugs) {
      const source = await readFile(join(prepared.folder, file), "utf8");
      yield await runBug(subject, { entry, prepared, file, source, old, bug, seconds });
    }
  } finally {
    await prepared.remove();
  }
}

async function runBug({ agent, engine }, { entry, prepared, file, source, old, bug, seconds }) {
  const label = { id: entry.name, bug: `${oneLine(old, bug)} => ${oneLine(bug, old)}` };
  if (!source.includes(old)) throw new Error(`${entry.name}: ${JSON.stringify(old)} is not in ${file}`);
  const workspace = await createWorkspace({});
  try {
    await cp(prepared.folder, workspace.folder, { recursive: true, verbatimSymlinks: true });
    await writeFile(
      join(workspace.folder, file),
      source.replace(old, () => bug),
    );
    commitAll(workspace.folder);
    if (testsPass(workspace.folder))
      return { ...label, kind: "BUG NOT SEEN BY THE TESTS", plausible: false, wall: 0, cpu: 0 };
    const [cpuBefore, began] = [cpu.seconds, performance.now()];
    const answer = await agent.run({ cwd: workspace.folder, task: "The tests fail. Fix the bug.", seconds });
    const wall = (performance.now() - began) / 1000;
    const changed = changedFiles(workspace.folder);
    const repaired =
      engine.answerKind(answer) === "repaired" && changed.join() === file && testsPass(workspace.folder);
    const same = repaired && (await readFile(join(workspace.folder, file), "utf8")) === source;
    return {
      ...label,
      kind: engine.answerKind(answer),
      plausible: repaired,
      same,
      wall,
      cpu: cpu.seconds - cpuBefore,
      ...detailsOf(answer),
    };
  } finally {
    await workspace.remove();
  }
}

/** The part of a replacement that differs, on one line. */
function oneLine(text, other) {
  const lines = other.split("\n");
  return (
    text
      .split("\n")
      .filter((line) => !lines.includes(line))
      .join(" ")
      .trim() || "(nothing)"
  );
}

function testsPass(folder) {
  const [program, args] = confined(["timeout 20 npm test"], folder);
  return spawnSync(program, args, { cwd: folder, stdio: "ignore" }).status === 0;
}
