import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { loadConfig, resolveHome } from "@quire/config";
import {
  type Agent,
  explainDifference,
  openAgent,
  openJournal,
  readSuite,
  runSuiteTask,
  type Substitute,
  type SuiteTask,
  score,
  type TaskResult,
  TaskResultSchema,
} from "@quire/evals";
import { CodedError, visibleLine } from "@quire/protocol";
import { createSandbox } from "@quire/sandbox";
import { EXIT } from "../exit-code.ts";
import { requireSandbox, sandboxDeps } from "../session/sandbox-parts.ts";
import type { System } from "../system.ts";
import { oneOf, readOptions, wholeNumber, wrongUse } from "./eval-options.ts";
import { startProgress } from "./progress.ts";
import { showRun } from "./show-run.ts";

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
  if (request === "help") {
    system.stdout.write(HELP);
    return EXIT.done;
  }
  const all = await readSuite(request.folder);
  const tasks = request.only === undefined ? all : all.filter(({ id }) => request.only?.includes(id));
  if (tasks.length === 0) throw wrongUse("suite", `no task is called so: ${request.only?.join(", ")}`);
  const home = await resolveHome(system.env, system.homeDir);
  await requireSandbox("workspace-write", sandboxDeps(system, home));
  const stop = new AbortController();
  const stopListening = system.onStop(() => stop.abort());
  const started = system.monotonicMs();
  try {
    const context = { system, home, stop: stop.signal, request };
    const results = await runAll(tasks, await settingsOf(request, system, home), "results.jsonl", context);
    const other =
      request.against === undefined
        ? undefined
        : await runAll(tasks, await settingsIn(request.against), "results-against.jsonl", context);
    const differences = other === undefined ? [] : explainDifference(results, other);
    showResults(results, differences, (system.monotonicMs() - started) / 1000, request, system);
    const share = (100 * results.filter(({ passed }) => passed).length) / tasks.length;
    const isWorse = other !== undefined && passedOf(other) < passedOf(results);
    return isWorse || share < request.failUnder ? EXIT.failed : EXIT.done;
  } finally {
    stopListening();
  }
}

type Request = Exclude<ReturnType<typeof parse>, "help">;
type Settings = { model?: string | undefined; effort?: string | undefined; config: Record<string, unknown> };

interface Context {
  readonly system: System;
  readonly home: string;
  readonly stop: AbortSignal;
  readonly request: Request;
}

async function runAll(
  tasks: readonly SuiteTask[],
  settings: Settings,
  file: string,
  { system, home, stop, request }: Context,
): Promise<TaskResult[]> {
  const { out, patch } = request;
  if (out !== undefined) fs.mkdirSync(out, { recursive: true });
  const journal = out === undefined ? undefined : openJournal(path.join(out, file), TaskResultSchema);
  const done = new Map((journal?.before ?? []).map((row) => [row.task_id, row]));
  const agent: Agent | Substitute =
    patch ??
    (await openAgent(
      { command: system.self.file, args: [...system.self.args, "app-server"], env: system.env },
      settings,
    ));
  const waiting = tasks.filter(({ id }) => !done.has(id));
  const progress = startProgress(system, "tasks", tasks.length, tasks.length - waiting.length);
  const queue = waiting.values();
  const work = async (): Promise<void> => {
    for (const task of queue) {
      const row = await runSuiteTask(task, {
        agent,
        openSandbox: (folder) => checkSandbox(folder, system, home),
        scratch: system.env.TMPDIR || os.tmpdir(),
        env: system.env,
        signal: stop,
      });
      if (stop.aborted) throw new CodedError("interrupted", "stopped; finished tasks are kept");
      done.set(row.task_id, row);
      journal?.append(row);
      progress.step();
    }
  };
  try {
    await Promise.all(Array.from({ length: request.workers }, work));
  } finally {
    progress.end();
    journal?.close();
    if (typeof agent !== "string") agent.close();
  }
  return tasks.flatMap(({ id }) => done.get(id) ?? []);
}

/** Checks run what an agent wrote: confined to the copy, without network. */
function checkSandbox(folder: string, system: System, home: string) {
  return createSandbox(
    {
      mode: "workspace-write",
      workspaceRoots: [folder],
      extraWritableRoots: [],
      network: "off",
      environment: { inherit: "core" },
    },
    sandboxDeps(system, home),
  );
}

