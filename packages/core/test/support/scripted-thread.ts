import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ModelClient, ModelEvent, ModelRequest } from "@quire/models";
import {
  NO_USAGE,
  type PlanStep,
  type ResponseItem,
  type ThreadEvent,
  type ThreadItem,
  type Turn,
} from "@quire/protocol";
import type { Tool } from "@quire/tools";
import type { Compactor } from "../../src/compaction/compactor.ts";
import { createRedactor } from "../../src/redaction/redactor.ts";
import { nodeRolloutFs, type RolloutFs } from "../../src/rollout/rollout-fs.ts";
import { findThread } from "../../src/rollout/rollout-store.ts";
import { createThread } from "../../src/thread/create-thread.ts";
import { resumeLog, startLog, type ThreadLogDeps } from "../../src/thread/open-thread.ts";
import type { Thread, ThreadParts, ThreadSettings } from "../../src/thread/thread.ts";

/** What the model answers to a request: items, and the tokens it counted for the input. */
export type Script = (request: ModelRequest) => { items: ResponseItem[]; inputTokens?: number };

/** A thread with a real log, a model that is a function, and a tool that runs nothing. */
export interface ScriptedThread extends AsyncDisposable {
  readonly thread: Thread;
  readonly settings: ThreadSettings;
  readonly requests: ModelRequest[];
  readonly events: ThreadEvent[];
  /** Everything the tool was called with, in order. */
  readonly worked: string[];
  /** Starts a turn and waits for its end. */
  turn(text: string): Promise<Turn>;
  /** Closes the thread and opens it again from its log. */
  reopen(): Promise<void>;
}

export interface ScriptedThreadOptions {
  script: Script;
  compaction?: Partial<ThreadSettings["compaction"]>;
  projectDocs?: string;
  rolloutFs?: RolloutFs;
  compactors?: readonly Compactor[];
  /** The output of a call of the tool. */
  output?: (input: string) => string;
  /** Keeps requests; off where there are thousands. */
  keepRequests?: boolean;
}

export async function scriptedThread(options: ScriptedThreadOptions): Promise<ScriptedThread> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), "quire-scripted-"));
  const requests: ModelRequest[] = [];
  const events: ThreadEvent[] = [];
  const worked: string[] = [];
  let ids = 0;
  const deps = logDeps(home, options.rolloutFs ?? nodeRolloutFs);
  const settings = settingsFor(home, options);
  const client: ModelClient = {
    provider: "scripted",
    async *stream(request) {
      if (options.keepRequests !== false) requests.push({ ...request, input: [...request.input] });
      yield* answer(options.script(request));
    },
    close: () => undefined,
  };
  const parts: ThreadParts = {
    client,
    tools: [workTool(worked, options.output ?? (() => "done")), planTool()],
    closeTools: async () => undefined,
    priceOf: () => ({ kind: "unknown", reason: "scripted" }),
    approver: null,
    compactors: options.compactors ?? [],
    policy: { memory: { rules: () => [], isRemembered: () => false } } as unknown as ThreadParts["policy"],
    redactor: createRedactor({ values: [] }),
    loadImage: async () => "",
    now: () => 1_700_000_000_000 + ids,
    monotonicMs: () => performance.now(),
    newId: () => `id-${String(ids++).padStart(6, "0")}`,
  };
  const meta = {
    cwd: home,
    originator: "test",
    cli_version: "0",
    source: "test",
    model_provider: "scripted",
    base_instructions: { text: settings.instructions },
  };
  let thread = createThread(await startLog(ID, meta, { ephemeral: false }, deps), parts);
  follow(thread, events);
  return {
    get thread() {
      return thread;
    },
    settings,
    requests,
    events,
    worked,
    turn: async (text) => (await thread.startTurn([{ type: "text", text }], { settings })).done,
    async reopen() {
      await thread.close();
      thread = createThread(await resumeLog(findThread(home, ID), deps), parts);
      follow(thread, events);
    },
    async [Symbol.asyncDispose]() {
      await thread.close();
      fs.rmSync(home, { recursive: true, force: true });
    },
  };
}

const ID = "0198a000-0000-7000-8000-000000000001";

function follow(thread: Thread, events: ThreadEvent[]): void {
  const reader = thread.subscribe({ capacity: 1_000_000 });
  void (async () => {
    for await (const event of reader) if (event.method === "item/completed") events.push(event);
  })();
}

function logDeps(home: string, rolloutFs: RolloutFs): ThreadLogDeps {
  return {
    home,
    rolloutFs,
    now: () => 1_700_000_000_000,
    lock: {
      self: { pid: process.pid, startTime: "", host: "h" },
      isAlive: () => false,
      random: Math.random,
      sleep: async () => undefined,
    },
  };
}

function settingsFor(cwd: string, options: ScriptedThreadOptions): ThreadSettings {
  return {
    cwd,
    model: "scripted",
    effort: null,
    reasoningSummary: "none",
    verbosity: null,
    sandboxMode: "workspace-write",
    approvalPolicy: "never",
    instructions: "Work.",
    surroundings: {
      cwd,
      workspaceRoots: [cwd],
      shell: "/bin/bash",
      date: "2026-01-02",
      timezone: "UTC",
      sandboxMode: "workspace-write",
      approvalPolicy: "never",
      network: "off",
      projectDocs: options.projectDocs ?? null,
      developerInstructions: null,
    },
    contextWindow: null,
    maxOutputTokens: null,
    parallelToolCalls: true,
    compaction: { limit: null, compactor: "extract", prompt: null, timeLimitMs: 5000, ...options.compaction },
  };
}

async function* answer(reply: ReturnType<Script>): AsyncIterable<ModelEvent> {
  for (const item of reply.items) yield { type: "item_done", item };
  const usage = reply.inputTokens === undefined ? null : { ...NO_USAGE, input_tokens: reply.inputTokens };
  yield { type: "completed", completion: { responseId: null, usage, model: null } };
}

function workTool(worked: string[], output: (input: string) => string): Tool {
  return {
    spec: { kind: "function", name: "work", description: "Works.", parameters: { type: "object" } },
    parallel: false,
    prepare({ callId, input }) {
      const item: ThreadItem = {
        type: "commandExecution",
        id: callId,
        command: `work ${input}`,
        argv: [],
        cwd: "/",
        processId: null,
        source: "agent",
        status: "inProgress",
        aggregatedOutput: null,
        outputBytes: 0,
        exitCode: null,
        durationMs: null,
        error: null,
      };
      return {
        kind: "ready",
        effects: [],
        item,
        run: async () => {
          worked.push(input);
          const text = output(input);
          const ended = { ...item, status: "completed", exitCode: 0, aggregatedOutput: text } as const;
          return { item: ended, output: text, success: true };
        },
      };
    },
  };
}

/** Takes `{"plan": [{step, status}]}` with the statuses of the log. */
function planTool(): Tool {
  return {
    spec: { kind: "function", name: "plan", description: "Plans.", parameters: { type: "object" } },
    parallel: false,
    prepare({ callId, input }) {
      const { plan } = JSON.parse(input) as { plan: PlanStep[] };
      const item: ThreadItem = { type: "todoList", id: callId, explanation: null, steps: plan };
      return { kind: "ready", effects: [], item, run: async () => ({ item, output: "ok", success: true }) };
    },
  };
}
