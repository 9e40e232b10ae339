import { isTestPath, languageOf } from "../source/token.ts";
import type { Inspection } from "./inspection.ts";
import { splitWords } from "./shell-words.ts";
import type { Task } from "./task.ts";

/** A way to run the tests: as the user sees it, and as a driver runs it in a copy. */
export interface TestCommand {
  /** Run in the workspace, shown to the user. */
  shown: string;
  /** Where it comes from, for the user: "package.json", "the task". */
  origin: string;
  driver: "python" | "node";
  /** The command for copies of the worktree, without npm and without linters. */
  inner: string;
  /** Arguments of the Python interpreter, one list per run; empty when only the shell can run the command. */
  pythonRuns: readonly (readonly string[])[];
  interpreter: string;
  /** Environment assignments in front of the driver, shell text. */
  environment: string;
}

const QUIET = "PYTHONDONTWRITEBYTECODE=1";

/** The commands worth trying, best first. Empty when there are no tests or nothing to run them with. */
export function chooseTestCommands(inspection: Inspection, task: Task): TestCommand[] {
  if (task.command !== null) return [fromText(task.command, "the task", inspection)];
  const found: TestCommand[] = [];
  const script = inspection.scripts.get("test");
  if (script !== undefined && inspection.tools.has("node")) found.push(fromScript(script, inspection));
  else if (inspection.tools.has("node")) found.push(...plainJavaScript(inspection));
  const python =
    inspection.tools.has("python3") || inspection.tools.has("venv") ? pythonCommands(inspection) : [];
  const prefersPython =
    /\.py$/.test(task.mentioned[0] ?? "") ||
    inspection.tests.filter((path) => path.endsWith(".py")).length > inspection.tests.length / 2;
  if (prefersPython) found.unshift(...python);
  else found.push(...python);
  if (found.length === 0 && inspection.makeRecipe !== null && inspection.tools.has("make"))
    found.push({ ...fromText(inspection.makeRecipe, "the Makefile", inspection), shown: "make test" });
  return found;
}

function fromScript(script: string, inspection: Inspection): TestCommand {
  const command = fromText(script, "package.json", inspection);
  return {
    ...command,
    shown: inspection.tools.has("npm")
      ? "npm test"
      : `PATH="$PWD/node_modules/.bin:$PATH" sh -c '${script.replaceAll("'", "'\\''")}'`,
  };
}

/** A command given as text: by the user, by package.json or by a Makefile. */
function fromText(text: string, origin: string, inspection: Inspection): TestCommand {
  const inner = withoutNpm(text, inspection, 4);
  const simple = splitWords(inner);
  const words = simple === null ? [] : simple.filter((word) => !/^[A-Za-z_]\w*=/.test(word));
  const assignments = (simple ?? []).slice(0, (simple ?? []).length - words.length);
  const program = words[0]?.split("/").at(-1) ?? "";
  const isPython = /^python(3(\.\d+)?)?$/.test(program) && words[1] !== "-c" && words.length > 1;
  const isPytest = /^(py\.test|pytest)$/.test(program) && inspection.tools.has("pytest");
  return {
    shown: text,
    origin,
    driver:
      isPython ||
      isPytest ||
      (simple === null
        ? pythonRules(inspection, inner)
        : !isNodeProgram(program) && pythonRules(inspection, inner))
        ? "python"
        : "node",
    inner: withoutLinters(inner),
    pythonRuns: isPython ? [words.slice(1)] : isPytest ? [["-m", "pytest", ...words.slice(1)]] : [],
    interpreter: isPython ? (words[0] ?? "python3") : interpreterOf(inspection),
    environment: assignments
      .map((word) => word.replace(/=(.*)$/s, (_, value: string) => `='${value.replaceAll("'", "'\\''")}'`))
      .join(" "),
  };
}

