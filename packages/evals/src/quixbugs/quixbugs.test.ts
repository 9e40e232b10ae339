import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { halfOf, judgeProgram, visibleTestFile } from "./python-text.ts";
import { readQuixBugs } from "./read-clone.ts";

const NODE = `class Node:
    def __init__(self, value=None, successors=()):
        self.value = value
        self.successors = successors
`;
const MODULE = `import pytest
from node import Node

if pytest.use_correct:
    from correct_python_programs.reach import reach
else:
    from python_programs.reach import reach


def test1():
    """Case 1
    Output: found
    """
    a = Node("a")

    assert reach(Node("b", [a]), a)


@pytest.mark.timeout(2)
def test2():
    assert not reach(Node("a"), Node("b"))


def test3():
    a = Node("a")
    assert reach(a, a)
`;
const REACH =
  "def reach(start, goal):\n    return start is goal or any(reach(n, goal) for n in start.successors)\n";
const PAIRS = "def pairs(values):\n    for value in values:\n        yield (value, True, None)\n";

async function clone(files: Readonly<Record<string, string>>) {
  const folder = await temporaryDirectory("quire-quixbugs-");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder.path, name)), { recursive: true });
    writeFileSync(join(folder.path, name), text);
  }
  return folder;
}

function python(cwd: string, args: readonly string[]): number | null {
  return spawnSync("python3", ["-B", ...args], { cwd, encoding: "utf8" }).status;
}

test("cases and test modules become a test file for the agent and programs for the judge", async () => {
  await using folder = await clone({
    "python_programs/reach.py": REACH,
    "python_programs/reach_test.py": "print('not a program')\n",
    "python_programs/pairs.py": PAIRS,
    "python_testcases/node.py": NODE,
    "python_testcases/test_reach.py": MODULE,
    "json_testcases/pairs.json":
      '[[[1]], [[1, true, null]]]\n[[[]], []]\n[[["é\\n"]], [["é\\n", true, null]]]\n[[[2]], [[2, true, null]]]\n',
    "python_programs/halves.py": "def halves(n):\n    return [type(n).__name__, n / 2]\n",
    "json_testcases/halves.json": '[[3.0], ["float", 1.5]]\n[[4], ["int", 2.0]]\n[[-1.0], ["float", -0.5]]\n',
  });
  const programs = readQuixBugs(folder.path);
  expect(programs.map(({ name }) => name)).toEqual(["halves", "pairs", "reach"]);
  for (const program of programs) {
    const { name, source } = program;
    await using work = await clone({
      [`${name}.py`]: source,
      "node.py": NODE,
      [`test_${name}.py`]: visibleTestFile(program, 2),
    });
    expect([name, python(work.path, ["-m", "unittest", "-q"])]).toEqual([name, 0]);
    for (const half of ["visible", "held-out"] as const) {
      expect([name, half, python("/", ["-c", judgeProgram(program, source, half, 2)])]).toEqual([
        name,
        half,
        0,
      ]);
      const wrong = `def ${name}(*values):\n    return 7\n`;
      expect([name, half, python("/", ["-c", judgeProgram(program, wrong, half, 2)])]).toEqual([
        name,
        half,
        name === "reach" && half === "held-out" ? 0 : 1,
      ]);
    }
  }
});

test("every third test is kept back, and no test is lost", () => {
  const cases = Array.from({ length: 7 }, (_, index) => ({ input: [index], expected: index }));
  const tests = { kind: "cases", cases } as const;
  expect(halfOf(tests, "held-out", 2)).toEqual({ kind: "cases", cases: [cases[2], cases[5]] });
  expect(halfOf(tests, "held-out", 0)).toEqual({ kind: "cases", cases: [cases[0], cases[3], cases[6]] });
  expect(halfOf(tests, "visible", 2)).toMatchObject({ cases: cases.filter((_, index) => index % 3 !== 2) });
});
