import {
  addUsage,
  type ErrorInfo,
  errorInfoOf,
  type KnownAgent,
  type SubAgentActivityItem,
  type Turn,
} from "@quire/protocol";
import type { AgentAnswer, AgentOffice, SpawnOrder } from "@quire/tools/agents";
import { addCost } from "../thread/cost.ts";
import type { Agent, AgentScope, AgentSpending, AgentThreads, TurnAgents } from "./agent.ts";
import type { AgentFamily } from "./agent-family.ts";
import type { AgentPlace } from "./agent-places.ts";
import { reportText, resultOf, standingOf, stateOf } from "./agent-report.ts";
import { earlierAgent, newAgent, wasCutOff } from "./agents-at-hand.ts";

export interface AgentDeskSetup {
  readonly threadId: string;
  /** Of the thread: `/root`, or an agent's path. */
  readonly path: string;
  readonly family: AgentFamily;
  readonly threads: AgentThreads;
  /** The names of the kinds of agents that there are. */
  readonly roles: readonly string[];
  /** Where the thread itself works, if it is an agent's. */
  readonly place: AgentPlace | null;
  readonly newId: () => string;
  /** Agents of the thread from before it was opened here. */
  readonly known?: readonly KnownAgent[];
  /** An agent that does not end this long after it was told to is given up. Milliseconds. */
  readonly graceMs?: number;
}

const TASK_NAME = /^[a-z0-9_]{1,64}$/;
const DEFAULT_GRACE_MS = 15_000;

/**
 * The agents of one thread. Each has at most one task at a time; a task waits for a place, runs as one turn of the agent's
 * thread, and always ends in exactly one result, whatever goes wrong with it.
 */
export class AgentDesk implements AgentOffice, TurnAgents {
  readonly #setup: AgentDeskSetup;
  readonly #agents = new Map<string, Agent>();
  readonly #listeners = new Set<() => void>();
  /** Agents of which the log is still to be told that nobody knows how far they came. */
  readonly #cutOff: Agent[] = [];
  #scope: AgentScope | null = null;

  constructor(setup: AgentDeskSetup) {
    this.#setup = setup;
    for (const known of setup.known ?? []) {
      setup.family.admit();
      const agent = earlierAgent(known);
      this.#agents.set(known.path, agent);
      if (wasCutOff(known)) this.#cutOff.push(agent);
    }
  }

  get threadId(): string {
    return this.#setup.threadId;
  }

