import { type Client, createClient } from "@quire/client";
import { childChannel } from "@quire/client/node";
import { CodedError, type Cost, type TokenUsage } from "@quire/protocol";
import type { ServerNotification, WireTurn } from "@quire/protocol/app-server";
import { EditLog } from "../editing/edit-log.ts";

/** How to start an app-server. */
export interface AgentCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The settings a run measures. What is absent is as configured. */
export interface AgentSettings {
  readonly model?: string | undefined;
  readonly effort?: string | undefined;
  /** Keys of `config.toml`, dotted, for this run. */
  readonly config?: Readonly<Record<string, unknown>> | undefined;
}

export interface AgentTask {
  /** Absolute: where the agent works, and may write. */
  readonly cwd: string;
  readonly prompt: string;
  /** Then the turn is interrupted. */
  readonly seconds: number;
}

/** A thread in one folder. */
export interface AgentThread {
  /** One at a time. Rejects only when the engine is gone, or with `interrupted`. */
  turn(prompt: string, seconds: number, signal: AbortSignal): Promise<AgentOutcome>;
  close(): void;
}

/** How a turn went. */
export interface AgentOutcome {
  readonly status: "completed" | "failed" | "out of time";
  /** The last message, or what went wrong. */
  readonly message: string;
  readonly usage: TokenUsage | null;
  readonly cost: Cost | null;
  readonly seconds: number;
  /** What the model wrote in order to edit, as `EditLog` counts it; null when no model was asked. */
  readonly writtenBytes: number | null;
}

/** An engine that works on one task after another, or several at once, each in a thread of its own. */
export interface Agent {
  open(cwd: string): Promise<AgentThread>;
  /** A thread of one turn. Rejects as a turn does. */
  run(task: AgentTask, signal: AbortSignal): Promise<AgentOutcome>;
  /** Ends the engine. May be called twice. */
  close(): void;
}

/** Time an interrupted turn has to end in. */
const ENDING_MS = 10_000;

/** Starts an app-server: the tasks go through the same door as real work. */
export async function openAgent(
  { command, args, env }: AgentCommand,
  settings: AgentSettings,
): Promise<Agent> {
  const client = createClient(childChannel({ command, args, env }));
  const turns: OpenTurns = new Map();
  client.onNotification((notification) => follow(notification, turns));
  // Nobody is there to ask: what a policy would ask about is refused.
  client.onRequest("item/commandExecution/requestApproval", () => ({ decision: "decline" }));
  client.onRequest("item/fileChange/requestApproval", () => ({ decision: "decline" }));
  try {
    await client.initialize({
      clientInfo: { name: "quire_eval", title: "Quire eval", version: "0.1.0" },
      capabilities: null,
    });
  } catch (cause) {
    const reason = await client.closed;
    throw new CodedError("internal", `the engine did not start: ${reason ?? String(cause)}`, { cause });
  }
  const open = async (cwd: string): Promise<AgentThread> => {
    const { thread } = await client.request("thread/start", {
      cwd,
      sandbox: "workspace-write",
      approvalPolicy: "never",
      ephemeral: true,
      ...(settings.model === undefined ? {} : { model: settings.model }),
      config: {
        ...settings.config,
        ...(settings.effort === undefined ? {} : { model_reasoning_effort: settings.effort }),
      },
    });
    return {
      turn: (prompt, seconds, signal) =>
        runTurn({ client, turns, threadId: thread.id, cwd }, prompt, seconds, signal),
      close: () => {
        client.request("thread/unsubscribe", { threadId: thread.id }).catch(() => undefined);
      },
    };
  };
  return {
    open,
    async run({ cwd, prompt, seconds }, signal) {
      if (signal.aborted) throw interrupted();
      const thread = await open(cwd);
      try {
        return await thread.turn(prompt, seconds, signal);
      } finally {
        thread.close();
      }
    },
    close: () => client.close(),
  };
}

/** By thread; the threads of agents that a turn started stand beside its own. */
type OpenTurns = Map<string, OpenTurn>;

interface OpenTurn {
  /** The thread that was asked. */
  readonly threadId: string;
  readonly edits: EditLog;
  readonly end: (turn: WireTurn) => void;
}

interface OpenThread {
  readonly client: Client;
  readonly turns: OpenTurns;
  readonly threadId: string;
  readonly cwd: string;
}

async function runTurn(
  { client, turns, threadId, cwd }: OpenThread,
  prompt: string,
  seconds: number,
  signal: AbortSignal,
): Promise<AgentOutcome> {
  if (signal.aborted) throw interrupted();
  const edits = new EditLog();
  const over = new Promise<WireTurn>((end) => turns.set(threadId, { threadId, edits, end }));
  const { turn } = await client.request("turn/start", {
    threadId,
    input: [{ type: "text", text: prompt, text_elements: [] }],
  });
  let outOfTime = false;
  const interrupt = () => {
    client.request("turn/interrupt", { threadId, turnId: turn.id }).catch(() => undefined);
  };
  const limit = setTimeout(() => {
    outOfTime = true;
    interrupt();
  }, seconds * 1000);
  signal.addEventListener("abort", interrupt, { once: true });
  const patience = setTimeout(() => client.close(), seconds * 1000 + ENDING_MS);
  try {
    const done = await Promise.race([over, client.closed.then(lost)]);
    if (signal.aborted) throw interrupted();
    return { ...outcomeOf(done, outOfTime), writtenBytes: await edits.writtenBytes(cwd) };
  } finally {
    clearTimeout(limit);
    clearTimeout(patience);
    signal.removeEventListener("abort", interrupt);
    for (const [id, turn] of turns) if (turn.threadId === threadId) turns.delete(id);
  }
}

function follow({ method, params }: ServerNotification, turns: OpenTurns): void {
  if (method === "thread/started") {
    const { id, parentThreadId } = params.thread;
    const parent = parentThreadId === null ? undefined : turns.get(parentThreadId);
    if (parent !== undefined) turns.set(id, parent);
  } else if (method === "item/started") {
    turns.get(params.threadId)?.edits.add(params.item);
  } else if (method === "turn/completed") {
    const turn = turns.get(params.threadId);
    if (turn?.threadId === params.threadId) turn.end(params.turn);
  }
}

function outcomeOf(turn: WireTurn, outOfTime: boolean): Omit<AgentOutcome, "writtenBytes"> {
  const failed = turn.status !== "completed";
  return {
    status: outOfTime ? "out of time" : failed ? "failed" : "completed",
    message: turn.error?.message ?? turn.finalText ?? "",
    usage: turn.usage ?? null,
    cost: turn.cost ?? null,
    seconds: (turn.durationMs ?? 0) / 1000,
  };
}

function lost(reason: string | null): never {
  throw new CodedError(
    "internal",
    `the engine ended in the middle of a task: ${reason ?? "no reason given"}`,
  );
}

function interrupted(): CodedError {
  return new CodedError("interrupted", "stopped before the task was done");
}