function showResults(
  results: readonly TaskResult[],
  differences: readonly string[],
  wallSeconds: number,
  request: Request,
  system: System,
): void {
  const tampering = results.filter(({ tampered }) => tampered.length > 0);
  const costs = results.map(({ usd }) => usd);
  showRun(
    {
      benchmark: `suite ${path.basename(path.resolve(request.folder))}`,
      model: request.patch === undefined ? (request.model ?? null) : `${request.patch} patch`,
      date: new Date(system.now()).toISOString(),
      score: score(
        results.map((row) => ({ ...row, failure: row.failure ?? undefined })),
        results.length,
        [1],
      ),
      wallSeconds,
      usage: null,
      usd: costs.includes(null) ? null : costs.reduce<number>((sum, usd) => sum + (usd ?? 0), 0),
      failed: results
        .filter(({ passed }) => !passed)
        .map((row) => ({
          task: row.task_id,
          reason: row.failure ?? "",
          detail: row.tampered.length > 0 ? row.tampered.join(", ") : row.output.slice(-300),
        })),
      published: [],
      notes: [
        ...tampering.map(({ task_id, tampered }) => `${task_id}: changed the tests: ${tampered.join(", ")}`),
        ...differences,
      ],
    },
    results,
    request,
    system,
    { differences },
  );
  if (!request.json) {
    for (const { task_id, passed, failure } of results)
      system.stdout.write(
        `${visibleLine(`${passed ? "pass" : "FAIL"}  ${task_id}${failure ? `  ${failure}` : ""}`)}\n`,
      );
  }
}

function passedOf(results: readonly TaskResult[]): number {
  return results.filter(({ passed }) => passed).length;
}

async function settingsOf(request: Request, system: System, home: string): Promise<Settings> {
  // Wrong settings are told before anything runs.
  const flags = { ...request.config, ...(request.model === undefined ? {} : { model: request.model }) };
  const loaded = await loadConfig({ home, cwd: system.cwd, env: system.env, flags });
  if (!loaded.ok) throw new CodedError(loaded.error.code, loaded.error.message);
  return { model: request.model, effort: request.effort, config: request.config };
}

/** The settings of a TOML file: `model` and `effort` by name, the rest as in config.toml. */
async function settingsIn(file: string): Promise<Settings> {
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
  const { values, positionals } = readOptions(name, () =>
    parseArgs({
      args: [...argv],
      strict: true,
      allowPositionals: true,
      options: {
        only: { type: "string" },
        workers: { type: "string", default: "1" },
        model: { type: "string", short: "m" },
        effort: { type: "string" },
        config: { type: "string", short: "c", multiple: true },
        patch: { type: "string" },
        against: { type: "string" },
        "fail-under": { type: "string" },
        out: { type: "string" },
        report: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
    }),
  );
  if (values.help) return "help" as const;
  const [folder, extra] = positionals;
  if (folder === undefined || extra !== undefined) throw wrongUse(name, "give the folder of one suite");
  return {
    folder,
    only: values.only?.split(","),
    workers: wholeNumber(name, "--workers", values.workers, 64),
    model: values.model,
    effort: values.effort,
    config: Object.fromEntries((values.config ?? []).map((pair) => keyAndValue(pair))),
    patch: oneOf(name, "--patch", values.patch, ["gold", "null", "cheat"]),
    against: values.against,
    failUnder:
      values["fail-under"] === undefined ? 0 : wholeNumber(name, "--fail-under", values["fail-under"], 100),
    out: values.out,
    report: oneOf(name, "--report", values.report, ["html", "md"]),
    json: values.json,
  };
}

function keyAndValue(pair: string): [string, unknown] {
  const at = pair.indexOf("=");
  if (at < 1) throw wrongUse("suite", `-c takes KEY=VALUE, not ${JSON.stringify(pair)}`);
  const text = pair.slice(at + 1);
  const plain = /^(?:true|false|-?\d+(?:\.\d+)?)$/.test(text);
  return [pair.slice(0, at), plain ? JSON.parse(text) : text.replace(/^"(.*)"$/, "$1")];
}
