import { CodedError } from "@quire/protocol";
import {
  type RequestId,
  SERVER_REQUESTS,
  type ServerMethod,
  type ServerNotification,
  type ServerParams,
  type ServerResult,
  type ThreadStatus,
} from "@quire/protocol/app-server";
import type { ClientAnswer, Connection } from "../connection.ts";
import type { Audience } from "./audience.ts";

export type ActiveFlag = Extract<ThreadStatus, { type: "active" }>["activeFlags"][number];

export interface QuestionsOptions {
  audience: Audience;
  /** A pending question waits this long for a client when all have left. Milliseconds. */
  graceMs: number;
  nextRequestId: () => RequestId;
  /** What the thread waits for has changed. */
  onFlags: (flags: ActiveFlag[]) => void;
}

interface Pending {
  id: RequestId;
  method: ServerMethod;
  params: ServerParams<ServerMethod>;
  /** Clients that said they cannot answer. */
  refusedBy: Set<Connection>;
  /** True when the answer can be used. */
  accept: (result: unknown) => boolean;
  giveUp: () => void;
}

const FLAGS: Readonly<Record<ServerMethod, ActiveFlag | null>> = {
  "item/commandExecution/requestApproval": "waitingOnApproval",
  "item/fileChange/requestApproval": "waitingOnApproval",
  "item/tool/requestUserInput": "waitingOnUserInput",
  "item/tool/call": null,
  "mcpServer/elicitation/request": "waitingOnUserInput",
};

/**
 * The questions of one thread to its clients. Each goes to every client, also to one that comes later; the first answer
 * counts and settles it for all.
 */
export class Questions {
  /** Set when the thread has its id; nothing is asked before. */
  threadId = "";
  /** The turn that is running, for tools, which do not know it. */
  turnId = "";
  readonly #options: QuestionsOptions;
  readonly #pending = new Map<RequestId, Pending>();
  #graceTimer: NodeJS.Timeout | null = null;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the first usable answer, or with `nobody` when every client refuses or all have left for good. Rejects
   * when `signal` aborts.
   */
  async ask<M extends ServerMethod>(
    method: M,
    params: ServerParams<M>,
    options: { signal: AbortSignal; nobody: ServerResult<M> },
  ): Promise<ServerResult<M>> {
    // Events reach the clients by promises alone, so everything announced before this question is out after one round.
    await new Promise((resolve) => setImmediate(resolve));
    const { signal, nobody } = options;
    if (signal.aborted) throw interrupted();
    const id = this.#options.nextRequestId();
    return await new Promise<ServerResult<M>>((resolve, reject) => {
      const settle = () => {
        signal.removeEventListener("abort", abort);
        this.#settled(id);
      };
      const abort = () => {
        settle();
        reject(interrupted());
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#add({
        id,
        method,
        params,
        refusedBy: new Set(),
        accept: (result) => {
          const parsed = SERVER_REQUESTS[method].result.safeParse(result);
          if (!parsed.success) return false;
          settle();
          // The schema of this very method was used; the table's type does not carry that through the index.
          resolve(parsed.data as ServerResult<M>);
          return true;
        },
        giveUp: () => {
          settle();
          resolve(nobody);
        },
      });
    });
  }

  /** Whether the answer belonged to a question of this thread. */
  answered(id: RequestId, answer: ClientAnswer, from: Connection): boolean {
    const pending = this.#pending.get(id);
    if (!pending) return false;
    const usable = answer.kind === "result" && pending.accept(answer.result);
    if (!usable) {
      if (answer.kind === "result") {
        const message = `The answer to ${pending.method} could not be read and does not count.`;
        from.notify("warning", { threadId: this.threadId, message, code: "answer_invalid" });
      }
      pending.refusedBy.add(from);
      this.#giveUpIfNobodyIsLeft(pending);
    }
    return true;
  }

  /** Tells every client of the thread something that is no question. */
  tell(notification: ServerNotification): void {
    this.#options.audience.tell(notification);
  }

  joined(connection: Connection): void {
    this.#stopGrace();
    for (const { id, method, params } of this.#pending.values()) connection.ask(id, method, params);
  }

  left(): void {
    for (const pending of this.#pending.values()) this.#giveUpIfNobodyIsLeft(pending);
    this.#startGraceIfAlone();
  }

  close(): void {
    this.#stopGrace();
    for (const pending of [...this.#pending.values()]) pending.giveUp();
  }

  #add(pending: Pending): void {
    this.#pending.set(pending.id, pending);
    this.#tellFlags();
    for (const member of this.#options.audience.members)
      member.ask(pending.id, pending.method, pending.params);
    this.#startGraceIfAlone();
  }

  #settled(id: RequestId): void {
    if (!this.#pending.delete(id)) return;
    const { threadId } = this;
    this.#options.audience.tell({ method: "serverRequest/resolved", params: { threadId, requestId: id } });
    this.#tellFlags();
  }

  #tellFlags(): void {
    const flags = [...this.#pending.values()].flatMap(({ method }) => FLAGS[method] ?? []);
    this.#options.onFlags([...new Set(flags)]);
  }

  #giveUpIfNobodyIsLeft(pending: Pending): void {
    const members = [...this.#options.audience.members];
    if (members.length > 0 && members.every((member) => pending.refusedBy.has(member))) pending.giveUp();
  }

  #startGraceIfAlone(): void {
    if (this.#graceTimer !== null || this.#pending.size === 0 || this.#options.audience.size > 0) return;
    this.#graceTimer = setTimeout(() => {
      this.#graceTimer = null;
      for (const pending of [...this.#pending.values()]) pending.giveUp();
    }, this.#options.graceMs);
  }

  #stopGrace(): void {
    if (this.#graceTimer !== null) clearTimeout(this.#graceTimer);
    this.#graceTimer = null;
  }
}

function interrupted(): CodedError {
  return new CodedError("interrupted", "the turn was interrupted while a question was open");
}