/** `npm test` and `npm run name` as the scripts they stand for, since npm itself costs more than most tests. */
function withoutNpm(text: string, inspection: Inspection, depth: number): string {
  return text
    .split("&&")
    .map((part) => {
      const match =
        /^(?:npm|yarn|pnpm)\s+(?:run(?:-script)?\s+(?:-s\s+|--silent\s+)?([\w:.-]+)|(t|test|tst))\s*$/.exec(
          part.trim(),
        );
      const script = match === null ? undefined : inspection.scripts.get(match[1] ?? "test");
      return script === undefined || depth === 0 ? part.trim() : withoutNpm(script, inspection, depth - 1);
    })
    .join(" && ");
}

function isNodeProgram(program: string): boolean {
  return /^(node|npm|npx|yarn|pnpm|mocha|_mocha|jest|vitest|ava|tape|tap|tsx|ts-node|c8|nyc)$/.test(program);
}

function pythonRules(inspection: Inspection, text: string): boolean {
  if (/\b(python3?|pytest|tox|nox)\b/.test(text)) return true;
  if (/\b(node|npm|npx|mocha|jest|vitest|ava|tape)\b/.test(text)) return false;
  return inspection.sources.filter((path) => path.endsWith(".py")).length > inspection.sources.length / 2;
}

/** Linters, type checkers and coverage tools around the tests cost time and refuse half-finished edits. */
function withoutLinters(script: string): string {
  const parts = script.split("&&").map((part) => part.trim());
  const kept = parts.filter(
    (part) =>
      !/^(npx )?(xo|eslint|standard|semistandard|prettier|biome|tsd|jshint|jscs|tslint|dtslint|npm run (lint|format)\S*)\b/.test(
        part,
      ),
  );
  const unwrapped = (kept.length > 0 ? kept : parts).map((part) =>
    part.replace(/^(npx )?(nyc|c8)( --?[\w-]+(=\S+)?)* (?=[a-z])/, "").replace(/^cross-env (?=\w+=)/, ""),
  );
  return unwrapped.join(" && ");
}

function interpreterOf(inspection: Inspection): string {
  return inspection.tools.has("venv") ? ".venv/bin/python" : "python3";
}

function pythonCommands(inspection: Inspection): TestCommand[] {
  const tests = inspection.tests.filter(
    (path) => path.endsWith(".py") && !/(^|\/)(conftest|__init__)\.py$/.test(path),
  );
  if (tests.length === 0) return [];
  const { marks, tools } = inspection;
  const interpreter = interpreterOf(inspection);
  const pathed = tests.some((path) => path.includes("/"))
    ? `PYTHONPATH=.${inspection.sources.some((path) => path.startsWith("src/")) ? ":src" : ""}`
    : "";
  const environment = [QUIET, pathed].filter((part) => part !== "").join(" ");
  const make = (runs: readonly (readonly string[])[], shown: string): TestCommand => ({
    shown,
    origin: "the test files",
    driver: "python",
    inner: shown,
    pythonRuns: runs,
    interpreter,
    environment,
  });
  // Where everything is unittest's, unittest runs it several times as fast as pytest does.
  const configured = inspection.tests.some((path) => /(^|\/)conftest\.py$/.test(path));
  const written = tests.filter((path) =>
    marks.unittest.has(path) ? configured || marks.plain.has(path) : marks.functions.has(path),
  );
  if (tools.has("pytest") && written.length > 0)
    return [
      make(
        [["-m", "pytest", "-q", "-p", "no:cacheprovider"]],
        `${environment} ${interpreter} -m pytest -q -p no:cacheprovider`,
      ),
    ];
  const found: TestCommand[] = [];
  const cases = tests.filter((path) => marks.unittest.has(path));
  if (cases.length > 0) {
    const runs = unittestRuns(cases);
    found.push(make(runs, together(runs.map((run) => `${environment} ${interpreter} ${run.join(" ")}`))));
  }
  const rest = tests.filter((path) => !marks.unittest.has(path) && isScript(path, inspection));
  const scripts = rest.map((path) =>
    marks.functions.has(path) && !marks.main.has(path) ? ["--functions", path] : [path],
  );
  if (scripts.length > 0)
    found.push(
      make(
        scripts.slice(0, 20),
        together(scripts.slice(0, 20).map((run) => scriptLine(run, environment, interpreter))),
      ),
    );
  return found;
}

