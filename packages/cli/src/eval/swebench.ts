import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import {
  openAgent,
  openJournal,
  PredictionSchema,
  predictInstance,
  readSwebenchInstances,
  readSwebenchReport,
  score,
} from "@quire/evals";
import { PUBLISHED_BENCHMARKS } from "@quire/models";
import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { oneOf, readOptions, wholeNumber, wrongUse } from "./eval-options.ts";
import { startProgress } from "./progress.ts";
import { showRun } from "./show-run.ts";

const HELP = `SWE-bench: write predictions for its own harness, and read the reports of that harness.

Usage: quire eval swebench predict --data FILE --repos DIR --out FILE [-m MODEL] [--seconds N] [--workers N]
       quire eval swebench score REPORT [--report html|md] [--json]

  --data FILE   instances as JSON lines: instance_id, repo, base_commit, problem_statement
  --repos DIR   clones of the repositories, as owner__name
  --out FILE    predictions as JSON lines; those that are there are not made again
  --seconds N   for each instance (default 1800)

Only SWE-bench's harness, with its images, decides what is resolved; predictions go into it as they are.
`;

/** `quire eval swebench`. */
export async function runSwebench(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = readOptions("swebench", () =>
    parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: {
        data: { type: "string" },
        repos: { type: "string" },
        out: { type: "string" },
        model: { type: "string", short: "m" },
        effort: { type: "string" },
        seconds: { type: "string", default: "1800" },
        workers: { type: "string", default: "1" },
        report: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }),
  );
  if (values.help) {
    system.stdout.write(HELP);
    return EXIT.done;
  }
  const [action, file] = positionals;
  if (action === "score" && file !== undefined) {
    const report = oneOf("swebench", "--report", values.report, ["html", "md"]);
    showReport(file, { report, json: values.json, samples: file }, system);
    return EXIT.done;
  }
  const { data, repos, out } = values;
  if (action !== "predict" || data === undefined || repos === undefined || out === undefined)
    throw wrongUse("swebench", "it is: predict --data FILE --repos DIR --out FILE, or score REPORT");
  return predict(
    {
      ...values,
      data,
      repos,
      out,
      seconds: wholeNumber("swebench", "--seconds", values.seconds, 86_400),
      workers: wholeNumber("swebench", "--workers", values.workers, 64),
    },
    system,
  );
}

interface PredictRequest {
  readonly data: string;
  readonly repos: string;
  readonly out: string;
  readonly model?: string | undefined;
  readonly effort?: string | undefined;
  readonly seconds: number;
  readonly workers: number;
}

async function predict(request: PredictRequest, system: System): Promise<number> {
  const instances = readSwebenchInstances(request.data);
  const journal = openJournal(request.out, PredictionSchema);
  const done = new Set(journal.before.map(({ instance_id }) => instance_id));
  const stop = new AbortController();
  const stopListening = system.onStop(() => stop.abort());
  const agent = await openAgent(
    { command: system.self.file, args: [...system.self.args, "app-server"], env: system.env },
    request,
  );
  const progress = startProgress(system, "predicted", instances.length, done.size);
  const queue = instances.filter(({ instance_id }) => !done.has(instance_id)).values();
  const work = async (): Promise<void> => {
    for (const instance of queue) {
      if (stop.signal.aborted) throw new CodedError("interrupted", `stopped; go on with the same command`);
      const prediction = await predictInstance(instance, {
        agent,
        clones: path.resolve(system.cwd, request.repos),
        scratch: system.env.TMPDIR || os.tmpdir(),
        env: system.env,
        signal: stop.signal,
        seconds: request.seconds,
        model: request.model ?? "quire",
      });
      journal.append(prediction);
      progress.step();
    }
  };
  try {
    await Promise.all(Array.from({ length: request.workers }, work));
    return EXIT.done;
  } finally {
    progress.end();
    journal.close();
    agent.close();
    stopListening();
  }
}

function showReport(
  file: string,
  options: { report: "html" | "md" | undefined; json: boolean; samples: string },
  system: System,
): void {
  const rows = readSwebenchReport(file);
  showRun(
    {
      benchmark: "SWE-bench",
      model: null,
      date: new Date(system.now()).toISOString(),
      score: score(rows, rows.length, [1]),
      wallSeconds: 0,
      usage: null,
      usd: null,
      failed: rows.flatMap(({ task_id, passed, failure }) =>
        passed ? [] : [{ task: task_id, reason: failure ?? "", detail: "" }],
      ),
      published: PUBLISHED_BENCHMARKS.filter(({ benchmark }) => benchmark === "SWE-bench Verified"),
      notes: [`Imported from ${path.basename(file)}; judged by SWE-bench's own harness.`],
    },
    rows,
    options,
    system,
  );
}
