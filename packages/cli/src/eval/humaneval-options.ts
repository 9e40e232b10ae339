import { MULTIPL_LANGUAGES } from "@quire/evals";
import { type ReasoningEffort, ReasoningEffortSchema } from "@quire/protocol";
import { numberList, oneOf, parseWords, someSeconds, wholeNumber, wrongUse } from "./eval-options.ts";
import type { SampleBenchmarkName } from "./sample-benchmark.ts";

const LANGUAGE_NAMES = MULTIPL_LANGUAGES.map(({ id, title }) => `${id} (${title})`).join(", ");

/** What `quire eval humaneval` was asked for. */
export interface HumanEvalRequest {
  readonly data: string;
  /** Judge these; without them the model writes some. */
  readonly samples: string | undefined;
  readonly out: string | undefined;
  readonly n: number;
  readonly model: string | undefined;
  readonly effort: ReasoningEffort | undefined;
  readonly workers: number;
  readonly ks: readonly number[];
  /** Whether the user said them. */
  readonly ksGiven: boolean;
  readonly timeoutSeconds: number;
  readonly memoryBytes: number;
  readonly dedupe: boolean;
  readonly python: string;
  /** The folder of a compiler that checks TypeScript. */
  readonly typescript: string | undefined;
  readonly json: boolean;
  /** Where samples that passed are written as well. */
  readonly exportFile: string | undefined;
  readonly report: "html" | "md" | undefined;
}

const DATA: Readonly<Record<SampleBenchmarkName, string>> = {
  humaneval: "the problems: HumanEval.jsonl or .jsonl.gz of openai/human-eval, or your own in that format",
  "humaneval+": "the problems: HumanEvalPlus.jsonl or .jsonl.gz of EvalPlus, or your own in that format",
  "multipl-e": `MultiPL-E's rows as JSON lines, in one of ${LANGUAGE_NAMES}`,
};

/** As OpenAI's harness and MultiPL-E have it. */
const USUAL_SECONDS: Readonly<Record<SampleBenchmarkName, number>> = {
  humaneval: 3,
  "humaneval+": 3,
  "multipl-e": 15,
};

/** What `quire eval NAME --help` prints. */
export function humanEvalHelp(name: SampleBenchmarkName): string {
  const program =
    name === "multipl-e"
      ? "--typescript DIR check types with this npm package (node_modules/typescript), as MultiPL-E does"
      : "--python PROG    interpreter (default python3)";
  return `Measure a model, or judge samples that exist, on a benchmark of functions.

Usage: quire eval ${name} --data FILE --samples FILE [OPTIONS]
       quire eval ${name} --data FILE --out DIR [-n N] [-m MODEL] [OPTIONS]

  --data FILE      ${DATA[name]}
  --samples FILE   judge these: lines {"task_id", "completion"}
  --out DIR        keep samples.jsonl, results.jsonl and summary.json here; a run that was stopped goes on
  -n N             samples per problem to ask the model for (default 1)
  -m, --model M    the model to ask (default: the configured one); --effort E: its reasoning effort
  -k LIST          for which k to estimate pass@k (default 1,10,100; left out where there are too few samples)
  --workers N      samples judged, and requests made, at the same time (default 2)
  --timeout S      seconds per sample (default ${USUAL_SECONDS[name]})
  --memory-mb N    memory per sample (default 2048)
  --no-dedupe      judge equal samples as often as they occur
  ${program}
  --export FILE    also write the samples that passed, each once: {"task_id", "prompt", "completion"}
  --report KIND    also write a report: html or md, into --out, else beside the samples
  --json           the results as one JSON object

Every sample runs on its own, without network, files of yours or other processes, whatever it does.
Exit code: 0 measured, 1 some samples could not be had, 2 wrong use, 3 no working sandbox, 130 interrupted.
`;
}

export function parseHumanEval(
  name: SampleBenchmarkName,
  argv: readonly string[],
): HumanEvalRequest | "help" {
  const { values, positionals } = parseWords(name, argv, {
    data: { type: "string" },
    samples: { type: "string" },
    out: { type: "string" },
    n: { type: "string", short: "n", default: "1" },
    model: { type: "string", short: "m" },
    effort: { type: "string" },
    k: { type: "string", short: "k" },
    workers: { type: "string", default: "2" },
    timeout: { type: "string" },
    "memory-mb": { type: "string", default: "2048" },
    "no-dedupe": { type: "boolean", default: false },
    python: { type: "string" },
    typescript: { type: "string" },
    export: { type: "string" },
    report: { type: "string" },
    json: { type: "boolean", default: false },
  });
  if (values.help) return "help";
  if (positionals.length > 0) throw wrongUse(name, `unexpected word ${JSON.stringify(positionals[0])}`);
  const foreign = name === "multipl-e" ? "python" : "typescript";
  if (values[foreign] !== undefined) throw wrongUse(name, `--${foreign} is for another benchmark`);
  if (values.data === undefined) throw wrongUse(name, "the problems are missing: --data FILE");
  if (values.samples === undefined && values.out === undefined) {
    throw wrongUse(
      name,
      "give samples to judge with --samples FILE, or a folder for new ones with --out DIR",
    );
  }
  const effort = ReasoningEffortSchema.safeParse(values.effort ?? "medium");
  if (!effort.success) throw wrongUse(name, `--effort ${JSON.stringify(values.effort)} is not a word`);
  return {
    data: values.data,
    samples: values.samples,
    out: values.out,
    n: wholeNumber(name, "-n", values.n, 100_000),
    model: values.model,
    effort: values.effort === undefined ? undefined : effort.data,
    workers: wholeNumber(name, "--workers", values.workers, 256),
    ks: numberList(name, "-k", values.k ?? "1,10,100"),
    ksGiven: values.k !== undefined,
    timeoutSeconds:
      values.timeout === undefined ? USUAL_SECONDS[name] : someSeconds(name, "--timeout", values.timeout),
    memoryBytes: wholeNumber(name, "--memory-mb", values["memory-mb"], 1_000_000) * 1024 ** 2,
    dedupe: !values["no-dedupe"],
    python: values.python ?? "python3",
    typescript: values.typescript,
    json: values.json,
    exportFile: values.export,
    report: oneOf(name, "--report", values.report, ["html", "md"]),
  };
}
