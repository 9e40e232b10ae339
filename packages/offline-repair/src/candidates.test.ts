import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { type Candidate, rankCandidates, scoreOf } from "./candidates.ts";
import { applyEdit, toLineEdit } from "./flow/patch-text.ts";
import { loadGrammars } from "./source/grammars.ts";
import type { Language } from "./source/language.ts";
import { createSourceUnit } from "./source/unit.ts";

beforeAll(loadGrammars);

function candidatesOf(text: string, language: Language, lines?: readonly number[]): Candidate[] {
  const extension = { python: "py", javascript: "js", typescript: "ts" }[language];
  const unit = createSourceUnit({ path: `a.${extension}`, text, firstLine: 1, offset: 0 }, language);
  const suspicion = new Map((lines ?? unit.lineStarts.map((_, index) => index + 1)).map((line) => [line, 1]));
  return rankCandidates([{ unit, suspicion }], 100_000);
}

const python = (body: string) =>
  `def work(items, size, low=0):\n    total = 0\n    for at in range(len(items)):\n${body}\n    return total\n`;
const javascript = (body: string) =>
  `function work(items, size) {\n  let total = 0;\n  for (let at = 0; at < items.length; at++) {\n${body}\n  }\n  return total;\n}\n`;

/** A bug, its fix, and the template that is expected to know it. One line each, or the whole body. */
const PYTHON_BUGS: readonly (readonly [bug: string, fix: string, template: string])[] = [
  ["        if at < size:", "        if at <= size:", "comparison"],
  ["        if at in items:", "        if at not in items:", "comparison"],
  ["        total += items[at] - size", "        total += items[at] + size", "arithmetic"],
  ["        if at and size:", "        if at or size:", "logic"],
  ["        total += items[at]", "        total += items[at - 1]", "off-by-one"],
  ["        total += items[at + 1]", "        total += items[at]", "off-by-one"],
  ["        total = max(total, size)", "        total = min(total, size)", "wrong-name"],
  ["        items.append(size)", "        items.extend(size)", "wrong-name"],
  ["        total += size", "        total += low", "variable"],
  ["        total = min(size, low)", "        total = min(low, size)", "swapped-arguments"],
  ["        total = size - low", "        total = low - size", "swapped-operands"],
  ["        total -= size", "        total += size", "assignment"],
  ["        if not size:", "        if size:", "negation"],
  ["        total = -size", "        total = size", "negation"],
  ["        flag = True", "        flag = False", "constant"],
  ["        total += 10", "        total += 9", "constant"],
  ["        mark = 'a'", "        mark = 'A'", "constant"],
  ["        total = len(size)", "        total = size", "extra-call"],
  ["        total = items", "        total = len(items)", "dropped-call"],
  ["        rest = items[1:]", "        rest = items[:1]", "slice"],
  ["        total = size if low else at", "        total = at if low else size", "condition"],
  ["        if size and low:", "        if low:", "condition"],
  ["        break", "        continue", "loop-control"],
  ["        total = size + low", "        total = size", "operand"],
  ["        total = size + low * at", "        total = (size + low) * at", "grouping"],
  [
    "        total += at\n        return total",
    "        total += at\n    return total",
    "misplaced-statement",
  ],
  ["        return total", "        pass\n    return total", "misplaced-statement"],
  [
    "        total += 1\n        size = total",
    "        size = total\n        total += 1",
    "misplaced-statement",
  ],
  ["        work(items, size)", "        return work(items, size)", "return-value"],
  ["        if items[at].size == 0:", "        if items is None or items[at].size == 0:", "condition"],
  ["        while True:", "        while items:", "condition"],
  ["        if size == 0:", "        if size <= 1:", "comparison"],
  ["        size = total + low", "        size = max(size, total + low)", "assignment"],
  ["        items[at].update(size)", "        items[at] = size", "assignment"],
  ["        total += load(at, low)", "        total += size", "expression"],
  ["        for one in items:", "        for one in items[1:]:", "dropped-call"],
  ["        return True", "        return total == 0", "return-value"],
  ["        low = size", "        low = size\n        size = total", "missing-statement"],
  [
    "        if size:\n            total += 1",
    "        if size:\n            total += 1\n        size -= 1",
    "missing-statement",
  ],
  [
    "        seen = set()\n        at = low",
    "        seen = set()\n        at = low\n        seen.add(low)",
    "missing-statement",
  ],
  [
    "        if size:\n            sums += at",
    "        sums = 0\n        if size:\n            sums += at",
    "missing-statement",
  ],
  ["        sums.append(at)", "        sums = []\n        sums.append(at)", "missing-statement"],
  ["        if False:", "        if at != low:", "condition"],
  ["        if True:", "        if at % 2 == 0:", "condition"],
  ["        return None", "        return len(set(items))", "return-value"],
  ["        return None", "        return sorted(items.lower())", "return-value"],
  ["        return None", "        return size ** 2", "return-value"],
];

