import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { resolveHome } from "@quire/config";
import {
  findPython,
  openAgent,
  openJournal,
  openJudgePool,
  pythonCell,
  type QuixResult,
  QuixResultSchema,
  readQuixBugs,
  runQuixProgram,
  score,
} from "@quire/evals";
import { EXIT } from "../exit-code.ts";
import { sandboxDeps } from "../session/sandbox-parts.ts";
import type { System } from "../system.ts";
import { oneOf, readOptions, wholeNumber, wrongUse } from "./eval-options.ts";
import { startProgress } from "./progress.ts";
import { showRun } from "./show-run.ts";

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
  if (request === "help") {
    system.stdout.write(HELP);
    return EXIT.done;
  }
  const all = readQuixBugs(request.clone);
  const programs = request.only === undefined ? all : all.filter(({ name }) => request.only?.includes(name));
  if (programs.length === 0) throw wrongUse("quixbugs", `none of the programs is called so: ${request.only}`);
  const started = system.monotonicMs();
  const home = await resolveHome(system.env, system.homeDir);
  const stop = new AbortController();
  const stopListening = system.onStop(() => stop.abort());
  if (request.out !== undefined) fs.mkdirSync(request.out, { recursive: true });
  const journal =
    request.out === undefined
      ? undefined
      : openJournal(path.join(request.out, "results.jsonl"), QuixResultSchema);
  const done = new Map((journal?.before ?? []).map((row) => [row.task_id, row]));
  const python = await findPython(request.python, system.env);
  const pool = await openJudgePool(
    {
      workers: 1,
      cell: pythonCell({ python, modules: [], memoryBytes: 2 * 1024 ** 3, arch: system.arch }),
    },
    sandboxDeps(system, home),
  );
  const agent = await openAgent(
    { command: system.self.file, args: [...system.self.args, "app-server"], env: system.env },
    request,
  );
  const progress = startProgress(
    system,
    "repaired or not",
    programs.length,
    programs.filter(({ name }) => done.has(name)).length,
  );
  try {
    const scratch = system.env.TMPDIR || os.tmpdir();
    const queue = programs.filter(({ name }) => !done.has(name)).values();
    const work = async (): Promise<void> => {
      for (const program of queue) {
        const deps = { agent, pool, scratch, env: system.env, signal: stop.signal, seconds: request.seconds };
        const row = await runQuixProgram(program, deps);
        done.set(row.task_id, row);
        journal?.append(row);
        progress.step();
      }
    };
    await Promise.all(Array.from({ length: request.workers }, work));
  } finally {
    progress.end();
    journal?.close();
    agent.close();
    stopListening();
    await pool.close();
  }
  const results = programs.flatMap(({ name }) => done.get(name) ?? []);
  show(results, programs.length, (system.monotonicMs() - started) / 1000, request, system);
  return EXIT.done;
}

function show(
  results: readonly QuixResult[],
  programs: number,
  wallSeconds: number,
  request: Request,
  system: System,
): void {
  const plausible = results.filter((row) => row.plausible).length;
  const correct = results.filter((row) => row.passed).length;
  const usd = results.every((row) => row.usd !== null)
    ? results.reduce((sum, row) => sum + (row.usd ?? 0), 0)
    : null;
  const rows = results.map((row) => ({ ...row, failure: row.failure ?? undefined }));
  showRun(
    {
      benchmark: "QuixBugs (Python)",
      model: request.model ?? null,
      date: new Date(system.now()).toISOString(),
      score: score(rows, programs, [1]),
      wallSeconds,
      usage: null,
      usd,
      failed: results
        .filter(({ passed }) => !passed)
        .map((row) => ({ task: row.task_id, reason: row.failure ?? "", detail: row.message })),
      published: [],
      notes: [
        `plausible ${plausible} of ${results.length}, correct on held-out tests ${correct} of ${results.length}; every third test was kept back.`,
      ],
    },
    results,
    request,
    system,
    { plausible, correct },
  );
}

type Request = Exclude<ReturnType<typeof parse>, "help">;

function parse(argv: readonly string[]) {
  const name = "quixbugs";
  const { values, positionals } = readOptions(name, () =>
    parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: {
        only: { type: "string" },
        seconds: { type: "string", default: "60" },
        workers: { type: "string", default: "1" },
        model: { type: "string", short: "m" },
        effort: { type: "string" },
        out: { type: "string" },
        data: { type: "string" },
        python: { type: "string", default: "python3" },
        report: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }),
  );
  if (values.help) return "help" as const;
  const [clone = values.data, extra] = positionals;
  if (clone === undefined || extra !== undefined)
    throw wrongUse(name, "give the folder of one clone of QuixBugs");
  return {
    clone,
    only: values.only?.split(","),
    seconds: wholeNumber(name, "--seconds", values.seconds, 86_400),
    workers: wholeNumber(name, "--workers", values.workers, 64),
    model: values.model,
    effort: values.effort,
    out: values.out,
    python: values.python,
    report: oneOf(name, "--report", values.report, ["html", "md"]),
    json: values.json,
  };
}
