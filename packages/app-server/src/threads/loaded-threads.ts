import { readLastTurns } from "@quire/core";
import { CodedError, type RateLimit } from "@quire/protocol";
import type { AskingAgent, DynamicToolSpec, RequestId } from "@quire/protocol/app-server";
import type { ClientAnswer, Connection } from "../connection.ts";
import type { AdoptAgent, Engine, EngineThread, OpenThread, ThreadSeams } from "../engine.ts";
import { askApproval } from "./ask-approval.ts";
import { askElicitation } from "./ask-elicitation.ts";
import { Audience } from "./audience.ts";
import { dynamicTool } from "./dynamic-tool.ts";
import { LoadedThread } from "./loaded-thread.ts";
import { loadedView } from "./loaded-view.ts";
import { Questions } from "./questions.ts";
import { USER_INPUT_TOOL, userInputTool } from "./user-input-tool.ts";

export interface LoadedThreadsOptions {
  engine: Engine;
  /** How long a question waits when all clients have left. */
  graceMs: number;
  /** Told of what endpoints say of their limits, whichever thread asked. */
  onRateLimits: (limits: readonly RateLimit[]) => void;
  /** How long an idle thread that nobody follows stays open. */
  unloadAfterMs: number;
}

export interface OpenRequest extends Omit<OpenThread, "originator"> {
  dynamicTools: readonly DynamicToolSpec[];
  client: Connection;
}

/** The threads that are open in this process. */
export class LoadedThreads {
  readonly #options: LoadedThreadsOptions;
  readonly #threads = new Map<string, LoadedThread>();
  readonly #seams = new Map<string, OpenRequest>();
  readonly #resuming = new Map<string, Promise<LoadedThread>>();
  readonly #unloading = new Map<string, NodeJS.Timeout>();
  #lastRequestId = 0;
  #closed = false;

  constructor(options: LoadedThreadsOptions) {
    this.#options = options;
  }

  ids(): string[] {
    return [...this.#threads.keys()];
  }

  find(threadId: string): LoadedThread | null {
    return this.#threads.get(threadId) ?? null;
  }

  /** Fails with `thread_not_found` when the thread is not open here. */
  get(threadId: string): LoadedThread {
    const thread = this.#threads.get(threadId);
    if (thread) return thread;
    throw new CodedError("thread_not_found", `thread not loaded: ${threadId}`, {
      nextStep: "Start it with thread/start, or load it with thread/resume.",
    });
  }

  /** Opens a thread and makes the asking client follow it. Two clients that resume one thread get the same. */
  async open(request: OpenRequest): Promise<LoadedThread> {
    if (request.target.kind !== "resume") return this.#open(request);
    const { threadId } = request.target;
    const opening = this.find(threadId) ?? this.#resuming.get(threadId) ?? this.#resume(threadId, request);
    return opening;
  }

  #resume(threadId: string, request: OpenRequest): Promise<LoadedThread> {
    const opening = this.#open(request).finally(() => this.#resuming.delete(threadId));
    this.#resuming.set(threadId, opening);
    return opening;
  }

