import { findLastThread } from "@quire/core";
import { parseExecArguments } from "../exec/exec-arguments.ts";
import { EXIT } from "../exit-code.ts";
import type { System } from "../system.ts";
import { showHelp } from "../words.ts";

const HELP = `Show what the model would be sent next, piece by piece. Nothing is sent and nothing is written.

Usage: quire context [OPTIONS] [THREAD]             of a thread, or of a new one in this directory
       quire context summary [THREAD] [--edit]      the summary that a compaction left

      --last    the last thread of this directory (with --all: of any)
      --json    every piece as JSON
      --edit    change the summary in $VISUAL or $EDITOR; the log keeps the old one
and the options of quire exec that decide what is sent (-m, -C, -c, -s, -p, …).
`;

/** `quire context`. */
export async function runContext(argv: readonly string[], system: System): Promise<number> {
  if (argv.includes("--help") || argv.includes("-h")) return showHelp(HELP, system);
  if (argv[0] === "summary") {
    const { runSummary } = await import("../context/summary.ts");
    return runSummary(argv.slice(1), system);
  }
  const last = argv.includes("--last");
  const words = argv.filter((word) => word !== "--last" && word !== "--all");
  const args = parseExecArguments(words);
  const { prompt: thread } = args;
  const { dryRun } = await import("../debug/dry-run.ts");
  const run = await dryRun({ ...args, prompt: null }, system, ({ home, cwd }) => {
    if (thread !== null) return { kind: "fork", thread };
    if (!last) return { kind: "start" };
    return { kind: "fork", thread: findLastThread(home, argv.includes("--all") ? null : cwd).id };
  });
  const { contextReport, contextText } = await import("../context/report.ts");
  const report = contextReport(run);
  const shown = args.json ? `${JSON.stringify(report, null, 2)}\n` : contextText(report);
  system.stdout.write(shown);
  return EXIT.done;
}
