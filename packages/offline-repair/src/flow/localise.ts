import type { SuspectUnit } from "../candidates.ts";
import { nodeLocaliseCommand } from "../driver/node-command.ts";
import { pythonLocaliseCommand } from "../driver/python-command.ts";
import { type Located, readLocated } from "../driver/results.ts";
import { isTestPath, languageOf, TEST_PATH_PATTERN } from "../source/language.ts";
import { calledNames, createSourceUnit, namedFunctions, type SourceUnit } from "../source/unit.ts";
import { type Suspicion, suspicionOf } from "../suspicion.ts";
import { driverResult } from "./command-output.ts";
import type { Run } from "./run-tests.ts";
import type { Flow, Remarks } from "./step.ts";
import { mayEdit, names, type Task } from "./task.ts";
import type { Turn } from "./turn.ts";

/** Bounds on the source text that one answer of the localiser carries, tried in this order when output is cut. */
const TEXT_LIMITS = [48_000, 14_000];

/** Asks the driver which lines the failing tests run. A string says why there is no answer. */
export function* localise({ command, report }: Run, turn: Turn, remarks: Remarks): Flow<Located | string> {
  let problem = "the measuring run did not end";
  for (const textLimit of TEXT_LIMITS) {
    const seconds = Math.max(2, Math.min(20, turn.secondsLeft * 0.4));
    const job = {
      testPattern: TEST_PATH_PATTERN,
      seconds,
      testSeconds: Math.min(4, seconds / 2),
      textLimit,
      runs: command.pythonRuns,
      command: command.inner,
      failing: report.failing,
      hints: report.locations.slice(0, 60).map(({ path, line }) => [path, line]),
      sources: likelySources(report, turn).slice(0, 12),
    };
    const shell =
      command.pythonRuns.length > 0 ? pythonLocaliseCommand(command, job) : nodeLocaliseCommand(job);
    const { output, truncated } = yield* turn.run(shell, 40_000, remarks);
    const located = readLocated(driverResult(output));
    if (located !== null) return located;
    problem = output.trim().slice(-300) || problem;
    if (!truncated) break;
  }
  return problem;
}

/** Source files in the order in which they are worth reading when nothing was measured. */
function likelySources(report: Run["report"], { task, inspection }: Turn): string[] {
  const stems = [...report.failing, ...report.locations.map(({ path }) => path)]
    .map((name) => /([\w-]+)\.[cm]?[jt]sx?|([\w-]+)\.py/.exec(name)?.[0] ?? "")
    .filter((name) => name !== "" && isTestPath(name))
    .map((name) => name.replace(/^test_|(_test|[.-]test|[.-]spec)?\.\w+$|^tests?[-_.]/g, ""));
  const rank = (path: string) => {
    const stem = (path.split("/").at(-1) ?? "").replace(/\.\w+$/, "");
    return (
      (task.mentioned.some((written) => names(written, path)) ? -4 : 0) +
      (stems.includes(stem) ? -2 : 0) +
      (/(^|\/)(src|lib)\//.test(path) ? -1 : 0) +
      (/config|setup\.py|\.d\.[cm]?ts$|(^|\/)(bench|example|doc|script|dist|build)/.test(path) ? 3 : 0)
    );
  };
  return inspection.sources
    .filter((path) => mayEdit(task, path))
    .map((path, order) => ({ path, key: rank(path) + order / 1000 }))
    .sort((a, b) => a.key - b.key)
    .map(({ path }) => path);
}

/**
 * Without coverage, functions that the failing test code names are likelier than the rest, and so, a little less, are
 * the functions that those call.
 */
function weighByMentions(
  unit: SourceUnit,
  suspicion: Suspicion,
  mentions: ReadonlyMap<string, number>,
): Suspicion {
  const functions = namedFunctions(unit);
  const direct = functions.filter(({ name }) => mentions.has(name));
  if (direct.length === 0) return suspicion;
  const called = new Map<string, number>();
  for (const { node, name } of direct)
    for (const one of calledNames(unit, node))
      called.set(one, Math.max(called.get(one) ?? 0, 0.8 * (mentions.get(name) ?? 0)));
  const weighed = new Map<number, number>();
  for (const [line, score] of suspicion) {
    const around = functions.filter(({ from, to }) => from <= line && line <= to);
    const weight = Math.max(
      0.35,
      ...around.map(({ name }) => Math.max(mentions.get(name) ?? 0, called.get(name) ?? 0)),
    );
    weighed.set(line, score * weight);
  }
  return weighed;
}

/** The located files as units with suspicious lines; what may not be edited is left out. */
export function suspectUnits(located: Located, task: Task): SuspectUnit[] {
  return located.files.flatMap((file) => {
    const language = languageOf(file.path);
    if (language === null || !mayEdit(task, file.path)) return [];
    const suspicion = suspicionOf(file.lines, located.totalFailed, file.trace);
    if (task.mentioned.some((written) => names(written, file.path)))
      for (const [line, score] of suspicion) suspicion.set(line, Math.min(1, score * 1.5));
    return file.pieces.map((piece) => {
      const unit = createSourceUnit({ ...piece, path: file.path }, language);
      return { unit, suspicion: weighByMentions(unit, suspicion, new Map(Object.entries(located.mentions))) };
    });
  });
}
