import { execFileSync, spawnSync } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cpu } from "./cpu.mjs";
import { detailsOf } from "./humaneval.mjs";
import { changedFiles, commitAll, confined, createWorkspace, makeFolder } from "./workspace.mjs";

/**
 * Four small packages that ship their tests, with four one-line bugs each. The bugs were written down before the
 * engine was first run on them; two that no test noticed were exchanged. `test` is the package's own test run without linters, coverage and audits.
 */
export const PACKAGES = [
  {
    name: "dijkstrajs@1.0.3",
    runner: ["mocha@10.8.2", "expect.js@0.3.1"],
    test: "mocha -R spec",
    file: "dijkstra.js",
    bugs: [
      ["first_visit || cost_of_s_to_v", "first_visit && cost_of_s_to_v"],
      ["cost_of_s_to_v > cost_of_s_to_u_plus_cost_of_e", "cost_of_s_to_v < cost_of_s_to_u_plus_cost_of_e"],
      ["nodes.push(u);", "nodes.push(d);"],
      ["    nodes.reverse();\n", ""],
    ],
  },
  {
    name: "glob-to-regexp@0.4.1",
    runner: [],
    test: "node test.js",
    file: "index.js",
    bugs: [
      ["opts ? !!opts.extended : false", "opts ? !!opts.extended : true"],
      ["inGroup = true;", "inGroup = false;"],
      ["starCount > 1 ", "starCount >= 1 "],
      ["!~flags.indexOf('g')", "~flags.indexOf('g')"],
    ],
  },
  {
    name: "minimist@1.2.8",
    runner: ["tape@5.9.0"],
    test: "tape 'test/**/*.js'",
    file: "index.js",
    bugs: [
      ["i < keys.length - 1; i++", "i < keys.length; i++"],
      ["next = args[i + 1];", "next = args[i];"],
      ["broken = true;", "broken = false;"],
      ["value = value !== 'false';", "value = value === 'false';"],
    ],
  },
  {
    name: "sorted-array-functions@1.3.0",
    runner: ["tape@5.9.0"],
    test: "tape test.js",
    file: "index.js",
    bugs: [
      [
        "      btm = mid + 1\n    }\n  }\n\n  return mid\n}\n\nfunction has",
        "      btm = mid\n    }\n  }\n\n  return mid\n}\n\nfunction has",
      ],
      ["if (c <= 0) return i", "if (c < 0) return i"],
      ["list.splice(i, 1)", "list.splice(i)"],
      ["Math.abs(list[mid - 1] - value)) return mid - 1", "Math.abs(list[mid - 1] - value)) return mid"],
    ],
  },
];

/** Fetches a package and its test runner into a folder of its own, through npm. */
async function preparePackage(entry) {
  const folder = await makeFolder("package");
  const npm = (args) =>
    execFileSync("npm", args, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  const tarball = npm(["pack", "--silent", entry.name]).trim().split("\n").at(-1);
  await mkdir(join(folder, "package"));
  execFileSync("tar", ["xzf", tarball, "--strip-components=1", "-C", "package"], { cwd: folder });
  const manifestPath = join(folder, "package", "package.json");
  const manifest = JSON.parse(await readFile(manifestPath, "utf8"));
  const kept = {
    name: manifest.name,
    version: manifest.version,
    license: manifest.license,
    main: manifest.main,
    scripts: { test: entry.test },
  };
  await writeFile(manifestPath, `${JSON.stringify(kept, null, 2)}\n`);
  await writeFile(join(folder, "package", ".gitignore"), "node_modules\n");
  if (entry.runner.length > 0)
    execFileSync(
      "npm",
      ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--silent", ...entry.runner],
      { cwd: join(folder, "package"), stdio: "ignore" },
    );
  return { folder: join(folder, "package"), remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Runs the four bugs of one package; yields one result for each. */
export async function* runPackage(subject, entry, seconds) {
  const prepared = await preparePackage(entry);
  try {
    const source = await readFile(join(prepared.folder, entry.file), "utf8");
    for (const [old, bug] of entry.bugs)
      yield await runBug(subject, { entry, prepared, source, old, bug, seconds });
  } finally {
    await prepared.remove();
  }
}

async function runBug({ agent, engine }, { entry, prepared, source, old, bug, seconds }) {
  const label = { id: entry.name, bug: `${oneLine(old, bug)} => ${oneLine(bug, old)}` };
  if (!source.includes(old)) throw new Error(`${entry.name}: ${JSON.stringify(old)} is not in ${entry.file}`);
  const workspace = await createWorkspace({});
  try {
    await cp(prepared.folder, workspace.folder, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(workspace.folder, entry.file), source.replace(old, bug));
    commitAll(workspace.folder);
    if (testsPass(workspace.folder))
      return { ...label, kind: "BUG NOT SEEN BY THE TESTS", plausible: false, wall: 0, cpu: 0 };
    const [cpuBefore, began] = [cpu.seconds, performance.now()];
    const answer = await agent.run({ cwd: workspace.folder, task: "The tests fail. Fix the bug.", seconds });
    const wall = (performance.now() - began) / 1000;
    const changed = changedFiles(workspace.folder);
    const repaired =
      engine.answerKind(answer) === "repaired" &&
      changed.join() === entry.file &&
      testsPass(workspace.folder);
    const same = repaired && (await readFile(join(workspace.folder, entry.file), "utf8")) === source;
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
