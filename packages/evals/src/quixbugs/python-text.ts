import type { QuixCase, QuixProgram, QuixTests } from "./read-clone.ts";

/** Which of a program's tests: those the agent sees, or those kept back. */
export type Half = "visible" | "held-out";

/**
 * Of which tests one in three is kept back: those whose position leaves this remainder when it is divided by three. The
 * last is the usual one, the others are for programs whose bug shows in no other test.
 */
export const REMAINDERS = [2, 1, 0] as const;
export type Remainder = (typeof REMAINDERS)[number];

/** The tests of one half; few tests may leave none that are kept back. */
export function halfOf(tests: QuixTests, half: Half, kept: Remainder): QuixTests {
  const isIn = (_: unknown, index: number) => (index % 3 === kept) === (half === "held-out");
  return tests.kind === "cases"
    ? { kind: "cases", cases: tests.cases.filter(isIn) }
    : { ...tests, functions: tests.functions.filter(isIn) };
}

/** The test file that the agent finds beside the program: unittest, one method a case. */
export function visibleTestFile({ name, tests }: QuixProgram, kept: Remainder): string {
  const half = halfOf(tests, "visible", kept);
  if (half.kind === "cases") {
    const methods = half.cases.map(
      (each, index) => `    def test_${index + 1}(self):\n        ${assertion(name, each, "self")}\n`,
    );
    return `import unittest\nfrom types import GeneratorType\n\nfrom ${name} import ${name}\n\n\n${PLAIN}\n\nclass Test(unittest.TestCase):\n${methods.join("\n")}\n\nif __name__ == "__main__":\n    unittest.main()\n`;
  }
  const names = namesOf(half.functions);
  const methods = names.map((test) => `    ${test} = staticmethod(${test})\n`);
  // Some tests change what others use: pytest would run those of the module as well as those of the class.
  const gone = names.map((test) => `del ${test}\n`).join("");
  return `import unittest\n\n${half.header}\n${half.functions.join("\n")}\n\nclass Test(unittest.TestCase):\n${methods.join("")}\n\n${gone}\n\nif __name__ == "__main__":\n    unittest.main()\n`;
}

/** One program for a judge: the modules from their texts, then the tests of one half. */
export function judgeProgram(program: QuixProgram, source: string, half: Half, kept: Remainder): string {
  const { name, nodeModule } = program;
  const tests = halfOf(program.tests, half, kept);
  const modules = [
    ...(nodeModule === undefined ? [] : [["node", nodeModule] as const]),
    [name, source] as const,
  ];
  const loading = modules.map(
    ([module, text]) =>
      `_m = types.ModuleType(${literal(module)}); sys.modules[${literal(module)}] = _m; exec(${literal(text)}, _m.__dict__)\n`,
  );
  const body =
    tests.kind === "cases"
      ? `from types import GeneratorType\nfrom ${name} import ${name}\n${PLAIN}\n${tests.cases.map((each) => `${assertion(name, each, "plain")}\n`).join("")}`
      : `${tests.header}\n${tests.functions.join("\n")}\n${namesOf(tests.functions)
          .map((test) => `${test}()\n`)
          .join("")}`;
  return `import sys, types\n${loading.join("")}${body}`;
}

/** JSON knows neither tuples nor generators. */
const PLAIN = `def plain(value):
    if isinstance(value, (list, tuple, GeneratorType)):
        return [plain(each) for each in value]
    return value
`;

function assertion(name: string, { input, expected }: QuixCase, style: "self" | "plain"): string {
  const call = `${name}(${input.map(literal).join(", ")})`;
  if (name === "sqrt") {
    const delta = literal(input.at(-1));
    return style === "self"
      ? `self.assertAlmostEqual(${call}, ${literal(expected)}, delta=${delta})`
      : `assert abs(${call} - ${literal(expected)}) <= ${delta}`;
  }
  return style === "self"
    ? `self.assertEqual(plain(${call}), ${literal(expected)})`
    : `assert plain(${call}) == ${literal(expected)}`;
}

function namesOf(functions: readonly string[]): string[] {
  return functions.flatMap((text) => /^def (\w+)/.exec(text)?.[1] ?? []);
}

/** A JSON value as Python writes it. */
function literal(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (typeof value === "object") {
    if ("float" in value && typeof value.float === "string") return value.float;
    return `{${Object.entries(value)
      .map(([key, each]) => `${literal(key)}: ${literal(each)}`)
      .join(", ")}}`;
  }
  return JSON.stringify(value);
}
