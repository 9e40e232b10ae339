import fs from "node:fs";
import path from "node:path";
import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";
import { readJsonLines } from "../json-lines/read-json-lines.ts";

/** One program with a bug, and what its function has to do. */
export interface QuixProgram {
  readonly name: string;
  readonly source: string;
  readonly tests: QuixTests;
  /** The helper module of the graph programs, where the clone has one. */
  readonly nodeModule: string | undefined;
}

/** Cases of inputs and what is to come out, or the functions of a Python test module. */
export type QuixTests =
  | { readonly kind: "cases"; readonly cases: readonly QuixCase[] }
  | { readonly kind: "module"; readonly header: string; readonly functions: readonly string[] };

export interface QuixCase {
  readonly input: readonly unknown[];
  readonly expected: unknown;
}

const CaseSchema = z.tuple([z.unknown(), z.unknown()]);

/**
 * Reads a user's clone of QuixBugs (github.com/jkoppel/QuixBugs): `python_programs/`, with `json_testcases/` and, for
 * the programs on graphs, `python_testcases/`. Fails with `usage_invalid` where the folder is something else.
 */
export function readQuixBugs(clone: string): QuixProgram[] {
  const programs = path.join(clone, "python_programs");
  const names = listed(programs)
    .filter((file) => /^[a-z]\w*\.py$/.test(file) && !file.endsWith("_test.py") && file !== "node.py")
    .map((file) => file.slice(0, -".py".length))
    .sort();
  const nodeModule =
    textAt(path.join(clone, "python_testcases", "node.py")) ?? textAt(path.join(programs, "node.py"));
  const found = names.flatMap((name) => {
    const tests = testsOf(clone, name);
    const source = textAt(path.join(programs, `${name}.py`));
    return tests === undefined || source === undefined ? [] : [{ name, source, tests, nodeModule }];
  });
  if (found.length === 0) {
    throw new CodedError("usage_invalid", `${clone} does not look like a clone of QuixBugs`, {
      nextStep:
        "Clone github.com/jkoppel/QuixBugs and give its folder; it holds python_programs/ and json_testcases/.",
    });
  }
  return found;
}

function testsOf(clone: string, name: string): QuixTests | undefined {
  const json = path.join(clone, "json_testcases", `${name}.json`);
  if (fs.existsSync(json)) {
    const lines = readJsonLines(json, CaseSchema, "test cases ([input, expected])", keepingFloats);
    const cases = lines.map(({ value: [input, expected] }) => ({
      input: Array.isArray(input) ? input : [input],
      expected,
    }));
    return { kind: "cases", cases: cases.filter((each) => !isTooSlow(name, each)) };
  }
  const text = textAt(path.join(clone, "python_testcases", `test_${name}.py`));
  return text === undefined ? undefined : splitModule(name, text);
}

/**
 * JavaScript knows no difference between 3.0 and 3, Python's programs do: such a number becomes `{"float": "3.0"}`,
 * which `literal` of python-text.ts writes as it was.
 */
function keepingFloats(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"|-?\d+\.\d+(?:[eE][-+]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : `{"float":"${token}"}`,
  );
}

/** Even the correct program takes minutes or longer; QuixBugs' own tests leave such cases out as well. */
function isTooSlow(name: string, { input }: QuixCase): boolean {
  const [first] = input;
  if (name === "knapsack") return typeof first === "number" && first > 1_000_000;
  return name === "levenshtein" && input.join("").length > 20;
}

/** Cuts a test module into its test functions and everything else, which imports the program from beside it. */
function splitModule(name: string, text: string): QuixTests | undefined {
  const parts = text.split(/^(?=\S)/m);
  const isTest = (part: string) => /^def test\w*\(\)/.test(part);
  // What chooses between the wrong and the right program is replaced by an import of the one beside the test.
  const isChoice = (part: string) =>
    /^(?:import pytest|@pytest\.|if pytest\.|elif |else:|from load_testdata)/.test(part);
  const functions = parts.filter(isTest);
  if (functions.length === 0) return undefined;
  const rest = parts.filter((part) => !isTest(part) && !isChoice(part));
  return { kind: "module", header: [`from ${name} import ${name}\n`, ...rest].join(""), functions };
}

function listed(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    // The caller says what is missing.
    return [];
  }
}

function textAt(file: string): string | undefined {
  try {
    return fs.readFileSync(file, "utf8");
  } catch {
    // Not every program has every file.
    return undefined;
  }
}
