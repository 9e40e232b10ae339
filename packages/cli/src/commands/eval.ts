import { CodedError } from "@quire/protocol";
import type { RunCommand } from "../command-table.ts";
import type { System } from "../system.ts";
import { showHelp } from "../words.ts";

const HELP = `Measure how often code is right.

Usage: quire eval humaneval --data FILE [--samples FILE] [OPTIONS]      functions from their docstrings
       quire eval humaneval+ --data FILE [--samples FILE] [OPTIONS]     the same with more tests (EvalPlus)
       quire eval multipl-e --data FILE [--samples FILE] [OPTIONS]      the same in other languages (MultiPL-E)
       quire eval quixbugs CLONE                                        repairs of one-line bugs, by the agent
       quire eval polyglot CLONE                                        exercises in six languages, by the agent (Aider)
       quire eval swebench predict|score …                              SWE-bench: predictions for, and reports of, its harness
       quire eval suite DIR                                             tasks of your own, by the agent
       quire eval compare A B                                           two runs over the same tasks

Each has a help text of its own: quire eval humaneval --help
`;

/** The benchmarks by name; nothing of one is read before it is asked for. */
const BENCHMARKS: Readonly<Record<string, () => Promise<RunCommand>>> = {
  humaneval: async () => (await import("../eval/humaneval.ts")).humanEvalCommand("humaneval"),
  "humaneval+": async () => (await import("../eval/humaneval.ts")).humanEvalCommand("humaneval+"),
  "multipl-e": async () => (await import("../eval/humaneval.ts")).humanEvalCommand("multipl-e"),
  swebench: async () => (await import("../eval/swebench.ts")).runSwebench,
  quixbugs: async () => (await import("../eval/quixbugs.ts")).runQuixBugs,
  polyglot: async () => (await import("../eval/polyglot.ts")).runPolyglot,
  suite: async () => (await import("../eval/suite.ts")).runSuite,
  compare: async () => (await import("../eval/compare.ts")).runCompare,
};

/** `quire eval`. */
export async function runEval(argv: readonly string[], system: System): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "--help" || name === "-h") return showHelp(HELP, system);
  const load = name === undefined ? undefined : BENCHMARKS[name];
  if (load === undefined) {
    const what = name === undefined ? "no benchmark was named" : `unknown benchmark ${JSON.stringify(name)}`;
    throw new CodedError("usage_invalid", what, {
      nextStep: `There are: ${Object.keys(BENCHMARKS).join(", ")}. See: quire eval --help`,
    });
  }
  return (await load())(rest, system);
}
