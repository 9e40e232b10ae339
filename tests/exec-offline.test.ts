import { type ChildProcess, execFileSync } from "node:child_process";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fixtureRepository, runQuire, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";

const JS = {
  "package.json": '{"name":"sum","type":"module","scripts":{"test":"node --test"}}\n',
  "src/sum.js":
    "export function sum(numbers) {\n  let total = 0;\n  for (let i = 1; i < numbers.length; i++) total += numbers[i];\n  return total;\n}\n",
  "test/sum.test.js": `import assert from "node:assert/strict";
import { test } from "node:test";
import { sum } from "../src/sum.js";
test("nothing", () => assert.equal(sum([]), 0));
test("one", () => assert.equal(sum([3]), 3));
test("more", () => assert.equal(sum([1, 2, 3]), 6));
`,
};
const PYTHON = {
  "span.py":
    "def width(first, last):\n    return last - first\n\n\ndef inside(value, first, last):\n    return first <= value <= last\n",
  "test_span.py": `import unittest
from span import inside, width

class Span(unittest.TestCase):
    def test_width(self):
        self.assertEqual(width(2, 2), 1)
        self.assertEqual(width(2, 5), 4)

    def test_inside(self):
        self.assertTrue(inside(2, 2, 5))
        self.assertFalse(inside(6, 2, 5))
`,
};

/** No key, no configuration: what a newcomer has. */
function newcomer(args: readonly string[], cwd: string, env: Record<string, string | undefined> = {}) {
  return runQuire(["exec", ...args], { cwd, timeoutMs: 90_000, env });
}

test("without a model a failing JavaScript test is made to pass by one edit, and it is said what did it", async () => {
  await using repository = await fixtureRepository({ files: JS });
  const run = await newcomer(["make the failing test pass"], repository.path);
  expect(run.exitCode).toBe(0);
  expect(run.stderr).toContain("No model is configured");
  expect(run.stdout).toMatch(/^Offline repair engine \(.*not a language model/);
  expect(run.stdout).toContain("Passing tests is not proof");
  expect(await repository.git("diff", "--name-only")).toBe("src/sum.js");
  execFileSync("node", ["--test"], { cwd: repository.path, stdio: "ignore" });
});

test("the same for Python, in JSON lines, without tokens and without cost", async () => {
  await using repository = await fixtureRepository({ files: PYTHON });
  await using home = await temporaryDirectory("quire-offline-home-");
  const args = ["exec", "--json", "-m", "offline-repair", "fix the failing test"];
  const run = await runQuire(args, { cwd: repository.path, home: home.path, timeoutMs: 90_000 });
  expect(run.exitCode).toBe(0);
  const events = run.stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const changes = events.filter(
    (event) => event.type === "item.completed" && event.item.type === "file_change",
  );
  expect(changes).toHaveLength(1);
  expect(changes[0].item.changes).toMatchObject([
    { path: join(repository.path, "span.py"), added: 1, removed: 1 },
  ]);
  expect(events.at(-1)).toMatchObject({
    type: "turn.completed",
    usage: { input_tokens: 0, output_tokens: 0 },
  });
  const usage = await runQuire(["usage", "--by", "model", "--json"], { home: home.path });
  const report: { rows: unknown[] } = JSON.parse(usage.stdout);
  expect(report.rows).toEqual([
    expect.objectContaining({
      model: "offline-repair",
      input_tokens: 0,
      known_cost_usd: 0,
      requests_of_unknown_cost: 0,
      requests_without_counts: 0,
    }),
  ]);
  execFileSync("python3", ["-m", "unittest", "-q"], { cwd: repository.path, stdio: "ignore" });
});

test("what it cannot do it declines with exit code 4, touches nothing and says how to get a model", async () => {
  await using repository = await fixtureRepository({ files: JS });
  const run = await newcomer(["write me a web server in Rust"], repository.path);
  expect(run.exitCode).toBe(4);
  expect(run.stdout).toMatch(/OPENAI_API_KEY|config\.toml/);
  expect(await repository.git("status", "--porcelain")).toBe("");
});

test("tests that are green already are left alone", async () => {
  await using repository = await fixtureRepository({
    files: { ...JS, "src/sum.js": JS["src/sum.js"].replace("i = 1", "i = 0") },
  });
  const run = await newcomer(["make the failing test pass"], repository.path);
  expect(run.exitCode).toBe(0);
  expect(await repository.git("status", "--porcelain")).toBe("");
});

test("a repository without tests is told so", async () => {
  await using repository = await fixtureRepository({ files: { "readme.txt": "nothing here\n" } });
  const run = await newcomer(["make the failing test pass"], repository.path);
  expect([0, 4]).toContain(run.exitCode);
  expect(run.stdout).toMatch(/no tests|test command|could not find/i);
  expect(await repository.git("status", "--porcelain")).toBe("");
});

test("a suite that hangs is stopped, said to hang, and nothing stays behind", async () => {
  await using repository = await fixtureRepository({
    files: {
      ...JS,
      "test/sum.test.js":
        'import { test } from "node:test";\ntest("never", () => new Promise(() => setInterval(() => {}, 1000)));\n',
    },
  });
  // The words shorten the minute that a turn has otherwise.
  const run = await newcomer(["make the failing test pass within 10 seconds"], repository.path);
  expect(run.timedOut).toBe(false);
  expect(run.stdout).toContain("The tests did not end in time and were stopped.");
  expect(await repository.git("status", "--porcelain")).toBe("");
  const left = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" });
  expect(left).not.toContain(repository.path);
});

test("without python3 a Python repository is declined in words that name it", async () => {
  await using repository = await fixtureRepository({ files: { ...PYTHON, ".gitignore": "bin/\n" } });
  // Inside the repository, because the sandbox has a /tmp of its own.
  const bin = join(repository.path, "bin");
  await mkdir(bin);
  for (const program of [
    "node",
    "git",
    "bash",
    "sh",
    "ls",
    "cat",
    "find",
    "sed",
    "grep",
    "head",
    "timeout",
    "sort",
    "env",
    "tr",
    "wc",
    "dirname",
    "basename",
    "xargs",
    "mktemp",
    "cp",
    "rm",
    "mkdir",
  ]) {
    await symlink(
      execFileSync("/bin/sh", ["-c", `command -v ${program}`], { encoding: "utf8" }).trim(),
      join(bin, program),
    );
  }
  const run = await newcomer(["make the failing test pass"], repository.path, { PATH: bin });
  expect(run.stdout).toMatch(/python3/);
  expect(await repository.git("status", "--porcelain")).toBe("");
});

test("killed in the middle of the search it goes on from its log", async () => {
  await using repository = await fixtureRepository({ files: JS });
  await using home = await temporaryDirectory("quire-home-");
  let process: ChildProcess | undefined;
  let told = "";
  const killed = await runQuire(["exec", "make the failing test pass"], {
    cwd: repository.path,
    home: home.path,
    timeoutMs: 90_000,
    onStart: (child) => {
      process = child;
    },
    onStderr: (text) => {
      told += text;
      if (told.includes("which lines do the failing tests run")) process?.kill("SIGKILL");
    },
  });
  expect(killed.signal).toBe("SIGKILL");
  const run = await runQuire(["exec", "resume", "--last", "make the failing test pass"], {
    cwd: repository.path,
    home: home.path,
    timeoutMs: 90_000,
  });
  expect(run.exitCode).toBe(0);
  expect(await readFile(join(repository.path, "src/sum.js"), "utf8")).toContain("i = 0");
});
