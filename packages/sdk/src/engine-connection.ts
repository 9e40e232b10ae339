import { type Client, createClient } from "@quire/client";
import { type ChildChannel, childChannel } from "@quire/client/node";
import type { Cost } from "@quire/protocol";
import type { ServerNotification } from "@quire/protocol/app-server";
import { answerCommand, answerFileChange } from "./approvals.ts";
import { QuireError } from "./errors.ts";
import type { QuireOptions, ThreadOptions } from "./options.ts";
import { callTool } from "./tools.ts";

const VERSION = "0.1.0";

/** What a thread wants to know and can answer. */
export interface ThreadParticipant {
  options: ThreadOptions;
  notified: (notification: ServerNotification) => void;
}

interface OpenEngine {
  client: Client;
  channel: ChildChannel;
}

/** The use of the engine by one run. */
export interface EngineLease {
  readonly client: Client;
  /** May be called twice. */
  release(): void;
}

/**
 * The engine's process, started with the first run and shared by all threads of one `Quire`. While nothing runs it does
 * not keep this program alive.
 */
export class EngineConnection {
  readonly #options: QuireOptions;
  readonly #participants = new Map<string, ThreadParticipant>();
  readonly #costs = new Map<string, Cost | null>();
  #engine: Promise<OpenEngine> | null = null;
  #leases = 0;

  constructor(options: QuireOptions) {
    this.#options = options;
  }

  /** Starts the engine if need be; until the release this program stays alive. */
  async lease(): Promise<EngineLease> {
    const { client, channel } = await this.#open();
    this.#leases += 1;
    channel.ref();
    let released = false;
    return {
      client,
      release: () => {
        if (released) return;
        released = true;
        this.#leases -= 1;
        if (this.#leases === 0) channel.unref();
      },
    };
  }

  join(threadId: string, participant: ThreadParticipant): void {
    this.#participants.set(threadId, participant);
  }

  /** Whether the engine that runs now has the thread open for this participant. */
  has(threadId: string, participant: ThreadParticipant): boolean {
    return this.#participants.get(threadId) === participant;
  }

  /** What a thread has cost as far as this connection has heard. */
  costOf(threadId: string): Cost | null {
    return this.#costs.get(threadId) ?? null;
  }

  /** Ends the engine. The next run starts a new one. */
  async close(): Promise<void> {
    const engine = await this.#engine?.catch(() => null);
    this.#engine = null;
    this.#participants.clear();
    engine?.client.close();
    engine?.channel.unref();
  }

  #open(): Promise<OpenEngine> {
    if (this.#engine) return this.#engine;
    const engine = this.#start();
    this.#engine = engine;
    const forget = () => {
      if (this.#engine !== engine) return;
      this.#engine = null;
      this.#participants.clear();
    };
    void engine.then(({ client }) => client.closed).then(forget, forget);
    return engine;
  }

  async #start(): Promise<OpenEngine> {
    const { quirePathOverride, apiKey, env = process.env } = this.#options;
    const channel = childChannel({
      command: quirePathOverride ?? "quire",
      args: ["app-server"],
      env: { ...env, ...(apiKey === undefined ? {} : { CODEX_API_KEY: apiKey }) },
    });
    const client = createClient(channel);
    client.onNotification((notification) => this.#notified(notification));
    this.#answerQuestions(client);
    try {
      await client.initialize({
        clientInfo: { name: "quire_sdk_ts", title: "Quire SDK", version: VERSION },
        capabilities: { quireItems: true },
      });
    } catch (thrown) {
      throw new QuireError("engine_unavailable", await startFailure(client, thrown), {
        nextStep: "Install Quire so that `quire` is on the PATH, or set quirePathOverride.",
        cause: thrown,
      });
    }
    return { client, channel };
  }

  #notified(notification: ServerNotification): void {
    const { params } = notification;
    if (!("threadId" in params) || typeof params.threadId !== "string") return;
    // The cost of a thread is with that of its agents, which have no entry of their own.
    if (notification.method === "thread/tokenUsage/updated" && this.#participants.has(params.threadId)) {
      this.#costs.set(params.threadId, notification.params.tokenUsage.totalCost ?? null);
    }
    this.#participants.get(params.threadId)?.notified(notification);
  }

  #answerQuestions(client: Client): void {
    const optionsOf = (threadId: string) => this.#participants.get(threadId)?.options ?? {};
    // An agent's questions are for whoever has the thread that it works for.
    const optionsFor = (params: { threadId: string; agent?: { sessionId: string } | undefined }) =>
      optionsOf(params.agent?.sessionId ?? params.threadId);
    client.onRequest("item/commandExecution/requestApproval", (params) => {
      const { onApproval } = optionsFor(params);
      return onApproval ? answerCommand(params, onApproval) : { decision: "decline" };
    });
    client.onRequest("item/fileChange/requestApproval", (params) => {
      const { onApproval } = optionsFor(params);
      return onApproval ? answerFileChange(params, onApproval) : { decision: "decline" };
    });
    client.onRequest("item/tool/call", (params) => callTool(optionsOf(params.threadId).tools ?? [], params));
  }
}

async function startFailure(client: Client, thrown: unknown): Promise<string> {
  const reason = await client.closed;
  return `the engine did not start: ${reason ?? (thrown instanceof Error ? thrown.message : String(thrown))}`;
}
