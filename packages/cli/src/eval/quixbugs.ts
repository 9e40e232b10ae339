import path from "node:path";
import { resolveHome } from "@quire/config";
import {
  findPython,
  openJudgePool,
  pythonCell,
  type QuixResult,
  QuixResultSchema,
  readQuixBugs,
  runQuixProgram,
} from "@quire/evals";
import { EXIT } from "../exit-code.ts";
import { sandboxDeps } from "../session/sandbox-parts.ts";
import type { System } from "../system.ts";
import { showHelp } from "../words.ts";
import { AGENT_OPTIONS, agentRequest, openAgentFolder } from "./agent-options.ts";
import { chosen, runTasks, scratchFolder, startAgent } from "./agent-run.ts";
import { parseWords, wholeNumber, wrongUse } from "./eval-options.ts";
import { showTasks } from "./show-tasks.ts";

const HELP = `Let the agent repair the Python programs of QuixBugs, one bug each.

Usage: quire eval quixbugs CLONE [OPTIONS]

CLONE is your clone of github.com/jkoppel/QuixBugs (python_programs/, json_testcases/, python_testcases/).

  --only NAMES     some of the programs: gcd,sqrt
  --seconds N      for each program (default 60)
  --workers N      programs at the same time (default 1: the offline engine uses two processors by itself)
  -m, --model M    the model (default: the configured one, else the offline repair engine); --effort E
  --out DIR        keep results.jsonl and summary.json here; a run that was stopped goes on
  --python PROG    interpreter (default python3)
  --report KIND    also write a report: html or md        --json  the results as one JSON object

The agent works in a repository of its own with the program and two thirds of its tests; every third test is kept back.
plausible: the tests it saw pass and it changed nothing else. correct: the tests that were kept back pass as well.
Tests are always judged from our copies, so changing them gains nothing.
`;

/** `quire eval quixbugs`. */
export async function runQuixBugs(argv: readonly string[], system: System): Promise<number> {
  const request = parse(argv);
  if (request === "help") return showHelp(HELP, system);
  const programs = chosen("quixbugs", readQuixBugs(request.clone), request.only, ({ name }) => name);
  const started = system.monotonicMs();
  const home = await resolveHome(system.env, system.homeDir);
  const python = await findPython(request.python, system.env);
  const cell = pythonCell({ python, modules: [], memoryBytes: 2 * 1024 ** 3, arch: system.arch });
  const pool = await openJudgePool({ workers: 1, cell }, sandboxDeps(system, home));
  const { clone, seconds } = request;
  openAgentFolder("quixbugs", request, { clone: path.resolve(clone), seconds });
  const agent = await startAgent(system, request);
  try {
    const results = await runTasks(
      {
        ...request,
        tasks: programs,
        idOf: ({ name }) => name,
        taskOf: (row) => row.task_id,
        schema: QuixResultSchema,
        file: request.out === undefined ? undefined : path.join(request.out, "results.jsonl"),
        label: "repaired or not",
        system,
      },
      (program, signal) =>
        runQuixProgram(program, {
          agent,
          pool,
          scratch: scratchFolder(system),
          env: system.env,
          signal,
          seconds: request.seconds,
        }),
    );
    show(results, request, system, started);
    return EXIT.done;
  } finally {
    agent.close();
    await pool.close();
  }
}

function show(results: readonly QuixResult[], request: Request, system: System, startedMs: number): void {
  const plausible = results.filter((row) => row.plausible).length;
  const correct = results.filter((row) => row.passed).length;
  const run = {
    benchmark: "QuixBugs (Python)",
    rows: results,
    request,
    startedMs,
    detailOf: ({ message }: QuixResult) => message,
    notes: [
      `plausible ${plausible} of ${results.length}, correct on held-out tests ${correct} of ${results.length}; every third test was kept back.`,
    ],
    more: { plausible, correct },
  };
  showTasks(run, system);
}

type Request = Exclude<ReturnType<typeof parse>, "help">;

function parse(argv: readonly string[]) {
  const name = "quixbugs";
  const { values, positionals } = parseWords(name, argv, {
    ...AGENT_OPTIONS,
    seconds: { type: "string", default: "60" },
    data: { type: "string" },
    python: { type: "string", default: "python3" },
  });
  if (values.help) return "help" as const;
  const [clone = values.data, extra] = positionals;
  if (clone === undefined || extra !== undefined)
    throw wrongUse(name, "give the folder of one clone of QuixBugs");
  return {
    ...agentRequest(name, values),
    clone,
    seconds: wholeNumber(name, "--seconds", values.seconds, 86_400),
    python: values.python,
  };
}
