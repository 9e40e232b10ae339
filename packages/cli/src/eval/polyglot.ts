import path from "node:path";
import { resolveHome } from "@quire/config";
import {
  type ExerciseResult,
  ExerciseResultSchema,
  LANGUAGES,
  readExercises,
  runExercise,
} from "@quire/evals";
import { EXIT } from "../exit-code.ts";
import { requireSandbox, sandboxDeps } from "../session/sandbox-parts.ts";
import type { System } from "../system.ts";
import { showHelp } from "../words.ts";
import { AGENT_OPTIONS, agentRequest, openAgentFolder } from "./agent-options.ts";
import { checkSandbox, chosen, runTasks, scratchFolder, startAgent } from "./agent-run.ts";
import { oneOf, parseWords, wholeNumber, wrongUse } from "./eval-options.ts";
import { endOf, showTasks } from "./show-tasks.ts";

const NAME = "polyglot";
const TITLE = "Aider polyglot";

const HELP = `Let the agent solve the exercises of Aider's polyglot benchmark, with two tries each.

Usage: quire eval ${NAME} CLONE [OPTIONS]

CLONE is your clone of github.com/Aider-AI/polyglot-benchmark (python/exercises/practice/ and so on).

  --language NAMES   some of: ${LANGUAGES.map(({ name }) => name).join(", ")}
  --only IDS         some of the exercises: python/bowling
  --seconds N        for each try (default 600)
  --workers N        exercises at the same time (default 1)
  -m, --model M      the model (default: the configured one); --effort E
  --patch WHAT       instead of an agent: gold (the known solution) or null (nothing)
  --test LANG=CMD    another test command, in which TESTS stands for the test files; may be repeated
  --modules DIR      node_modules with jest and babel for the JavaScript tests (npm install in one exercise makes it)
  --out DIR          keep results.jsonl and summary.json here; a run that was stopped goes on
  --report KIND      also write a report: html or md         --json  the results as one JSON object

The agent gets the instructions and the files to fill, not the tests. When they fail it is shown the first 50 lines of what
they printed, once. Tests run in the sandbox without network, so what they need must be installed.
`;

/** `quire eval polyglot`. */
export async function runPolyglot(argv: readonly string[], system: System): Promise<number> {
  const request = parse(argv);
  if (request === "help") return showHelp(HELP, system);
  const all = readExercises(request.clone).filter(
    ({ language }) => request.languages?.includes(language.name) ?? true,
  );
  if (all.length === 0)
    throw wrongUse(NAME, `${request.clone} has no exercises in ${request.languages?.join(", ")}`);
  const exercises = chosen(NAME, all, request.only, ({ id }) => id);
  const home = await resolveHome(system.env, system.homeDir);
  await requireSandbox("workspace-write", sandboxDeps(system, home));
  const { seconds, patch = null } = request;
  openAgentFolder(NAME, request, { clone: path.resolve(request.clone), seconds, patch });
  const started = system.monotonicMs();
  const agent = request.patch ?? (await startAgent(system, request));
  try {
    const results = await runTasks(
      {
        ...request,
        tasks: exercises,
        idOf: ({ id }) => id,
        taskOf: (row) => row.task_id,
        schema: ExerciseResultSchema,
        file: request.out === undefined ? undefined : path.join(request.out, "results.jsonl"),
        label: "exercises",
        system,
      },
      (exercise, signal) =>
        runExercise(exercise, {
          agent,
          command: request.commands.get(exercise.language.name) ?? exercise.language.command,
          modules: exercise.language.name === "javascript" ? request.modules : undefined,
          openSandbox: (folder) => checkSandbox(folder, system, home),
          scratch: scratchFolder(system),
          env: system.env,
          seconds: request.seconds,
          signal,
        }),
    );
    show(results, request, system, started);
    return EXIT.done;
  } finally {
    if (typeof agent !== "string") agent.close();
  }
}

type Request = Exclude<ReturnType<typeof parse>, "help">;

function show(results: readonly ExerciseResult[], request: Request, system: System, startedMs: number): void {
  const first = results.filter(({ tries }) => tries[0] === true).length;
  const second = results.filter(({ passed }) => passed).length;
  const share = (count: number) => `${count} of ${results.length}`;
  const run = {
    benchmark: TITLE,
    rows: results,
    request,
    startedMs,
    detailOf: ({ output }: ExerciseResult) => endOf(output),
    notes: [`passed at the first try: ${share(first)}; within two: ${share(second)}`],
    more: { pass_rate_1: rate(first, results.length), pass_rate_2: rate(second, results.length) },
  };
  showTasks(run, system);
}

function rate(count: number, of: number): number {
  return of === 0 ? 0 : count / of;
}

function parse(argv: readonly string[]) {
  const { values, positionals } = parseWords(NAME, argv, {
    ...AGENT_OPTIONS,
    language: { type: "string" },
    seconds: { type: "string", default: "600" },
    patch: { type: "string" },
    test: { type: "string", multiple: true },
    modules: { type: "string" },
  });
  if (values.help) return "help" as const;
  const [clone, extra] = positionals;
  if (clone === undefined || extra !== undefined)
    throw wrongUse(NAME, "give the folder of one clone of the polyglot benchmark");
  return {
    ...agentRequest(NAME, values),
    clone,
    languages: values.language?.split(",").map((name) => language(name, "--language")),
    seconds: wholeNumber(NAME, "--seconds", values.seconds, 86_400),
    patch: oneOf(NAME, "--patch", values.patch, ["gold", "null"]),
    commands: new Map((values.test ?? []).map(testCommand)),
    modules: values.modules,
  };
}

function language(name: string, option: string): string {
  const names = LANGUAGES.map((each) => each.name);
  return oneOf(NAME, option, name, names) ?? name;
}

function testCommand(pair: string): [string, string] {
  const at = pair.indexOf("=");
  if (at < 1) throw wrongUse(NAME, `--test takes LANGUAGE=COMMAND, not ${JSON.stringify(pair)}`);
  return [language(pair.slice(0, at), "--test"), pair.slice(at + 1)];
}