/** A helper module in a test folder is no test script. */
function isScript(path: string, { marks }: Inspection): boolean {
  return (
    marks.functions.has(path) ||
    marks.main.has(path) ||
    /(^|\/)(test|tests)_?[^/]*\.py$|_tests?\.py$/.test(path)
  );
}

function unittestRuns(cases: readonly string[]): string[][] {
  const folders = [...new Set(cases.map((path) => path.slice(0, Math.max(0, path.lastIndexOf("/")))))].sort();
  return folders.slice(0, 10).map((folder) => {
    const names = cases
      .filter((path) => path.slice(0, Math.max(0, path.lastIndexOf("/"))) === folder)
      .map((path) => path.slice(folder === "" ? 0 : folder.length + 1));
    const pattern = names.every((name) => name.startsWith("test"))
      ? "test*.py"
      : names.every((name) => /_tests?\.py$/.test(name))
        ? "*_test*.py"
        : "*test*.py";
    return [
      "-m",
      "unittest",
      "discover",
      "-v",
      "-s",
      folder === "" ? "." : folder,
      ...(pattern === "test*.py" ? [] : ["-p", pattern]),
    ];
  });
}

const CALL_FUNCTIONS =
  "import runpy, sys, traceback; sys.path.insert(0, sys.argv[2]); failed = 0\n" +
  "for name, test in list(runpy.run_path(sys.argv[1]).items()):\n" +
  '    if name.startswith("test") and callable(test):\n' +
  '        try: test(); print("ok -", name)\n' +
  '        except Exception: failed += 1; print("not ok -", name); traceback.print_exc()\n' +
  "sys.exit(1 if failed else 0)";

function scriptLine(run: readonly string[], environment: string, interpreter: string): string {
  const path = run.at(-1) ?? "";
  if (run[0] !== "--functions") return `${environment} ${interpreter} ${path}`;
  return `${environment} ${interpreter} -c '${CALL_FUNCTIONS}' ${path} ${path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : "."}`;
}

/** Runs all lines and fails if one failed. */
function together(lines: readonly string[]): string {
  if (lines.length === 1) return lines[0] ?? "";
  return `status=0; ${lines.map((line) => `${line} || status=1`).join("; ")}; exit $status`;
}

function plainJavaScript(inspection: Inspection): TestCommand[] {
  const tests = inspection.tests.filter(
    (path) => /\.[cm]?js$/.test(path) && languageOf(path) === "javascript",
  );
  const cases = tests.filter((path) => inspection.marks["node:test"].has(path));
  const scripts = tests.filter(
    (path) =>
      !inspection.marks["node:test"].has(path) &&
      !inspection.marks.runner.has(path) &&
      /test[^/]*$|(^|\/)tests?\//.test(path),
  );
  const make = (shown: string): TestCommand => ({
    shown,
    origin: "the test files",
    driver: "node",
    inner: shown,
    pythonRuns: [],
    interpreter: "node",
    environment: "",
  });
  if (cases.length > 0) return [make(`node --test ${cases.slice(0, 60).map(quoted).join(" ")}`)];
  return scripts.length === 0
    ? []
    : [make(together(scripts.slice(0, 20).map((path) => `node ${quoted(path)}`)))];
}

function quoted(path: string): string {
  return /^[\w@./+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** Why there is nothing to run, in words. */
export function whyNoCommand(inspection: Inspection): string {
  const python = inspection.tests.some((path) => path.endsWith(".py"));
  const script = inspection.tests.some((path) => isTestPath(path) && !path.endsWith(".py"));
  if (python && !inspection.tools.has("python3") && !inspection.tools.has("venv"))
    return "there are Python tests, but python3 is not installed here";
  if ((script || inspection.scripts.has("test")) && !inspection.tools.has("node"))
    return "there are JavaScript tests, but node is not installed here";
  if (script)
    return "there are JavaScript or TypeScript tests, but no test script in package.json and no runner that I recognise; name the command in backticks";
  return "there are no tests here, and without a failing test I cannot tell a repair from a guess";
}