test.each(PYTHON_BUGS)("Python: %s becomes %s", (bug, fix, template) => {
  const source = python(bug);
  const found = candidatesOf(source, "python").find((one) => applyEdit(source, one) === python(fix));
  expect(found?.template).toBe(template);
});

const JAVASCRIPT_BUGS: readonly (readonly [bug: string, fix: string, template: string])[] = [
  ["    if (at === size) total = 1;", "    if (at !== size) total = 1;", "comparison"],
  ["    if (at && size) total = 1;", "    if (at || size) total = 1;", "logic"],
  ["    total += items[at];", "    total += items[at + 1];", "off-by-one"],
  ["    total = Math.floor(size);", "    total = Math.ceil(size);", "wrong-name"],
  ["    items.push(at);", "    items.unshift(at);", "wrong-name"],
  ["    if (!size) total = 1;", "    if (size) total = 1;", "negation"],
  ["    total = size ? at : 0;", "    total = size ? 0 : at;", "condition"],
  ["    size--;", "    size++;", "assignment"],
  ["    const value = load(at);", "    const value = await load(at);", "dropped-call"],
  ["    items.splice(at);", "    items.splice(at, 1);", "argument"],
  ["    const copy = items;", "    const copy = items.slice();", "dropped-call"],
  ["    total = size || at;", "    total = size ?? at;", "logic"],
  ["    continue;", "    break;", "loop-control"],
  ["    total = null;", "    total = undefined;", "constant"],
  ["    sums.push(at);", "    let sums = [];\n    sums.push(at);", "missing-statement"],
  ["    if (true) total = 1;", "    if (at < size) total = 1;", "condition"],
];

test.each(JAVASCRIPT_BUGS)("JavaScript: %s becomes %s", (bug, fix, template) => {
  const source = javascript(bug);
  const found = candidatesOf(source, "javascript").find((one) => applyEdit(source, one) === javascript(fix));
  expect(found?.template).toBe(template);
});

/** A program, and the two places that are wrong in it. */
type Fault = readonly [old: string, bug: string];
const TWO_PLACES: readonly (readonly [Language, fix: string, Fault, Fault])[] = [
  [
    "python",
    "def total(prices):\n    sum = 0\n    for price in prices:\n        if price > 0:\n            sum += price\n        else:\n            sum -= price\n    return sum\n",
    ["sum += price", "sum += prices"],
    ["sum -= price", "sum -= prices"],
  ],
  [
    "python",
    "def last(values, wanted):\n    at = len(values) - 1\n    while at >= 0:\n        if values[at] == wanted:\n            return at\n        at -= 1\n    return -1\n",
    ["len(values) - 1", "len(values)"],
    ["at >= 0", "at > 0"],
  ],
  [
    "python",
    "def mean(values):\n    if len(values) == 0:\n        return 0\n    return sum(values) / len(values)\n",
    ["== 0", "== 1"],
    ["return 0", "return 1"],
  ],
  [
    "javascript",
    "function clamp(value, low, high) {\n  if (value < low) return low;\n  if (value > high) return high;\n  return value;\n}\n",
    ["value < low", "value > low"],
    ["value > high", "value < high"],
  ],
  [
    "javascript",
    "function range(from, to) {\n  const out = [];\n  for (let at = from; at <= to; at++) {\n    out.push(at);\n  }\n  return out;\n}\n",
    ["at <= to", "at < to"],
    ["push(at)", "push(to)"],
  ],
];

test.each(TWO_PLACES)(
  "%s: two related lines are repaired together, and only those are shown: %s",
  (language, fix, ...wrong: Fault[]) => {
    const source = wrong.reduce((text, [old, bug]) => text.replace(old, bug), fix);
    const found = candidatesOf(source, language);
    const at = found.findIndex((one) => applyEdit(source, one) === fix);
    expect(found[at]?.template).toBe("two-places");
    expect(at).toBeLessThan(2500);
    const { hunk } = toLineEdit(source, found[at] ?? { start: 0, end: 0, text: "" });
    expect(hunk.filter((line) => line.startsWith("+"))).toHaveLength(2);
    expect(hunk.filter((line) => line.startsWith("-"))).toHaveLength(2);
  },
);

test("pairs come behind single edits, and leave those their places", () => {
  const found = candidatesOf(python("        total -= size"), "python");
  const isPair = found.map(
    ({ template, why }) => template === "two-places" && why === "two places are wrong",
  );
  expect(isPair.indexOf(true)).toBeGreaterThan(100);
  expect(isPair.lastIndexOf(false)).toBeLessThan(isPair.indexOf(true));
});

