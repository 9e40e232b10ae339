import { type CollabAgentState, type ExecEvent, jsonLine, type ThreadGoal } from "@quire/protocol";
import type { ServerNotification, ThreadStartResponse, WireTurn } from "@quire/protocol/app-server";
import { EXIT } from "../exit-code.ts";
import { createJsonLines } from "./json-lines.ts";
import { createProgress } from "./progress.ts";
import type { Run } from "./run-exec.ts";
import { sdkLine } from "./sdk-lines.ts";
import { type ThreadTotals, totalsOf } from "./wire-turn.ts";

const OUTPUT_TAIL_INTERVAL_MS = 1000;

/** How a run ended. */
export interface RunEnd {
  turn: WireTurn;
  /** Of the whole thread. */
  totals: ThreadTotals;
  /** Agents that worked for the turn, as they stood last, in the order in which they began. */
  agents: readonly CollabAgentState[];
  /** What the run worked towards; null without a goal. */
  goal: ThreadGoal | null;
}

/** Follows one turn to its end and shows it as it goes, as JSON lines or for people. `begin` starts it. */
export async function runToEnd(
  run: Run,
  opened: ThreadStartResponse,
  begin: () => Promise<{ turn: WireTurn }>,
): Promise<RunEnd> {
  const { client, system } = run;
  const threadId = opened.thread.id;
  const screen = openScreen(run, opened);
  let goal: ThreadGoal | null = null;
  let turnId = "";
  /** Set while nothing runs. */
  let lastTurn: WireTurn | null = null;
  let totals: ThreadTotals = { usage: opened.usage ?? null, cost: opened.cost ?? null };
  const agents = new Map<string, CollabAgentState>();
  let stopFollowing = () => {};
  let stopListening = () => {};
  try {
    const completed = new Promise<WireTurn>((resolve, reject) => {
      stopFollowing = client.onNotification((notification) => {
        // The agents of a thread are followed with it; what they come to is told by the thread itself.
        if ((threadOf(notification) ?? threadId) !== threadId) return;
        try {
          if (notification.method === "thread/tokenUsage/updated") totals = totalsOf(notification.params);
          noteAgent(agents, notification);
          if (notification.method === "turn/completed") lastTurn = notification.params.turn;
          if (notification.method === "turn/started") {
            lastTurn = null;
            turnId = notification.params.turn.id;
          }
          screen.show(notification);
          if (notification.method === "thread/goal/updated") ({ goal } = notification.params);
          if (notification.method === "thread/goal/cleared") goal = null;
          // An active goal has the next turn begin by itself; it is paused where that one cannot.
          if (goal?.status === "active") return;
          if (lastTurn !== null && notification.method.startsWith("thread/goal/")) resolve(lastTurn);
          if (notification.method === "turn/completed") resolve(notification.params.turn);
        } catch (thrown) {
          reject(thrown);
        }
      });
    });
    const { turn } = await begin();
    turnId = turn.id;
    stopListening = interruptOnSignal(system, () => {
      // Between two turns there is nothing to interrupt: the next one must not begin.
      if (goal?.status === "active") {
        client.request("thread/goal/set", { threadId, status: "paused" }).catch(() => undefined);
      }
      // A turn that has ended by itself meanwhile cannot be interrupted, and need not be.
      client.request("turn/interrupt", { threadId, turnId }).catch(() => undefined);
    });
    return { turn: await completed, totals, agents: [...agents.values()], goal };
  } finally {
    stopFollowing();
    stopListening();
    screen.close();
  }
}

function noteAgent(agents: Map<string, CollabAgentState>, notification: ServerNotification): void {
  if (notification.method !== "item/completed") return;
  const { item } = notification.params;
  if (item.type === "subAgentActivity" && item.state !== undefined)
    agents.set(item.agentThreadId, item.state);
}

function threadOf({ params }: ServerNotification): string | null {
  if ("threadId" in params) return params.threadId ?? null;
  return "thread" in params ? params.thread.id : null;
}

interface Screen {
  show(notification: ServerNotification): void;
  close(): void;
}

function openScreen({ args, system, style }: Run, { thread }: ThreadStartResponse): Screen {
  if (!args.json) return createProgress(system, style);
  const json = createJsonLines();
  const write = (lines: readonly ExecEvent[]) => {
    for (const line of lines) system.stdout.write(`${jsonLine(args.forSdk ? sdkLine(line) : line)}\n`);
  };
  const timer = args.outputDeltas
    ? setInterval(() => write(json.pendingOutput()), OUTPUT_TAIL_INTERVAL_MS).unref()
    : null;
  write([
    {
      type: "thread.started",
      thread_id: thread.id,
      ...(thread.path === null ? {} : { rollout_path: thread.path }),
    },
  ]);
  return {
    show: (notification) => write(json.translate(notification)),
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
