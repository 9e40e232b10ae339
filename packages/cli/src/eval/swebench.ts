import path from "node:path";
import {
  PredictionSchema,
  predictInstance,
  readSwebenchInstances,
  readSwebenchReport,
  score,
} from "@quire/evals";
import { PUBLISHED_BENCHMARKS } from "@quire/models";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { showHelp } from "../words.ts";
import { AGENT_OPTIONS, type AgentRequest, agentRequest } from "./agent-options.ts";
import { chosen, runTasks, scratchFolder, startAgent } from "./agent-run.ts";
import { parseWords, wholeNumber, wrongUse } from "./eval-options.ts";
import { showRun } from "./show-run.ts";

const HELP = `SWE-bench: write predictions for its own harness, and read the reports of that harness.

Usage: quire eval swebench predict --data FILE --repos DIR --out FILE [-m MODEL] [--seconds N] [--workers N]
       quire eval swebench score REPORT [--report html|md] [--json]

  --data FILE   instances as JSON lines: instance_id, repo, base_commit, problem_statement
  --repos DIR   clones of the repositories, as owner__name
  --out FILE    predictions as JSON lines; those that are there are not made again
  --seconds N   for each instance (default 1800)         --only IDS  some of the instances

Only SWE-bench's harness, with its images, decides what is resolved; predictions go into it as they are.
`;

/** `quire eval swebench`. */
export async function runSwebench(argv: readonly string[], system: System): Promise<number> {
  const { values, positionals } = parseWords("swebench", argv, {
    ...AGENT_OPTIONS,
    data: { type: "string" },
    repos: { type: "string" },
    seconds: { type: "string", default: "1800" },
  });
  if (values.help) return showHelp(HELP, system);
  const request = agentRequest("swebench", values);
  const [action, file] = positionals;
  if (action === "score" && file !== undefined) {
    showReport(file, { report: request.report, json: request.json, samples: file }, system);
    return EXIT.done;
  }
  const { data, repos } = values;
  const { out } = request;
  if (action !== "predict" || data === undefined || repos === undefined || out === undefined)
    throw wrongUse("swebench", "it is: predict --data FILE --repos DIR --out FILE, or score REPORT");
  const seconds = wholeNumber("swebench", "--seconds", values.seconds, 86_400);
  return predict({ ...request, data, repos, out, seconds }, system);
}

interface PredictRequest extends AgentRequest {
  readonly data: string;
  readonly repos: string;
  readonly out: string;
  readonly seconds: number;
}

async function predict(request: PredictRequest, system: System): Promise<number> {
  const instances = chosen(
    "swebench",
    readSwebenchInstances(request.data),
    request.only,
    ({ instance_id }) => instance_id,
  );
  const agent = await startAgent(system, request);
  try {
    await runTasks(
      {
        ...request,
        tasks: instances,
        idOf: ({ instance_id }) => instance_id,
        taskOf: ({ instance_id }) => instance_id,
        schema: PredictionSchema,
        file: request.out,
        label: "predicted",
        system,
      },
      (instance, signal) =>
        predictInstance(instance, {
          agent,
          clones: path.resolve(system.cwd, request.repos),
          scratch: scratchFolder(system),
          env: system.env,
          signal,
          seconds: request.seconds,
          model: request.model ?? "quire",
        }),
    );
    return EXIT.done;
  } finally {
    agent.close();
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
      unit: "tasks",
      model: null,
      date: new Date(system.now()).toISOString(),
      score: score(rows, rows.length, [1]),
      wallSeconds: 0,
      usage: null,
      usd: null,
      byTag: [],
      tokenDeciles: null,
      editBytes: null,
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
