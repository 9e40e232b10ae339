import path from "node:path";
import { loadConfig, resolveHome } from "@quire/config";
import {
  type Agent,
  type AgentSettings,
  compareRuns,
  explainDifference,
  readSuite,
  runEditBytes,
  runSuiteTask,
  type Substitute,
  type SuiteTask,
  type TaskResult,
  TaskResultSchema,
} from "@quire/evals";
import { CodedError, visibleLine } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { requireSandbox, sandboxDeps } from "../session/sandbox-parts.ts";
import type { System } from "../system.ts";
import { showHelp } from "../words.ts";
import { AGENT_OPTIONS, agentRequest, openAgentFolder } from "./agent-options.ts";
import { checkSandbox, chosen, runTasks, scratchFolder, startAgent } from "./agent-run.ts";
import { comparisonText } from "./comparison-text.ts";
import { oneOf, parseWords, wholeNumber, wrongUse } from "./eval-options.ts";
import { totalUsage, totalUsd } from "./show-run.ts";
import { endOf, showTasks } from "./show-tasks.ts";

const HELP = `Let the agent do tasks of your own, and score them with checks it cannot change.

Usage: quire eval suite DIR [OPTIONS]

DIR holds one folder per task: task.toml, repository/, tests/. See docs/evals.md. Folders of Harbor tasks work too,
where they need no image.

  --only NAMES      some of the tasks
  --workers N       tasks at the same time (default 1)
  -m, --model M     the model (default: the configured one); --effort E; -c KEY=VALUE: other settings, may be repeated
  --patch WHAT      instead of an agent: gold (the known solution), null (nothing), cheat (cheat.patch)
  --against FILE    also run with the settings of this TOML file (model, effort, any key of config.toml), and explain
                    the difference per task; exit code 1 when that run got fewer tasks right
  --fail-under P    exit code 1 when fewer than P percent pass
  --out DIR         keep results.jsonl and summary.json here; a run that was stopped goes on
  --report KIND     also write a report: html or md         --json  the results as one JSON object

Every task runs in a scratch copy through the same engine as real work. Tests that were changed are put back before the
checks run, and such a task does not count as passed.
`;

/** `quire eval suite`. */
export async function runSuite(argv: readonly string[], system: System): Promise<number> {
  const request = parse(argv);
  if (request === "help") return showHelp(HELP, system);
  const tasks = chosen("suite", await readSuite(request.folder), request.only, ({ id }) => id);
  const home = await resolveHome(system.env, system.homeDir);
  await requireSandbox("workspace-write", sandboxDeps(system, home));
  const started = system.monotonicMs();
  const context = { system, home, request };
  const settings = await settingsOf(request, system, home);
  const against = request.against === undefined ? undefined : await settingsIn(request.against);
  openAgentFolder("suite", request, {
    suite: path.resolve(request.folder),
    patch: request.patch ?? null,
    settings: JSON.stringify(request.config),
    ...(against === undefined ? {} : { "settings against": JSON.stringify(against) }),
  });
  const results = await runAll(tasks, settings, "results.jsonl", context);
  const other =
    against === undefined ? undefined : await runAll(tasks, against, "results-against.jsonl", context);
  show(results, other, request, system, started);
  const share = (100 * results.filter(({ passed }) => passed).length) / tasks.length;
  const isWorse = other !== undefined && passedOf(other) < passedOf(results);
  return isWorse || share < request.failUnder ? EXIT.failed : EXIT.done;
}

type Request = Exclude<ReturnType<typeof parse>, "help">;

interface Context {
  readonly system: System;
  readonly home: string;
  readonly request: Request;
}

async function runAll(
  tasks: readonly SuiteTask[],
  settings: AgentSettings,
  file: string,
  { system, home, request }: Context,
): Promise<TaskResult[]> {
  const agent: Agent | Substitute = request.patch ?? (await startAgent(system, settings));
  try {
    return await runTasks(
      {
        ...request,
        tasks,
        idOf: ({ id }) => id,
        taskOf: (row) => row.task_id,
        schema: TaskResultSchema,
        file: request.out === undefined ? undefined : path.join(request.out, file),
        label: "tasks",
        system,
      },
      (task, signal) =>
        runSuiteTask(task, {
          agent,
          openSandbox: (folder) => checkSandbox(folder, system, home),
          scratch: scratchFolder(system),
          env: system.env,
          signal,
        }),
    );
  } finally {
    if (typeof agent !== "string") agent.close();
  }
}

