import type { TurnOptions } from "@quire/core";
import {
  type ExecEvent,
  jsonLine,
  type ThreadEvent,
  type ThreadItem,
  type Turn,
  type UserInput,
} from "@quire/protocol";
import { EXIT } from "../exit-code.ts";
import type { Session } from "../session/open-session.ts";
import { createJsonLines } from "./json-lines.ts";
import { startBudget } from "./limits.ts";
import type { Run } from "./prepare-run.ts";
import { createProgress } from "./progress.ts";

const OUTPUT_TAIL_INTERVAL_MS = 1000;

/** What one turn of a run works on. */
export interface TurnWork {
  input: readonly UserInput[];
  outputSchema?: TurnOptions["outputSchema"];
  /** Puts events into other words before they are shown; the log keeps them as they are. */
  rewrite?: (event: ThreadEvent) => ThreadEvent[];
  /** Lines that only the JSON stream has, put before those of this event. */
  extraLines?: (event: ThreadEvent) => ExecEvent[];
}

/** Runs one turn under the limits of the run and shows it as it goes, as JSON lines or for people. */
export async function runToEnd(
  run: Run,
  session: Session,
  work: TurnWork,
): Promise<{ turn: Turn; items: ThreadItem[] }> {
  const { args, system } = run;
  const items: ThreadItem[] = [];
  const screen = openScreen(run);
  const rewrite = work.rewrite ?? ((event: ThreadEvent) => [event]);
  const show = (event: ThreadEvent) => {
    if (event.method === "item/completed") items.push(event.params.item);
    screen.show(event, work.extraLines?.(event) ?? []);
  };
  const reader = session.thread.subscribe({ deltas: args.outputDeltas, capacity: 100_000 });
  const { thread, settings } = session;
  const { cwd, model } = settings;
  const { id: threadId, rolloutPath } = thread;
  show({ method: "thread/started", params: { threadId, cwd, model, rolloutPath } });
  const { budget, stop: stopTimer } = startBudget(args.limits);
  let stopListening = () => {};
  try {
    const running = await thread.startTurn(work.input, {
      settings,
      warnings: session.warnings,
      budget,
      ...(work.outputSchema === undefined ? {} : { outputSchema: work.outputSchema }),
    });
    stopListening = interruptOnSignal(system, () => running.interrupt());
    for await (const event of reader) {
      for (const shown of rewrite(event)) show(shown);
      if (event.method === "turn/completed") break;
    }
    return { turn: await running.done, items };
  } finally {
    stopTimer();
    stopListening();
    screen.close();
  }
}

interface Screen {
  show(event: ThreadEvent, extra: readonly ExecEvent[]): void;
  close(): void;
}

function openScreen({ args, system, style }: Run): Screen {
  if (!args.json) return createProgress(system, style);
  const json = createJsonLines();
  const write = (lines: readonly ExecEvent[]) => {
    for (const line of lines) system.stdout.write(`${jsonLine(line)}\n`);
  };
  const timer = args.outputDeltas
    ? setInterval(() => write(json.pendingOutput()), OUTPUT_TAIL_INTERVAL_MS).unref()
    : null;
  return {
    show: (event, extra) => write([...extra, ...json.translate(event)]),
    close: () => {
      if (timer !== null) clearInterval(timer);
    },
  };
}

/** The first signal ends the turn in order, the second ends the process at once. */
function interruptOnSignal(system: Run["system"], interrupt: () => void): () => void {
  let asked = false;
  return system.onStop((signal) => {
    if (asked) process.exit(EXIT.interrupted);
    asked = true;
    system.stderr.write(
      `\n${signal === "SIGINT" ? "Interrupted" : signal}; stopping (once more to stop at once)\n`,
    );
    interrupt();
  });
}
