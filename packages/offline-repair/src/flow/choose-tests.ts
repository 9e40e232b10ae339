import { isTestPath } from "../source/language.ts";
import { type Inspection, MOST_FILES } from "./inspection.ts";
import { quoteWord } from "./shell-words.ts";
import { names, type Task } from "./task.ts";
import { CALL_FUNCTIONS, interpreterOf, readCommand, type TestCommand } from "./test-command.ts";

/** The commands worth trying, best first. Empty when there are no tests or nothing to run them with. */
export function chooseTestCommands(inspection: Inspection, task: Task): TestCommand[] {
  const texts = task.command === null ? likelyCommands(inspection, task) : [task.command];
  return texts.map((text) => readCommand(text, inspection));
}

function likelyCommands(inspection: Inspection, task: Task): string[] {
  const { tools, tests, makeRecipe } = inspection;
  const folder = namedProject(inspection, task);
  const here = tests.filter((path) => path.startsWith(folder));
  const node = tools.has("node") ? nodeCommands(folder, here, inspection) : [];
  const python = hasPython(inspection) ? pythonCommands(folder, here, inspection) : [];
  const named = task.mentioned.find((path) => /\.\w+$/.test(path)) ?? "";
  const mostPython = here.filter((path) => path.endsWith(".py")).length > here.length / 2;
  const found = named.endsWith(".py") || mostPython ? [...python, ...node] : [...node, ...python];
  return found.length === 0 && makeRecipe !== null && tools.has("make") ? ["make test"] : found;
}

/** The folder, with a slash behind, that the task names or names a file of: one with tests or a manifest of its own. */
function namedProject({ projects, sources, tests }: Inspection, { mentioned }: Task): string {
  const paths = [...sources, ...tests];
  const [file = ""] = mentioned.flatMap((written) => paths.find((path) => names(written, path)) ?? []);
  const named = mentioned
    .map((written) => written.replace(/\/*$/, "/"))
    .filter((folder) => !isTestPath(`${folder}a.py`) && tests.some((path) => path.startsWith(folder)));
  return [...[...projects.keys()].map((folder) => `${folder}/`), ...named, ""]
    .filter((folder) => file.startsWith(folder))
    .reduce((one, other) => (other.length > one.length ? other : one));
}

function hasPython({ tools }: Inspection): boolean {
  return tools.has("python3") || tools.has("venv");
}

/** Pytest for what is written for it, where it is installed; else unittest, and scripts of assertions. */
function pythonCommands(
  folder: string,
  here: readonly string[],
  { tools, written, sources }: Inspection,
): string[] {
  const tests = here.filter((path) => path.endsWith(".py") && !/(^|\/)(conftest|__init__)\.py$/.test(path));
  const uses = (words: RegExp) => tests.filter((path) => words.test(written.get(path) ?? ""));
  const cases = uses(/unittest/);
  const functions = uses(/^(async )?def test_|pytest/m);
  const classes = uses(/^class Test/m).filter((path) => !cases.includes(path));
  const roots = [folder, `${folder}src/`].filter(
    (root) => root !== "" && sources.some((path) => path.startsWith(root)),
  );
  const searched = quoteWord([".", ...roots.map((root) => root.slice(0, -1))].join(":"));
  const pathed = tests.some((path) => path.includes("/")) ? `PYTHONPATH=${searched} ` : "";
  const python = `PYTHONDONTWRITEBYTECODE=1 ${pathed}${interpreterOf(tools)}`;
  // Where everything is unittest's, unittest runs it several times as fast as pytest does.
  const configured = cases.length > 0 && here.some((path) => path.endsWith("conftest.py"));
  if (tools.has("pytest") && (configured || functions.length + classes.length > 0))
    return [`${python} -m pytest -q -p no:cacheprovider${folder && ` ${quoteWord(folder)}`}`];
  const folders = new Set(cases.map((path) => path.slice(0, path.lastIndexOf("/") + 1) || "."));
  const discoveries = [...folders].map(
    (one) => `-m unittest discover -v -s ${quoteWord(one)} -p '*test*.py'`,
  );
  const calls = [...new Set([...functions, ...classes])].filter((path) => !cases.includes(path));
  // Other modules in a test folder are no test scripts.
  const scripts = tests.filter(
    (path) => /(^|\/)tests?_?[^/]*\.py$|_tests?\.py$/.test(path) && ![...cases, ...calls].includes(path),
  );
  return [
    discoveries,
    [...calls.map((path) => `-c ${quoteWord(CALL_FUNCTIONS)} ${quoteWord(path)}`), ...scripts.map(quoteWord)],
  ]
    .filter((runs) => runs.length > 0)
    .map((runs) =>
      runs
        .slice(0, 20)
        .map((run) => `${python} ${run}`)
        .join(" && "),
    );
}

/** `npm test`, in all packages where the workspace itself has no test script; else what plain Node can run. */
function nodeCommands(folder: string, here: readonly string[], { projects, written }: Inspection): string[] {
  const tested = [...projects.keys()].filter((where) => projects.get(where)?.has("test"));
  const own = [folder.slice(0, -1), ""].find((where) => tested.includes(where));
  if (own !== undefined || (folder === "" && tested.length > 0))
    return (own !== undefined ? [own] : tested).map(
      (where) => `${where && `cd ${quoteWord(where)} && `}npm test`,
    );
  const tests = here.filter((path) => /\.[cm]?js$/.test(path));
  const uses = (words: RegExp) => tests.filter((path) => words.test(written.get(path) ?? ""));
  const cases = uses(/node:test/);
  if (cases.length > 0) return [`node --test ${cases.slice(0, 60).map(quoteWord).join(" ")}`];
  const others = uses(/\($/m); // a runner's describe or test
  const scripts = tests.filter((path) => !others.includes(path) && /test[^/]*$|(^|\/)tests?\//.test(path));
  const lines = scripts.slice(0, 20).map((path) => `node ${quoteWord(path)}`);
  return lines.length === 0 ? [] : [lines.join(" && ")];
}

/** Files that the task names and that are not here; none where the listing may be too short to know. */
export function namedButMissing({ sources, tests }: Inspection, { mentioned }: Task): string[] {
  const listed = [...sources, ...tests];
  const code = mentioned.filter((path) => /\/.*\.[cm]?[jt]sx?$|\.py$/.test(path));
  return listed.length < MOST_FILES ? code.filter((path) => !listed.some((file) => names(path, file))) : [];
}

/** Why there is nothing to run, in words. */
export function whyNoCommand(inspection: Inspection): string {
  const { tests, tools, projects } = inspection;
  const script = tests.some((path) => !path.endsWith(".py"));
  if (tests.some((path) => path.endsWith(".py")) && !hasPython(inspection))
    return "there are Python tests, but python3 is not installed here";
  if (!tools.has("node") && (script || [...projects.values()].some((scripts) => scripts.has("test"))))
    return "there are JavaScript tests, but node is not installed here";
  if (script)
    return "there are JavaScript or TypeScript tests, but no test script in package.json and no runner that I recognise; name the command in backticks";
  return "there are no tests here, and without a failing test I cannot tell a repair from a guess";
}
