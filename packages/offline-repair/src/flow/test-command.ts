import type { Inspection } from "./inspection.ts";
import { quoteWord, splitWords } from "./shell-words.ts";

/** A way to run the tests: as the user sees it, and as a driver runs it in a copy. */
export interface TestCommand {
  /** Run in the workspace, shown to the user. */
  shown: string;
  /** The command for copies of the worktree, without npm and without linters. */
  inner: string;
  /** Arguments of the Python interpreter, one list per run; empty when the command is left to Node and the shell. */
  pythonRuns: readonly (readonly string[])[];
  interpreter: string;
  /** Environment assignments in front of the interpreter, shell text. */
  environment: string;
}

/** What a command text means for the drivers. */
export function readCommand(text: string, inspection: Inspection): TestCommand {
  const inner = withoutLinters(spelledOut(text, inspection));
  const parts = inner.split(" && ").map((part) => pythonRun(part, inspection));
  const [{ interpreter, environment } = NO_PLACE] = parts;
  const runs = parts.filter((run) => run.interpreter === interpreter && run.environment === environment);
  const inProcess = interpreter !== "" && runs.length === parts.length;
  return {
    shown: text,
    inner,
    pythonRuns: inProcess ? runs.map(({ args }) => args) : [],
    interpreter,
    environment,
  };
}

const NO_PLACE = { interpreter: "", environment: "", args: [] };
const ASSIGNMENT = /^([A-Za-z_]\w*=)(.*)$/s;

/** How the Python driver can run a command itself; without an interpreter where only the shell can. */
function pythonRun(
  part: string,
  { tools }: Inspection,
): Pick<TestCommand, "interpreter" | "environment"> & { args: readonly string[] } {
  const words = splitWords(part) ?? [];
  const [program = "", ...args] = words.filter((word) => !ASSIGNMENT.test(word));
  const environment = words
    .flatMap((word) => {
      const [, name, value] = ASSIGNMENT.exec(word) ?? [];
      return name === undefined ? [] : [name + quoteWord(value ?? "")];
    })
    .join(" ");
  const name = program.split("/").at(-1) ?? "";
  if (/^(py\.test|pytest)$/.test(name) && tools.has("pytest"))
    return { interpreter: interpreterOf(tools), environment, args: ["-m", "pytest", ...args] };
  const isRun = args.length > 0 && !/^-(?![mc]$)/.test(args[0] ?? "");
  return /^python(3(\.\d+)?)?$/.test(name) && isRun ? { interpreter: program, environment, args } : NO_PLACE;
}

/** The interpreter of the workspace, else that of the machine. */
export function interpreterOf(tools: Inspection["tools"]): string {
  return tools.has("venv") ? ".venv/bin/python" : "python3";
}

/** Runs the test functions and methods of a file for a runner that is not installed, as cases of unittest. */
export const CALL_FUNCTIONS = `import asyncio, os, runpy, sys, unittest; sys.path.insert(0, os.path.dirname(sys.argv[1]) or ".")
class Call(unittest.FunctionTestCase): __str__ = lambda self: self.id() + " (" + sys.argv[1] + ")"
found, suite = runpy.run_path(sys.argv[1]), unittest.TestSuite()
classes = [one for name, one in found.items() if name.startswith("Test") and isinstance(one, type)]
for name, test in [*found.items(), *((name, getattr(one(), name)) for one in classes for name in dir(one))]:
    if name.startswith("test") and callable(test):
        call = lambda test=test: asyncio.run(test()) if asyncio.iscoroutinefunction(test) else test()
        call.__name__ = getattr(test, "__qualname__", name)
        suite.addTest(Call(call))
sys.exit(not unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful())`;

/** `npm test`, `npm run name` and `make test` as what they stand for, with what npm runs before: npm itself costs more than most tests. */
function spelledOut(text: string, { projects, makeRecipe }: Inspection): string {
  const scripts = projects.get(/^cd (\S+) &&/.exec(text)?.[1] ?? "");
  const called = /^(?:npm|yarn|pnpm)\s+(?:run(?:-script)?\s+(?:-s\s+|--silent\s+)?([\w:.-]+)|t|test|tst)$/;
  let parts = splitParts(text);
  // Scripts that call each other in a circle have to end.
  for (let depth = 0; depth < 4; depth++)
    parts = parts.flatMap((part) => {
      const script = called.exec(part);
      const name = script?.[1] ?? "test";
      const before = script && scripts?.get(name) ? (scripts.get(`pre${name}`) ?? "") : "";
      const meant = part === "make test" ? makeRecipe : script && scripts?.get(name);
      return meant ? [...splitParts(before).filter((one) => one !== ""), ...splitParts(meant)] : [part];
    });
  return parts.join(" && ");
}

function splitParts(text: string): string[] {
  return text.split("&&").map((part) => part.trim());
}

/** Linters, type checkers and coverage tools around the tests cost time and refuse half-finished edits. */
function withoutLinters(script: string): string {
  const parts = splitParts(script);
  const linter =
    /^(npx )?(xo|eslint|standard|semistandard|prettier|biome|tsd|jshint|jscs|tslint|dtslint|npm run (lint|format)\S*)\b/;
  const wrapper = /^(npx )?(nyc|c8)( --?[\w-]+(=\S+)?)* (?=[a-z])|^cross-env (?=\w+=)/;
  const tests = parts.filter((part) => !linter.test(part));
  return (tests.length > 0 ? tests : parts).map((part) => part.replace(wrapper, "")).join(" && ");
}
