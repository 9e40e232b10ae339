import { parseArgs } from "node:util";
import { resolveHome } from "@quire/config";
import {
  findPython,
  judgeSamples,
  meanPassAtK,
  openJudgePool,
  type ProblemCount,
  readProblems,
  readSamples,
  type SampleResult,
  warmModules,
} from "@quire/evals";
import { CodedError } from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import { sandboxDeps } from "../session/sandbox-parts.ts";
import type { System } from "../system.ts";

const HELP = `Judge samples against a benchmark in HumanEval's format.

Usage: quire eval humaneval --data FILE --samples FILE [OPTIONS]

  --data FILE      the problems: HumanEval.jsonl or .jsonl.gz from openai/human-eval, HumanEval+, or your own
  --samples FILE   lines {"task_id", "completion"}
  --workers N      sandboxed Python processes that judge at the same time (default 2)
  -k LIST          for which k to estimate pass@k (default 1,10,100; left out where there are too few samples)
  --timeout S      seconds per sample (default 3)
  --memory-mb N    memory per sample (default 2048)
  --no-dedupe      judge equal samples as often as they occur
  --python PROG    interpreter (default python3)
  --json           the results as one JSON object

Every sample runs in a process of its own, without network, files of yours or other processes, whatever it does.
`;

interface Request {
  data: string;
  samples: string;
  workers: number;
  ks: number[];
  timeoutSeconds: number;
  memoryBytes: number;
  dedupe: boolean;
  python: string;
  json: boolean;
}

/** `quire eval humaneval`. */
export async function runHumanEval(argv: readonly string[], system: System): Promise<number> {
  const request = parse(argv);
  if (request === "help") {
    system.stdout.write(HELP);
    return EXIT.done;
  }
  const problems = readProblems(request.data);
  const samples = readSamples(request.samples, problems);
  const python = await findPython(request.python, system.env);
  const home = await resolveHome(system.env, system.homeDir);
  const pool = await openJudgePool(
    {
      python,
      workers: request.workers,
      modules: warmModules(
        samples.map(({ task_id, completion }) => `${problems.get(task_id)?.prompt}${completion}`),
        [...problems.values()].map(({ prompt, test }) => `${prompt}\n${test}`),
      ),
      memoryBytes: request.memoryBytes,
    },
    sandboxDeps(system, home),
  );
  const stopListening = system.onStop(() => void pool.close());
  try {
    const started = system.monotonicMs();
    const results = await judgeSamples(samples, problems, pool, { ...request, onResult: () => undefined });
    const seconds = (system.monotonicMs() - started) / 1000;
    const summary = summarise(results, problems.size, request.ks);
    if (request.json) {
      system.stdout.write(`${JSON.stringify({ benchmark: "humaneval", ...summary, seconds, results })}\n`);
    } else {
      for (const [k, value] of Object.entries(summary.pass_at_k))
        system.stdout.write(`${k.padEnd(9)} ${(100 * value).toFixed(1)} %\n`);
      system.stdout.write(`${summary.passed} of ${summary.samples} samples passed\n`);
    }
    return EXIT.done;
  } finally {
    stopListening();
    await pool.close();
  }
}

function summarise(results: readonly SampleResult[], problems: number, ks: readonly number[]) {
  const counts = new Map<string, ProblemCount>();
  for (const { task_id, passed } of results) {
    const { n, c } = counts.get(task_id) ?? { n: 0, c: 0 };
    counts.set(task_id, { n: n + 1, c: c + (passed ? 1 : 0) });
  }
  const estimates = ks.flatMap((k) => {
    const value = meanPassAtK([...counts.values()], k);
    return value === undefined ? [] : [[`pass@${k}`, value] as const];
  });
  return {
    problems,
    attempted: counts.size,
    samples: results.length,
    passed: results.filter(({ passed }) => passed).length,
    pass_at_k: Object.fromEntries(estimates),
  };
}

function parse(argv: readonly string[]): Request | "help" {
  const options = {
    data: { type: "string" },
    samples: { type: "string" },
    workers: { type: "string", default: "2" },
    k: { type: "string", short: "k", default: "1,10,100" },
    timeout: { type: "string", default: "3" },
    "memory-mb": { type: "string", default: "2048" },
    "no-dedupe": { type: "boolean", default: false },
    python: { type: "string", default: "python3" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  } as const;
  const values = read(() => parseArgs({ args: [...argv], options, strict: true }).values);
  if (values.help) return "help";
  if (values.data === undefined) throw wrongUse("the problems are missing: --data FILE");
  if (values.samples === undefined) throw wrongUse("the samples are missing: --samples FILE");
  return {
    data: values.data,
    samples: values.samples,
    workers: wholeNumber("--workers", values.workers, 256),
    ks: values.k.split(",").map((k) => wholeNumber("-k", k, 1_000_000)),
    timeoutSeconds: wholeNumber("--timeout", values.timeout, 3600),
    memoryBytes: wholeNumber("--memory-mb", values["memory-mb"], 1_000_000) * 1024 ** 2,
    dedupe: !values["no-dedupe"],
    python: values.python,
    json: values.json,
  };
}

function read<Value>(parseThem: () => Value): Value {
  try {
    return parseThem();
  } catch (cause) {
    throw wrongUse(cause instanceof Error ? cause.message : String(cause));
  }
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text.trim()) && value >= 1 && value <= most) return value;
  throw wrongUse(`${option} takes whole numbers from 1 to ${most}, not ${JSON.stringify(text)}`);
}

function wrongUse(message: string): CodedError {
  return new CodedError("usage_invalid", message, { nextStep: "See: quire eval humaneval --help" });
}
