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
import { answer, refusal, unknownAgent } from "./agent-answer.ts";
import type { AgentFamily } from "./agent-family.ts";
import type { AgentPlace } from "./agent-places.ts";
import { reportText, resultOf, resultsText, standingOf, stateOf } from "./agent-report.ts";
import { earlierAgent, newAgent, wasCutOff } from "./agents-at-hand.ts";
import { DeskMail } from "./desk-mail.ts";
import { DeskWaits } from "./desk-waits.ts";
import { inheritedHistory } from "./inherited-history.ts";
import { type Mailbox, mailText } from "./mailbox.ts";
import { showActivity } from "./show-activity.ts";

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
  readonly #waits: DeskWaits;
  readonly #mail: DeskMail;
  /** Agents of which the log is still to be told that nobody knows how far they came. */
  readonly #cutOff: Agent[] = [];
  #scope: AgentScope | null = null;

  constructor(setup: AgentDeskSetup) {
    this.#setup = setup;
    const { family, place, known = [] } = setup;
    const onMail = () => this.#waits.changed();
    this.#mail = new DeskMail({ ...setup, scope: () => this.#scope, onMail });
    this.#waits = new DeskWaits({ family, place, hasMessages: () => this.#scope?.hasMessages() ?? false });
    for (const one of known) {
      family.admit();
      const agent = this.#add(one, (box) => earlierAgent(one, box));
      if (wasCutOff(one)) this.#cutOff.push(agent);
    }
  }

  get threadId(): string {
    return this.#setup.threadId;
  }

  enter(scope: AgentScope): void {
    this.#scope = scope;
    this.#mail.begin();
    for (const agent of this.#cutOff.splice(0)) this.#show(agent, scope, "interrupted");
  }

  steered(): void {
    this.#waits.changed();
  }

  async atStop(signal: AbortSignal): Promise<string[] | null> {
    const all = [...this.#agents.values()];
    const { box } = this.#mail;
    if (box.isEmpty && !all.some(({ unread, task }) => unread || task !== null)) {
      box.close();
      return null;
    }
    await this.#waits.until(() => !box.isEmpty || all.some(({ unread }) => unread), null, signal);
    const heard = this.#read(all);
    const mail = this.#mail.hear();
    return [
      ...(heard.length === 0 ? [] : [resultsText(heard, this.#working())]),
      ...(mail.length === 0 ? [] : [mailText(mail)]),
    ];
  }

  takeMail(): string | null {
    this.#mail.open();
    const mail = this.#mail.hear();
    return mail.length === 0 ? null : mailText(mail);
  }

  async leave(): Promise<void> {
    this.#mail.box.close();
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

  spawn({ taskName, message, role, model, effort, forkTurns }: SpawnOrder): AgentAnswer {
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
    const identity = { threadId: newId(), path, role: kind };
    const agent = this.#add(identity, (box) => newAgent(identity, { model, effort }, box));
    agent.inherited = inheritedHistory(this.#scope.history(), forkTurns, own);
    const knows = agent.inherited.length === 0 ? {} : { inherited_items: agent.inherited.length - 1 };
    this.#begin(agent, message, this.#scope);
    return answer([agent], { agent: path, status: queueWord(agent), ...knows });
  }

  async send(target: string, message: string): Promise<AgentAnswer> {
    return this.#mail.send(target, message);
  }

  async followUp(target: string, message: string): Promise<AgentAnswer> {
    const agent = this.#find(target);
    if (agent === null) return this.#unknown(target);
    // Somebody else may have given it a task by the time that it has ended.
    while (agent.task !== null) {
      // One that is about to end looks at no message any more; what it is to do then is a task.
      if (agent.task.turn === null || agent.box.isOpen) return this.send(agent.path, message);
      await agent.task.done;
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
    const { box } = this.#mail;
    const isTold = () => !box.isEmpty || chosen.some(({ unread }) => unread);
    const isOver = () => isTold() || (chosen.every(({ task }) => task === null) && !this.#mayBeTold());
    const ended = await this.#waits.until(isOver, timeoutMs, signal);
    const heard = this.#read(chosen);
    const mail = this.#mail.hear();
    const isAlone = ended === "over" && heard.length + mail.length === 0;
    const note = isAlone ? "nobody works who could tell you anything" : NOTES[ended];
    const text = reportText(heard, this.#working(), { note, mail });
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

  list(prefix: string | null): AgentAnswer {
    const { family, path: own } = this.#setup;
    const isMeant = ({ path }: { path: string }) =>
      prefix === null || path === prefix || path.startsWith(`${prefix}/`);
    const agents = [...this.#agents.values()].filter(isMeant);
    const others = family.members.filter(
      (member) => isMeant(member) && member.path !== own && !this.#agents.has(member.path),
    );
    const rows = agents.map(({ path, role, status, unread, usage }) => ({
      agent: path,
      agent_type: role,
      status,
      ...(unread ? { has_result: true } : {}),
      ...(usage === null ? {} : { tokens: usage.input_tokens + usage.output_tokens }),
    }));
    const rest = others.map(({ path, state }) => ({ agent: path, status: state().status }));
    return answer(agents, { you: own, agents: rows, ...(rest.length === 0 ? {} : { others: rest }) });
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
    const place = await this.#setup.family.places.enter(signal);
    let end: TaskEnd = INTERRUPTED;
    try {
      if (place !== null) end = await this.#workInPlace(agent, message, scope, { signal, place });
    } catch (thrown) {
      end = { status: "errored", message: null, error: errorInfoOf(thrown) };
    }
    agent.status = end.status;
    agent.message = end.message;
    agent.error = end.error;
    agent.task = null;
    agent.unread = true;
    this.#show(agent, scope, end.status === "interrupted" ? "interrupted" : "completed");
    this.#waits.changed();
    // Only now: whoever waits for a message must not think that nobody works while the result is not heard yet.
    place?.leave();
  }

  async #workInPlace(
    agent: Agent,
    message: string,
    scope: AgentScope,
    { signal, place }: { signal: AbortSignal; place: AgentPlace },
  ): Promise<TaskEnd> {
    agent.status = "running";
    const onSpent = (spent: AgentSpending) => this.#spend(agent, scope, spent);
    const { inherited, hasThread } = agent;
    agent.thread ??= await this.#setup.threads.open(
      { ...identityOf(agent), ...agent.asked, isNew: !hasThread, inherited, place, onSpent },
      signal,
    );
    agent.hasThread = true;
    agent.inherited = [];
    if (signal.aborted) return INTERRUPTED;
    this.#show(agent, scope, "started");
    const turn = await agent.thread.startTurn(message, scope.outer);
    if (agent.task !== null) agent.task.turn = turn;
    const ended = await this.#ended(turn, signal);
    if (ended === null) this.#abandon(agent);
    return endOf(ended);
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
    showActivity(scope, {
      id: this.#setup.newId(),
      kind,
      agentThreadId: threadId,
      agentPath: path,
      model: thread?.model ?? null,
      reasoningEffort: thread?.effort ?? null,
      state: stateOf(agent),
    });
  }

  #add({ threadId, path }: { threadId: string; path: string }, make: (box: Mailbox) => Agent): Agent {
    const { box } = this.#setup.family.join({ threadId, path, state: () => stateOf(agent) });
    const agent = make(box);
    this.#agents.set(path, agent);
    return agent;
  }

  /** Whether somebody works who could still tell an agent something. The user's own thread waits for its agents alone. */
  #mayBeTold(): boolean {
    const { place, family } = this.#setup;
    return place !== null && !family.isStill;
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
    const { family, path } = this.#setup;
    const found = family.find(target, path);
    return found === null ? null : (this.#agents.get(found.path) ?? null);
  }

  #unknown(target: string): AgentAnswer {
    return unknownAgent(target, [...this.#agents.values()]);
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