test.each<[Language, string, readonly string[]]>([
  [
    "python",
    "            total += at\n        else:\n            total -= 1\n    return total\n\ndef other(a, b):\n    if a < b:\n",
    ["<="],
  ],
  [
    "javascript",
    "      total += at;\n    }\n  }\n  return total;\n}\n\nfunction other(a, b) {\n  if (a < b) {\n",
    ["<="],
  ],
])("a window that is cut in the middle of functions has candidates (%s)", (language, text, operators) => {
  const found = candidatesOf(text, language);
  expect(found.map((one) => one.text)).toEqual(expect.arrayContaining([...operators]));
  expect(found.some(({ template }) => template === "assignment")).toBe(true);
  expect(found.every(({ start, end }) => 0 <= start && start <= end && end <= text.length)).toBe(true);
});

test("a guard for the empty case goes to the top of the function", () => {
  const source = "def first(items):\n    return items[0]\n";
  const outcomes = candidatesOf(source, "python").map((one) => applyEdit(source, one));
  expect(outcomes).toContain(
    "def first(items):\n    if not items:\n        return None\n    return items[0]\n",
  );
});

test("names are exchanged for those that are used alike", () => {
  const source =
    "def fill(cells, place):\n    into = 0\n    for cell in cells:\n        cells[into] = cell[place] - 1\n";
  const names = (start: string) =>
    candidatesOf(source, "python", [4])
      .filter((one) => one.template === "variable" && source.startsWith(start, one.start))
      .map(({ text }) => text)
      .filter((text) => /^[a-z]/.test(text));
  expect(names("into]")).toEqual(["place", "cells", "cell"]);
  expect(names("cell[")).toEqual(["cells", "into", "place"]);
});

test("a counter that a function hands to itself unchanged is likely one off", () => {
  const source =
    "function walk(node, depth) {\n  each(node, depth, function (child) {\n    walk(child, depth);\n  });\n}\n";
  const steps = candidatesOf(source, "javascript", [2, 3]).filter(({ text }) => text === "depth + 1");
  expect(steps.map(({ line, prior }) => [line, prior])).toEqual([
    [3, 0.6],
    [2, 0.2],
  ]);
});

test("suspicious lines come first, whatever their templates", () => {
  const source = python("        total -= size");
  const unit = createSourceUnit({ path: "a.py", text: source, firstLine: 11, offset: 0 }, "python");
  const ranked = rankCandidates(
    [
      {
        unit,
        suspicion: new Map([
          [14, 1],
          [15, 0.2],
        ]),
      },
    ],
    50,
  );
  expect(ranked[0]).toMatchObject({ line: 14, template: "assignment", text: "+=" });
  expect(scoreOf(0.9, 0.2)).toBeLessThan(scoreOf(0.3, 1));
});

test("TypeScript's types and imports are left alone", () => {
  const source =
    'import { a } from "./a";\ninterface Shape { size: number }\ntype Name = "a" | "b";\nconst made: Map<string, number> = new Map<string, number>();\n';
  const edits = candidatesOf(source, "typescript", [1, 2, 3, 4]).filter(
    (one) => one.template === "comparison" || one.line < 4,
  );
  expect(edits).toEqual([]);
});

test("words of every object are ordinary words", () => {
  const source =
    "class Point {\n  constructor(x) {\n    this.x = x;\n  }\n  toString() {\n    return this.x.toString(10);\n  }\n}\n";
  expect(candidatesOf(source, "javascript").length).toBeGreaterThan(10);
});

test("any program yields edits inside it that change it, without two alike, in the order of their scores", () => {
  const lines = fc.constantFrom(
    "    if (a < b) {",
    "    return a[1:b]",
    "  x = y + 1;",
    "def f(a, b):",
    "function f(a) {",
    "}",
    "    a.b(c, d)",
    "else:",
    "`\x24{a}`",
    "((",
    "    for i in range(3):",
  );
  fc.assert(
    fc.property(
      fc.array(lines, { maxLength: 12 }),
      fc.constantFrom<Language>("python", "javascript", "typescript"),
      (chosen, language) => {
        const text = chosen.join("\n");
        const found = candidatesOf(text, language);
        const outcomes = found.map((one) => applyEdit(text, one));
        expect(outcomes).not.toContain(text);
        expect(new Set(found.map(({ start, end, text: to }) => `${start} ${end} ${to}`)).size).toBe(
          found.length,
        );
        const scores = found.filter(({ why }) => why !== "two places are wrong").map(({ score }) => score);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
      },
    ),
    { numRuns: 200 },
  );
});
