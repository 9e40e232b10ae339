import type { HookDefinition } from "./hook-config.ts";
import type { HookEvent } from "./hook-event.ts";
import { type HookRun, type HookVerdict, joinVerdicts, NO_VERDICT, readHookRun } from "./hook-output.ts";
import type { HookReport } from "./hook-run-summary.ts";

/** Runs one hook with the text on its stdin. Never rejects; ends the hook at its time limit, or when `signal` aborts. */
export type RunHook = (hook: HookDefinition, stdin: string, signal: AbortSignal) => Promise<HookRun>;

export interface HookDeskSetup {
  /** Those that hold now. */
  readonly hooks: () => readonly HookDefinition[];
  readonly run: RunHook;
  readonly sessionId: string;
  readonly transcriptPath: string | null;
  readonly source: "startup" | "resume";
  readonly now: () => number;
  /** Where the thread is an agent's: hooks are told so, and of its beginning and end in place of the session's. */
  readonly agent?: HookedAgent;
}

/** An agent as hooks know it. */
export interface HookedAgent {
  /** Its thread. `sessionId` is then that of the thread that the tree began with. */
  readonly id: string;
  readonly type: string;
  /** The log of the thread that it works for. */
  readonly parentTranscriptPath: string | null;
}

/** What every hook is told of the turn. */
export interface HookFacts {
  readonly turn_id: string | null;
  readonly cwd: string;
  readonly model: string;
  readonly permission_mode: string;
}

/** Runs the hooks of one thread. */
export class HookDesk {
  readonly #setup: HookDeskSetup;
  #last: HookFacts | null = null;

  constructor(setup: HookDeskSetup) {
    this.#setup = setup;
  }

  get agent(): HookedAgent | null {
    return this.#setup.agent ?? null;
  }

  /** The log of the thread. */
  get transcriptPath(): string | null {
    return this.#setup.transcriptPath;
  }

  /** Where the thread came from, once: at its first turn in this process; null afterwards. */
  begin(facts: HookFacts): "startup" | "resume" | null {
    const first = this.#last === null;
    this.#last = facts;
    return first ? this.#setup.source : null;
  }

  /** Whether any hook is there for the event. */
  has(event: HookEvent): boolean {
    return this.#setup.hooks().some((hook) => hook.event === event);
  }

  /**
   * Runs what matches, all beside each other. `subject` is what matchers look at; `fields` are those of the event; `onRun` is
   * told of each that begins and ends.
   */
  async fire(
    event: HookEvent,
    subject: string,
    facts: HookFacts,
    fields: Readonly<Record<string, unknown>>,
    signal: AbortSignal,
    onRun?: (report: HookReport) => void,
  ): Promise<HookVerdict> {
    const wanted = this.#setup
      .hooks()
      .map((hook, order) => ({ hook, order }))
      .filter(({ hook }) => hook.event === event && hook.matches(subject));
    if (wanted.length === 0) return NO_VERDICT;
    const { turn_id, cwd, model, permission_mode } = facts;
    const { agent } = this.#setup;
    const stdin = JSON.stringify({
      session_id: this.#setup.sessionId,
      ...(turn_id === null ? {} : { turn_id }),
      transcript_path: this.#setup.transcriptPath,
      cwd,
      hook_event_name: event,
      model,
      permission_mode,
      ...(agent === undefined ? {} : { agent_id: agent.id, agent_type: agent.type }),
      ...fields,
    });
    const callId = typeof fields.tool_use_id === "string" ? fields.tool_use_id : null;
    const runs = wanted.map(async ({ hook, order }) => {
      const begun = { hook, order, callId, startedAtMs: this.#setup.now() };
      onRun?.({ ...begun, ended: null });
      const verdict = readHookRun(hook, await this.#setup.run(hook, `${stdin}\n`, signal));
      onRun?.({ ...begun, ended: { atMs: this.#setup.now(), verdict } });
      return verdict;
    });
    return joinVerdicts(await Promise.all(runs));
  }

  /** Tells SessionEnd hooks that the thread is closed, if it ever worked. What they say is too late to matter. */
  async end(): Promise<void> {
    const facts = this.#last;
    this.#last = null;
    if (facts === null || this.#setup.agent !== undefined) return;
    const { signal } = new AbortController();
    await this.fire("SessionEnd", "other", { ...facts, turn_id: null }, { reason: "other" }, signal);
  }
}