  enter(scope: AgentScope): void {
    this.#scope = scope;
    for (const agent of this.#cutOff.splice(0)) this.#show(agent, scope, "interrupted");
  }

  steered(): void {
    this.#changed();
  }

  async atStop(signal: AbortSignal): Promise<string | null> {
    const all = [...this.#agents.values()];
    if (!all.some(({ unread, task }) => unread || task !== null)) return null;
    await this.#until(() => all.some(({ unread }) => unread), null, signal);
    const heard = this.#read(all);
    if (heard.length === 0) return "";
    return `<agent_results>\n${reportText(heard, this.#working())}\n</agent_results>`;
  }

  async leave(): Promise<void> {
    const tasks = [...this.#agents.values()].flatMap(({ task }) => task ?? []);
    for (const task of tasks) task.controller.abort();
    await Promise.all(tasks.map(({ done }) => done));
    this.#scope = null;
    // What is kept in a log is opened anew when it is needed; the rest stays until the thread is closed.
    await Promise.all([...this.#agents.values()].map((agent) => this.#closeThread(agent, false)));
  }

  /** Ends everything. May be called twice. */
  async close(): Promise<void> {
    await this.leave();
    await Promise.all([...this.#agents.values()].map((agent) => this.#closeThread(agent, true)));
  }

  spawn({ taskName, message, role, model, effort }: SpawnOrder): AgentAnswer {
    const { family, path: own, roles, newId } = this.#setup;
    const path = `${own}/${taskName}`;
    if (!TASK_NAME.test(taskName)) return refusal("the task_name must be of a-z, 0-9 and _, at most 64.");
    if (this.#agents.has(path)) {
      return refusal(`there is an agent ${path} already; choose another task_name, or use followup_task.`);
    }
    const kind = role ?? "default";
    if (!roles.includes(kind)) {
      return refusal(`there is no agent_type "${kind.slice(0, 60)}". There are: ${roles.join(", ")}.`);
    }
    if (message.trim() === "") return refusal("the message is empty: say what the agent is to do.");
    if (this.#scope === null) return refusal("no turn is running that it could work for.");
    if (!family.admit()) {
      return refusal(`there are ${family.most} agents already, which is the most.`, "agent_limit");
    }
    const agent = newAgent({ threadId: newId(), path, role: kind }, { model, effort });
    this.#agents.set(path, agent);
    this.#begin(agent, message, this.#scope);
    return answer([agent], { agent: path, status: queueWord(agent) });
  }

  async send(target: string, message: string): Promise<AgentAnswer> {
    const agent = this.#find(target);
    if (agent === null) return this.#unknown(target);
    const read = await this.#tell(agent, message);
    return answer([agent], { agent: agent.path, status: agent.status, read });
  }

  async followUp(target: string, message: string): Promise<AgentAnswer> {
    const agent = this.#find(target);
    if (agent === null) return this.#unknown(target);
    if (agent.task !== null) {
      const read = await this.#tell(agent, message);
      // It may have ended just now; then this is a task after all.
      if (agent.task !== null) return answer([agent], { agent: agent.path, status: agent.status, read });
      agent.messages.pop();
    }
    if (agent.status === "shutdown") return refusal(`${agent.path} is over and kept no log to go on with.`);
    if (this.#scope === null) return refusal("no turn is running that it could work for.");
    // A result that nobody has heard is not lost with the next task.
    const [unheard] = this.#read([agent]);
    const earlier = unheard === undefined ? {} : { earlier: resultOf(unheard) };
    this.#begin(agent, message, this.#scope);
    return answer([agent], { agent: agent.path, status: queueWord(agent), ...earlier });
  }

  async wait(
    targets: readonly string[] | null,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<AgentAnswer> {
    const chosen: Agent[] = [];
    for (const target of targets ?? []) {
      const agent = this.#find(target);
      if (agent === null) return this.#unknown(target);
      chosen.push(agent);
    }
    if (targets === null) chosen.push(...this.#agents.values());
    const isOver = () => chosen.some(({ unread }) => unread) || chosen.every(({ task }) => task === null);
    const ended = await this.#until(isOver, timeoutMs, signal);
    const heard = this.#read(chosen);
    const text = reportText(heard, this.#working(), NOTES[ended]);
    return { ok: true, text, agents: heard.map(standingOf) };
  }

  async interrupt(target: string): Promise<AgentAnswer> {
    const agent = this.#find(target);
    if (agent === null) return this.#unknown(target);
    const before = agent.status;
    agent.task?.controller.abort();
    await agent.task?.done;
    agent.unread = false;
    return answer([agent], { agent: agent.path, was: before, status: agent.status });
  }

  list(): AgentAnswer {
    const agents = [...this.#agents.values()];
    const rows = agents.map(({ path, role, status, unread, usage }) => ({
      agent: path,
      agent_type: role,
      status,
      ...(unread ? { has_result: true } : {}),
      ...(usage === null ? {} : { tokens: usage.input_tokens + usage.output_tokens }),
    }));
    return { ok: true, text: JSON.stringify({ agents: rows }), agents: agents.map(standingOf) };
  }

  #begin(agent: Agent, message: string, scope: AgentScope): void {
    const controller = new AbortController();
    agent.status = "pendingInit";
    agent.message = null;
    agent.error = null;
    agent.unread = false;
    // The task stands before its work begins, which may end at once.
    const begun = Promise.resolve();
    agent.task = {
      controller,
      turn: null,
      done: begun.then(() => this.#work(agent, message, scope, controller)),
    };
  }

  /** One task to its end. Never rejects. */
  async #work(agent: Agent, message: string, scope: AgentScope, task: AbortController): Promise<void> {
    const signal = AbortSignal.any([scope.signal, task.signal]);
    let end: TaskEnd;
    try {
      end = await this.#workInPlace(agent, message, scope, signal);
    } catch (thrown) {
      end = { status: "errored", message: null, error: errorInfoOf(thrown) };
    }
    agent.status = end.status;
    agent.message = end.message;
    agent.error = end.error;
    agent.task = null;
    agent.unread = true;
    this.#show(agent, scope, end.status === "interrupted" ? "interrupted" : "completed");
    this.#changed();
  }

  async #workInPlace(
    agent: Agent,
    message: string,
    scope: AgentScope,
    signal: AbortSignal,
  ): Promise<TaskEnd> {
    const place = await this.#setup.family.places.enter(signal);
    if (place === null) return INTERRUPTED;
    try {
      agent.status = "running";
      const onSpent = (spent: AgentSpending) => this.#spend(agent, scope, spent);
      agent.thread ??= await this.#setup.threads.open(
        { ...identityOf(agent), ...agent.asked, isNew: !agent.hasThread, place, onSpent },
        signal,
      );
      agent.hasThread = true;
      if (signal.aborted) return INTERRUPTED;
      this.#show(agent, scope, "started");
      const words = [...agent.messages.splice(0), message].join("\n\n");
      const turn = await agent.thread.startTurn(words, scope.outer);
      if (agent.task !== null) agent.task.turn = turn;
      const ended = await this.#ended(turn, signal);
      if (ended === null) this.#abandon(agent);
      return endOf(ended);
    } finally {
      place.leave();
    }
  }

  /** The end of a turn; null when it does not come although it was asked for. */
  async #ended(turn: { done: Promise<Turn>; interrupt(): void }, signal: AbortSignal): Promise<Turn | null> {
    let timer: NodeJS.Timeout | null = null;
    let stop = () => {};
    const givenUp = new Promise<null>((resolve) => {
      stop = () => {
        turn.interrupt();
        timer = setTimeout(() => resolve(null), this.#setup.graceMs ?? DEFAULT_GRACE_MS);
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
    });
    try {
      return await Promise.race([turn.done, givenUp]);
    } finally {
      signal.removeEventListener("abort", stop);
      if (timer !== null) clearTimeout(timer);
    }
  }

  #spend(agent: Agent, scope: AgentScope, spent: AgentSpending): void {
    agent.usage = agent.usage === null ? spent.usage : addUsage(agent.usage, spent.usage);
    agent.cost = addCost(agent.cost, spent.cost);
    scope.bill({ ...spent, responseId: null, purpose: "agent" });
  }

  #show(agent: Agent, scope: AgentScope, kind: SubAgentActivityItem["kind"]): void {
    const { threadId, path, thread } = agent;
    try {
      scope.completed({
        type: "subAgentActivity",
        id: this.#setup.newId(),
        kind,
        agentThreadId: threadId,
        agentPath: path,
        model: thread?.model ?? null,
        reasoningEffort: thread?.effort ?? null,
        state: stateOf(agent),
      });
    } catch {
      // The parent's log cannot be written: its own turn meets the same fault and says so.
    }
  }

  /** Puts a message before a working agent; otherwise it is kept for its next task. */
  async #tell(agent: Agent, message: string): Promise<"soon" | "with its next task"> {
    try {
      if (agent.task?.turn) {
        await agent.task.turn.steer([{ type: "text", text: message }]);
        return "soon";
      }
    } catch {
      // Its turn has ended meanwhile.
    }
    agent.messages.push(message);
    return agent.task === null ? "with its next task" : "soon";
  }

  /** Waits for a condition on agents that only their changes can make true. */
  async #until(
    isOver: () => boolean,
    timeoutMs: number | null,
    signal: AbortSignal,
  ): Promise<"over" | "steered" | "timedOut"> {
    const ending = () =>
      signal.aborted || isOver() ? "over" : this.#scope?.hasMessages() ? "steered" : null;
    const wait = () =>
      new Promise<"over" | "steered" | "timedOut">((resolve) => {
        const settle = (end: "over" | "steered" | "timedOut") => {
          clearTimeout(timer);
          this.#listeners.delete(look);
          signal.removeEventListener("abort", look);
          resolve(end);
        };
        const look = () => {
          const end = ending();
          if (end !== null) settle(end);
        };
        const timer = timeoutMs === null ? undefined : setTimeout(() => settle("timedOut"), timeoutMs);
        this.#listeners.add(look);
        signal.addEventListener("abort", look, { once: true });
        look();
      });
    const { place } = this.#setup;
    return ending() ?? (await (place === null ? wait() : place.without(wait, signal)));
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #read(agents: readonly Agent[]): Agent[] {
    const heard = agents.filter(({ unread }) => unread);
    for (const agent of heard) agent.unread = false;
    return heard;
  }

  #working(): Agent[] {
    return [...this.#agents.values()].filter(({ task }) => task !== null);
  }

  async #closeThread(agent: Agent, always: boolean): Promise<void> {
    const { thread } = agent;
    if (thread === null || (thread.log === null && !always)) return;
    agent.thread = null;
    if (thread.log === null) agent.status = "shutdown";
    try {
      await thread.close();
    } catch {
      // It is over either way; what is wrong with its log is said when it is opened again.
    }
  }

  /** Lets go of a thread whose turn does not end; waiting for it would hold everybody up. */
  #abandon(agent: Agent): void {
    const { thread } = agent;
    agent.thread = null;
    // It settles when the turn does, if ever; by then nobody is interested in what was wrong.
    void thread?.close().catch(() => undefined);
  }

  #find(target: string): Agent | null {
    const { path } = this.#setup;
    return (
      this.#agents.get(target) ??
      this.#agents.get(`${path}/${target}`) ??
      [...this.#agents.values()].find(({ threadId }) => threadId === target) ??
      null
    );
  }

  #unknown(target: string): AgentAnswer {
    const names = [...this.#agents.keys()].join(", ") || "none";
    return refusal(`there is no agent "${target.slice(0, 100)}". There are: ${names}.`, "agent_not_found");
  }
}

interface TaskEnd {
  status: "completed" | "interrupted" | "errored";
  message: string | null;
  error: ErrorInfo | null;
}

const INTERRUPTED: TaskEnd = { status: "interrupted", message: null, error: null };

const NOTES = {
  over: undefined,
  steered: "the user has said something",
  timedOut: "the time is up",
} as const;

function endOf(turn: Turn | null): TaskEnd {
  if (turn === null) {
    const message = "it did not end when it was told to; it is not waited for any more";
    return { status: "errored", message: null, error: { code: "tool_failed", message, retryable: false } };
  }
  const { finalText: message, error } = turn;
  if (turn.status === "completed") return { status: "completed", message: message ?? "", error: null };
  return { status: turn.status === "interrupted" ? "interrupted" : "errored", message, error };
}

function identityOf({ threadId, path, role }: Agent) {
  return { threadId, path, role };
}

function queueWord({ status }: Agent): string {
  return status === "pendingInit" ? "begins as soon as there is a place" : status;
}

function answer(agents: readonly Agent[], said: Readonly<Record<string, unknown>>): AgentAnswer {
  return { ok: true, text: JSON.stringify(said), agents: agents.map(standingOf) };
}

function refusal(
  message: string,
  code: "tool_bad_arguments" | "agent_limit" | "agent_not_found" = "tool_bad_arguments",
): AgentAnswer {
  return { ok: false, code, message, agents: [] };
}
