import { access, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fixtureRepository, lastingFolder, runQuire } from "@quire/test-support";
import { expect, onTestFinished, test } from "vitest";

const NODE_PROJECT = {
  "package.json": JSON.stringify({
    name: "counter",
    description: "Counts things.",
    scripts: { test: "node --test", build: "node build.mjs", lint: "node lint.mjs" },
  }),
  "build.mjs": "",
  "lint.mjs": "process.exit(2)",
  "src/a.js": "export const a = 1;\n",
  "src/b.js": "export const b = 2;\n",
  "test/a.test.js": 'import { test } from "node:test";\ntest("a", () => {});\n',
  ".editorconfig": "root = true\n",
};

async function init(cwd: string, ...args: string[]) {
  return runQuire(["init", ...args], { cwd });
}

test("an AGENTS.md holds what was tried, and stderr says how each fact is known", async () => {
  await using repository = await fixtureRepository({ files: NODE_PROJECT });
  const run = await init(repository.path);
  expect([run.exitCode, run.stdout]).toEqual([0, ""]);
  const text = await readFile(join(repository.path, "AGENTS.md"), "utf8");
  expect(text.split("\n").slice(1)).toEqual([
    "",
    "Counts things.",
    "",
    "## Stack",
    "- JavaScript (5 files)",
    "- Packages: npm",
    "",
    "## Commands",
    "- `npm run build`: builds",
    "- `npm test`: runs the tests",
    "",
    "## Before finishing",
    "- Run `npm test` before finishing.",
    "",
    "## Layout",
    "- `src/`: 2 files, mostly .js",
    "- `test/`: 1 file, mostly .js",
    "",
    "## Conventions",
    "- EditorConfig sets indentation and line ends: `.editorconfig`.",
    "",
  ]);
  expect(run.stderr).toMatch(/✓ npm test \(package\.json\): exit code 0 after \d+\.\d s/);
  expect(run.stderr).toMatch(/✗ npm run lint \(package\.json\): exit code 2 after/);
  const lint = await runQuire(["agents", "lint"], { cwd: repository.path });
  expect(lint.stdout).toBe("0 errors, 0 warnings, 0 notes in 1 files\n");
});

test("a file that is there is shown as a diff; --update keeps other sections, --force does not", async () => {
  const mine = "# Mine\n\nMy words.\n\n## Layout\n- old\n\n## Secrets\n- keep\n";
  await using repository = await fixtureRepository({ files: { ...NODE_PROJECT, "AGENTS.md": mine } });
  const file = join(repository.path, "AGENTS.md");
  const kept = await init(repository.path, "--no-run");
  expect(kept.exitCode).toBe(1);
  expect(kept.stdout).toContain("-My words.");
  expect(await readFile(file, "utf8")).toBe(mine);
  expect((await init(repository.path, "--no-run", "--update")).exitCode).toBe(0);
  const updated = await readFile(file, "utf8");
  expect(updated).toMatch(
    /^# Mine\n\nMy words\.\n\n## Layout\n- `src\/`: 2 files, mostly \.js\n- `test\/`: 1 file, mostly \.js\n\n## Secrets\n- keep\n\n## Stack\n/,
  );
  expect(updated).toContain("- `npm test`: runs the tests (named in package.json, not tried)");
  const again = await init(repository.path, "--no-run", "--update");
  expect(again.stderr).toContain("says this already");
  expect((await init(repository.path, "--no-run", "--force")).exitCode).toBe(0);
  expect(await readFile(file, "utf8")).not.toContain("Secrets");
});

test("commands run without a network and cannot write outside; nothing is written in a dry run", async () => {
  const folder = lastingFolder("init-outside-");
  onTestFinished(() => rm(folder, { recursive: true }));
  const canary = join(folder, "canary");
  const script = `require("node:fs").writeFileSync(${JSON.stringify(canary)}, "x")`;
  await using repository = await fixtureRepository({
    files: {
      "package.json": JSON.stringify({ scripts: { test: "node t.cjs", build: "sleep 60" } }),
      "t.cjs": script,
    },
  });
  const run = await init(repository.path, "--dry-run", "--timeout", "8");
  expect(run.exitCode).toBe(0);
  expect(run.stdout).toContain("- `npm test`: runs the tests; some fail at present (exit code 1)");
  expect(run.stdout).not.toContain("Before finishing");
  expect(run.stderr).toMatch(/✗ npm run build \(package\.json\): no end after \d\.\d s; left out/);
  await expect(access(canary)).rejects.toThrow();
  await expect(access(join(repository.path, "AGENTS.md"))).rejects.toThrow();
});

test("Python, Make and CI are found; the form of commits is only written where nearly all have it", async () => {
  await using repository = await fixtureRepository({
    files: {
      Makefile: "test:\n\ttrue\n",
      "test_a.py": "import unittest\nclass T(unittest.TestCase):\n    def test_a(self): pass\n",
      ".github/workflows/ci.yml": "jobs:\n  a:\n    steps:\n      - run: make lint\n      - run: echo hi\n",
    },
  });
  const git = async (...args: string[]) => {
    const { execFileSync } = await import("node:child_process");
    execFileSync("git", ["-c", "user.name=t", "-c", "user.email=t@t", ...args], { cwd: repository.path });
  };
  for (const subject of ["feat: a", "fix: b", "docs: c", "feat(x): d", "chore: e", "fix: f"]) {
    await writeFile(join(repository.path, "n.txt"), subject);
    await git("add", "n.txt");
    await git("commit", "-qm", subject);
  }
  const run = await init(repository.path, "--dry-run", "--no-run");
  const commands = run.stdout.split("\n").filter((line) => line.startsWith("- `"));
  expect(commands.slice(0, 3)).toEqual([
    "- `python3 -m unittest`: runs the tests (named in test_a.py, not tried)",
    "- `make test`: runs the tests (named in Makefile, not tried)",
    "- `make lint`: lints (named in .github/workflows/ci.yml, not tried)",
  ]);
  expect(run.stdout).toContain("- Commit messages follow Conventional Commits.");
  expect(run.stderr).toMatch(/Conventional Commits\.: 6 of the last [67] commits/);
});

test("wrong words change nothing", async () => {
  await using repository = await fixtureRepository({ files: { "a.txt": "1" } });
  for (const args of [["--update", "--force"], ["here"], ["--timeout", "0"]]) {
    const run = await init(repository.path, ...args);
    expect([args, run.exitCode, /\[usage_invalid\]/.test(run.stderr)]).toEqual([args, 2, true]);
  }
});