function show(
  results: readonly TaskResult[],
  other: readonly TaskResult[] | undefined,
  request: Request,
  system: System,
  startedMs: number,
): void {
  const differences = other === undefined ? [] : explainDifference(results, other);
  const comparison = other === undefined ? undefined : compareRuns(results, other);
  const tampering = results.filter(({ tampered }) => tampered.length > 0);
  const run = {
    benchmark: `suite ${path.basename(path.resolve(request.folder))}`,
    rows: results,
    request,
    startedMs,
    detailOf: ({ tampered, output }: TaskResult) =>
      tampered.length > 0 ? tampered.join(", ") : endOf(output),
    notes: [
      ...tampering.map(({ task_id, tampered }) => `${task_id}: changed the tests: ${tampered.join(", ")}`),
      ...differences,
    ],
    more: other === undefined ? {} : { differences, comparison, against: spentOn(other) },
  };
  showTasks(run, system);
  if (request.json) return;
  for (const { task_id, passed, failure } of results) {
    const line = `${passed ? "pass" : "FAIL"}  ${task_id}${failure === null ? "" : `  ${failure}`}`;
    system.stdout.write(`${visibleLine(line)}\n`);
  }
  if (comparison !== undefined)
    system.stdout.write(`\nA as configured, B with --against\n${comparisonText(comparison)}`);
}

/** The second run's figures, for a program that reads the first one's beside them. */
function spentOn(results: readonly TaskResult[]) {
  return {
    passed: passedOf(results),
    usage: totalUsage(results),
    usd: totalUsd(results),
    edit_bytes: runEditBytes(results),
    results,
  };
}

function passedOf(results: readonly TaskResult[]): number {
  return results.filter(({ passed }) => passed).length;
}

async function settingsOf(request: Request, system: System, home: string): Promise<AgentSettings> {
  // Wrong settings are told before anything runs.
  const flags = { ...request.config, ...(request.model === undefined ? {} : { model: request.model }) };
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, flags });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  return { model: request.model, effort: request.effort, config: request.config };
}

/** The settings of a TOML file: `model` and `effort` by name, the rest as in config.toml. */
async function settingsIn(file: string): Promise<AgentSettings> {
  const { readSettings } = await import("./read-settings.ts");
  const { model, effort, ...config } = await readSettings(file);
  return {
    model: typeof model === "string" ? model : undefined,
    effort: typeof effort === "string" ? effort : undefined,
    config,
  };
}

function parse(argv: readonly string[]) {
  const name = "suite";
  const { values, positionals } = parseWords(name, argv, {
    ...AGENT_OPTIONS,
    config: { type: "string", short: "c", multiple: true },
    patch: { type: "string" },
    against: { type: "string" },
    "fail-under": { type: "string" },
  });
  if (values.help) return "help" as const;
  const [folder, extra] = positionals;
  if (folder === undefined || extra !== undefined) throw wrongUse(name, "give the folder of one suite");
  if (values.against !== undefined && values.patch !== undefined)
    throw wrongUse(name, "--against compares two agents, and --patch works without one");
  return {
    ...agentRequest(name, values),
    folder,
    config: Object.fromEntries((values.config ?? []).map((pair) => keyAndValue(pair))),
    patch: oneOf(name, "--patch", values.patch, ["gold", "null", "cheat"]),
    against: values.against,
    failUnder:
      values["fail-under"] === undefined ? 0 : wholeNumber(name, "--fail-under", values["fail-under"], 100),
  };
}

function keyAndValue(pair: string): [string, unknown] {
  const at = pair.indexOf("=");
  if (at < 1) throw wrongUse("suite", `-c takes KEY=VALUE, not ${JSON.stringify(pair)}`);
  const text = pair.slice(at + 1);
  const plain = /^(?:true|false|-?\d+(?:\.\d+)?)$/.test(text);
  return [pair.slice(0, at), plain ? JSON.parse(text) : text.replace(/^"(.*)"$/, "$1")];
}