  async #open(request: OpenRequest): Promise<LoadedThread> {
    if (this.#closed) throw new CodedError("interrupted", "the server is shutting down");
    const { thread } = await this.#load(new Audience(), request.ephemeral, (questions) =>
      this.#engineThread(request, questions),
    );
    this.#seams.set(thread.id, request);
    return thread;
  }

  async #load<T extends EngineThread>(
    audience: Audience,
    ephemeral: boolean,
    open: (questions: Questions) => Promise<T>,
  ): Promise<{ thread: LoadedThread; engine: T }> {
    let thread: LoadedThread | null = null;
    const questions = new Questions({
      audience,
      graceMs: this.#options.graceMs,
      nextRequestId: () => this.#lastRequestId++,
      onFlags: (flags) => thread?.setFlags(flags),
    });
    const engine = await open(questions);
    const { queues, threads } = this.#options.engine;
    const { id } = engine.thread;
    thread = new LoadedThread({
      engineThread: engine,
      audience,
      questions,
      ephemeral,
      queues,
      lastTurn: async () => {
        const turns = readLastTurns(await threads.readLog(threads.find(id)), 1);
        return turns.at(-1)?.status ?? null;
      },
      now: () => this.#options.engine.now(),
      onRateLimits: this.#options.onRateLimits,
    });
    this.#threads.set(thread.id, thread);
    return { thread, engine };
  }

  /** Opens the thread of an agent of another one; who follows that one follows it as well, from its first event on. */
  #adopt(parentId: () => string): AdoptAgent {
    return async (agent, { ephemeral }, open) => {
      const parent = this.#threads.get(parentId());
      if (this.#closed || parent === undefined) {
        throw new CodedError("interrupted", "the thread that the agent works for is closed");
      }
      const audience = new Audience(parent.audience.members);
      const { thread, engine } = await this.#load(audience, ephemeral, (questions) =>
        open(this.#seamsOf(questions, { tools: [], planTools: [] }, agent)),
      );
      parent.agents.add(thread);
      thread.tell({ method: "thread/started", params: { thread: loadedView(thread, []) } });
      return {
        engine,
        begin: (start) => thread.begin(() => start(engine)),
        close: async () => {
          parent.agents.delete(thread);
          await this.unload(thread.id);
        },
      };
    };
  }

  #engineThread({ client, dynamicTools, ...request }: OpenRequest, questions: Questions) {
    const { engine } = this.#options;
    const asksPeople = client.client?.capabilities?.experimentalApi === true;
    refuseClashes(dynamicTools);
    const tools = [
      ...dynamicTools.map((spec) => dynamicTool(spec, questions)),
      ...(asksPeople ? [userInputTool(questions)] : []),
    ];
    // A plan has open questions; where nobody can be asked the model is told so, and decides.
    const planTools = asksPeople ? [] : [userInputTool(null)];
    const originator = client.client?.clientInfo.name ?? "unknown";
    return engine.openThread(
      { ...request, originator },
      this.#seamsOf(questions, { tools, planTools }, null),
    );
  }

  #seamsOf(
    questions: Questions,
    { tools, planTools }: Pick<ThreadSeams, "tools" | "planTools">,
    agent: AskingAgent | null,
  ): ThreadSeams {
    const approver = askApproval(questions, () => this.#options.engine.now(), agent);
    const askPerson = askElicitation(questions);
    const onMcpStatus: ThreadSeams["onMcpStatus"] = (status) => {
      const { threadId } = questions;
      // A server may be ready before the thread has its id; its state can be listed then.
      if (threadId === "") return;
      questions.tell({ method: "mcpServer/startupStatus/updated", params: { threadId, ...status } });
    };
    return {
      approver,
      tools,
      planTools,
      askPerson,
      onMcpStatus,
      adopt: this.#adopt(() => questions.threadId),
    };
  }

  /** Takes a thread back to before a turn. Its background commands end: the log must have no other writer. */
  async revert(threadId: string, beforeTurnId: string): Promise<LoadedThread> {
    const thread = this.get(threadId);
    const request = this.#seams.get(threadId);
    if (thread.runningTurnId !== null || request === undefined) {
      throw new CodedError("thread_busy", `thread ${threadId} is working on a turn`, {
        nextStep: "Interrupt the turn, then revert.",
      });
    }
    if (thread.ephemeral)
      throw new CodedError("usage_invalid", "an ephemeral thread keeps no history to revert");
    await thread.engine.close();
    try {
      await this.#options.engine.threads.revert(threadId, beforeTurnId);
    } finally {
      const again = { ...request, target: { kind: "resume" as const, threadId } };
      thread.replace(await this.#engineThread(again, thread.questions));
    }
    return thread;
  }

  answered(id: RequestId, answer: ClientAnswer, from: Connection): void {
    for (const thread of this.#threads.values()) {
      if (thread.audience.has(from) && thread.questions.answered(id, answer, from)) return;
    }
  }

  /** Follows a thread, and its agents with it. `knows` counts the events that the client has read of it. */
  join(thread: LoadedThread, connection: Connection, knows = 0): void {
    this.#keep(thread.id);
    thread.join(connection, knows);
    for (const agent of thread.agents) this.join(agent, connection);
  }

  /** Whether the client followed the thread. */
  leave(threadId: string, connection: Connection): boolean {
    const thread = this.#threads.get(threadId);
    if (!thread?.leave(connection)) return false;
    for (const agent of thread.agents) agent.leave(connection);
    // An agent is closed by the thread that it works for.
    if (thread.audience.size === 0 && this.#seams.has(threadId)) this.#unloadLater(thread);
    return true;
  }

  leaveAll(connection: Connection): void {
    for (const id of this.ids()) this.leave(id, connection);
  }

  /** Closes a thread if it is open. */
  async unload(threadId: string): Promise<void> {
    const thread = this.#threads.get(threadId);
    if (!thread) return;
    this.#keep(threadId);
    this.#threads.delete(threadId);
    this.#seams.delete(threadId);
    await thread.close();
    thread.tell({ method: "thread/status/changed", params: { threadId, status: { type: "notLoaded" } } });
    thread.tell({ method: "thread/closed", params: { threadId } });
  }

  /** Ends every turn and closes every thread. May be called twice. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#resuming.values());
    await Promise.all(this.ids().map((id) => this.unload(id)));
  }

  #unloadLater(thread: LoadedThread): void {
    this.#keep(thread.id);
    const timer = setTimeout(() => {
      if (thread.audience.size > 0) return;
      if (thread.runningTurnId !== null) this.#unloadLater(thread);
      else void this.unload(thread.id);
    }, this.#options.unloadAfterMs);
    timer.unref();
    this.#unloading.set(thread.id, timer);
  }

  #keep(threadId: string): void {
    clearTimeout(this.#unloading.get(threadId));
    this.#unloading.delete(threadId);
  }
}

/** Fails with `usage_invalid` when a client names two tools alike, or one as the tools of MCP servers are named. */
function refuseClashes(tools: readonly DynamicToolSpec[]): void {
  const seen = new Set<string>();
  for (const { name } of tools) {
    if (seen.has(name))
      throw new CodedError("usage_invalid", `two dynamic tools are named ${JSON.stringify(name)}`);
    if (name === USER_INPUT_TOOL || name.startsWith("mcp__")) {
      throw new CodedError("usage_invalid", `the name ${name} belongs to a tool of the server's`, {
        nextStep: `Give the client's tool another name; ${USER_INPUT_TOOL} and what begins with mcp__ are taken.`,
      });
    }
    seen.add(name);
  }
}
