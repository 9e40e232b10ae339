import type { ErrorInfo, ResponseItem } from "@quire/protocol";
import { ApiError, apiErrorOf, invalidValue } from "../http/api-error.ts";
import type { ResponseRecord } from "../store/response-record.ts";
import type { ResponseStore } from "../store/response-store.ts";
import type { ModelRouter, ResolvedUpstream } from "../upstream/model-router.ts";
import type { OnUsage } from "../upstream/usage-record.ts";
import type { CreateRequest } from "./create-request.ts";
import { EventLog, type LoggedEvent } from "./event-log.ts";
import type { HostedTool } from "./hosted-tool.ts";
import { type ReadFile, readInput } from "./input-items.ts";
import { refuseUnsupported, toModelRequest } from "./model-request.ts";
import { isTerminal, newResponse, type ResponseObject } from "./response-object.ts";
import { ResponseWriter } from "./response-writer.ts";
import { type RunOutcome, runResponse } from "./run-response.ts";

/** Most that the events of one response may take in memory. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;
/** Responses that one chain may go back over. */
const MAX_CHAIN = 1_000;
/** Responses that run in the background at one time. */
const MAX_BACKGROUND = 32;

/** What serves the tools and files of one response. */
export interface Hosting {
  tools: readonly HostedTool[];
  readFile: ReadFile;
}

export interface ResponseServiceDeps {
  router: ModelRouter;
  store: ResponseStore;
  nowMs: () => number;
  /** Letters and digits that nobody can guess. */
  randomName: () => string;
  /** Tools of the request that the gateway runs; fails for what it cannot serve. */
  openHosting: (request: CreateRequest) => Promise<Hosting>;
  onUsage: OnUsage;
  note: (text: string) => void;
}

/** A response of this process that is not finished, or was a moment ago. */
export interface LiveResponse {
  readonly response: ResponseObject;
  readonly log: EventLog | null;
  /** Resolves when the model gave its first sign; rejects with what the client is to see when it failed before. */
  readonly firstSign: Promise<void>;
  /** Resolves when it has ended and is stored; with the error, if it failed. */
  readonly done: Promise<ApiError | null>;
  cancel(): void;
}

/** Makes responses and keeps them. */
export class ResponseService {
  readonly #deps: ResponseServiceDeps;
  readonly #live = new Map<string, LiveResponse>();
  #stopping = false;

  constructor(deps: ResponseServiceDeps) {
    this.#deps = deps;
  }

  /**
   * Begins a response. One in the foreground ends when `signal` aborts; one in the background goes on. Fails with the
   * error that the client is to see when the request cannot be served.
   */
  async create(request: CreateRequest, signal: AbortSignal): Promise<LiveResponse> {
    const { router, store, nowMs, randomName } = this.#deps;
    const background = request.background ?? false;
    if (background && this.#backgroundCount() >= MAX_BACKGROUND) {
      throw new ApiError(429, "Too many background responses are running.", {
        type: "rate_limit_error",
        code: "rate_limit_exceeded",
        retryAfter: 5,
      });
    }
    const upstream = await router.resolve(request.model, "responses");
    refuseUnsupported(request, upstream.upstream);
    const before = this.#chain(request.previous_response_id ?? null);
    const id = `resp_${randomName()}`;
    const hosting = await this.#deps.openHosting(request);
    try {
      const input = await readInput(request.input, {
        mintId: (prefix) => `${prefix}_${randomName()}`,
        readFile: hosting.readFile,
        takesImages: upstream.upstream.features.has("images"),
      });
      if (input.context.length === 0 && before.length === 0) {
        throw new ApiError(400, "Missing required parameter: 'input'.", {
          param: "input",
          code: "missing_required_parameter",
        });
      }
      const modelRequest = toModelRequest(request, {
        upstream,
        input: [...before, ...input.context],
        hosted: hosting.tools,
        id,
      });
      const response = newResponse(request, {
        id,
        model: upstream.model,
        createdAt: Math.floor(nowMs() / 1000),
        store: request.store ?? true,
      });
      const streamed = request.stream ?? false;
      const record: ResponseRecord = {
        version: 1,
        response,
        input: input.listed,
        context: input.context,
        produced: [],
        hasEvents: background && streamed,
      };
      if (background) {
        store.save(record);
        store.markRunning(id);
      }
      return this.#start({ request, upstream, modelRequest, record, hosting, streamed, background }, signal);
    } catch (error) {
      await closeAll(hosting.tools);
      throw error;
    }
  }

  live(id: string): LiveResponse | undefined {
    return this.#live.get(id);
  }

  /** The response as it is now, or null. */
  load(id: string): ResponseRecord | null {
    return this.#deps.store.load(id);
  }

  /** The stored events of a response that is not running here. */
  storedEvents(id: string): LoggedEvent[] {
    return this.#deps.store.events(id).map((json, sequence) => ({ sequence, type: typeOf(json), json }));
  }

  delete(id: string): boolean {
    return this.#deps.store.delete(id);
  }

  /** What a process that is gone was running is now known to have failed; says how many these were. */
  settleOrphans(): number {
    const { store } = this.#deps;
    const orphans = store.orphans();
    for (const id of orphans) {
      const record = store.load(id);
      if (record !== null && !isTerminal(record.response.status)) this.#settle(record);
      store.unmarkRunning(id);
    }
    return orphans.length;
  }

  #settle(record: ResponseRecord): void {
    const { store } = this.#deps;
    const { response } = record;
    const events = record.hasEvents ? store.events(response.id) : [];
    const error = {
      code: "server_error",
      message: "The gateway ended before this response did; what was not written down by then is lost.",
    };
    const settled: ResponseObject = { ...response, status: "failed", error };
    for (const item of settled.output) if (item.status === "in_progress") item.status = "incomplete";
    if (record.hasEvents) {
      store.cutTornEvent(response.id);
      const event = { type: "response.failed", sequence_number: events.length, response: settled };
      store.appendEvent(response.id, JSON.stringify(event));
    }
    store.save({ ...record, response: settled });
  }

  /** Ends everything that runs; what ran in the background is stored as failed, with the reason. */
  async close(): Promise<void> {
    this.#stopping = true;
    const live = [...this.#live.values()];
    for (const each of live) each.cancel();
    await Promise.all(live.map((each) => each.done));
  }

  #backgroundCount(): number {
    let count = 0;
    for (const live of this.#live.values()) if (live.response.background) count += 1;
    return count;
  }

  /** Everything that was said up to and including a response. */
  #chain(id: string | null): ResponseItem[] {
    const turns: ResponseItem[][] = [];
    for (let next = id; next !== null; ) {
      const record = turns.length < MAX_CHAIN ? this.#deps.store.load(next) : null;
      if (record === null) {
        throw new ApiError(400, `The previous response '${next}' was not found.`, {
          param: "previous_response_id",
          code: "previous_response_not_found",
        });
      }
      if (!isTerminal(record.response.status)) {
        throw invalidValue("previous_response_id", `The response '${next}' is not finished.`);
      }
      turns.unshift([...record.context, ...record.produced]);
      next = record.response.previous_response_id;
    }
    return turns.flat();
  }

  #start(start: Start, clientSignal: AbortSignal): LiveResponse {
    const { request, upstream, record, background, streamed } = start;
    const { onUsage } = this.#deps;
    const { response } = record;
    const cancel = new AbortController();
    const signal = background ? cancel.signal : AbortSignal.any([cancel.signal, clientSignal]);
    const log = streamed ? new EventLog(MAX_EVENT_BYTES) : null;
    const tools = request.tools ?? [];
    const writer = new ResponseWriter(response, {
      log,
      mintId: (prefix) => `${prefix}_${this.#deps.randomName()}`,
      customTools: new Set(tools.flatMap((tool) => (tool.type === "custom" ? [tool.name] : []))),
      hostedTools: new Set(start.hosting.tools.map((tool) => tool.spec.name)),
      includeEncrypted: request.include?.includes("reasoning.encrypted_content") ?? false,
      onEvent: record.hasEvents ? this.#eventKeeper(response.id) : () => {},
    });
    let firstSign = () => {};
    let noSign = (_error: ApiError) => {};
    const sign = new Promise<void>((resolve, reject) => {
      firstSign = resolve;
      noSign = reject;
    });
    // Background responses have no one waiting for the first sign.
    sign.catch(() => {});
    writer.created();
    const run = async (): Promise<ApiError | null> => {
      try {
        writer.inProgress();
        const outcome = await runResponse(
          {
            upstream,
            request: start.modelRequest,
            hosted: start.hosting.tools,
            maxToolCalls: request.max_tool_calls ?? Number.POSITIVE_INFINITY,
            writer,
            streamed,
            retries: background,
            onFirstSign: firstSign,
            onUsage: (usage, how) =>
              onUsage({
                purpose: "gateway",
                door: "responses",
                provider: upstream.upstream.id,
                model: upstream.model,
                entry: upstream.entry,
                usage,
                outcome: how,
                responseId: response.id,
                metadata: response.metadata,
              }),
          },
          signal,
        );
        return this.#end(start, writer, outcome, signal.aborted);
      } catch (thrown) {
        const said = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        this.#deps.note(`the response ${response.id} failed: ${said}`);
        const error: ErrorInfo = { code: "internal", message: "The gateway failed.", retryable: false };
        return this.#end(start, writer, { kind: "failed", usage: null, error }, false);
      }
    };
    const done = run().then(async (error) => {
      if (error === null) firstSign();
      else noSign(error);
      await closeAll(start.hosting.tools);
      this.#live.delete(response.id);
      return error;
    });
    const live: LiveResponse = { response, log, firstSign: sign, done, cancel: () => cancel.abort() };
    this.#live.set(response.id, live);
    return live;
  }

  /** Keeps events on disk until that fails once: what came after a gap could not be numbered. */
  #eventKeeper(id: string): (json: string) => void {
    let failed = false;
    return (json) => {
      if (failed) return;
      try {
        this.#deps.store.appendEvent(id, json);
      } catch (thrown) {
        failed = true;
        this.#deps.note(`the events of ${id} could not be stored: ${String(thrown)}`);
      }
    };
  }

  #end(start: Start, writer: ResponseWriter, outcome: RunOutcome, aborted: boolean): ApiError | null {
    const nowMs = this.#deps.nowMs();
    const { usage } = outcome;
    const facts = { at: Math.floor(nowMs / 1000), usage, store: () => this.#store(start, writer) };
    if (outcome.kind === "completed") {
      if (outcome.model !== null) writer.response.model = outcome.model;
      writer.end("completed", facts);
      return null;
    }
    if (outcome.kind === "incomplete") {
      writer.end("incomplete", { ...facts, reason: outcome.reason });
      return null;
    }
    if (aborted && !this.#stopping) {
      writer.end("cancelled", facts);
      return new ApiError(499, "The response was cancelled.", { code: "cancelled" });
    }
    const error = this.#stopping
      ? new ApiError(503, "The gateway was stopped before this response was finished.")
      : apiErrorOf(outcome.error, nowMs);
    writer.end("failed", { ...facts, error: { code: responseErrorCode(error), message: error.message } });
    return error;
  }

  /** A response that cannot be stored is still answered, and says that it is not stored. */
  #store({ record, background }: Start, writer: ResponseWriter): void {
    const { store, note } = this.#deps;
    if (!record.response.store) return;
    try {
      store.save({ ...record, produced: writer.produced });
    } catch (thrown) {
      record.response.store = false;
      note(`the response ${record.response.id} could not be stored: ${String(thrown)}`);
    }
    if (background) store.unmarkRunning(record.response.id);
  }
}

interface Start {
  request: CreateRequest;
  upstream: ResolvedUpstream;
  modelRequest: ReturnType<typeof toModelRequest>;
  record: ResponseRecord;
  hosting: Hosting;
  streamed: boolean;
  background: boolean;
}

/** The codes that OpenAI documents for `response.error`. */
function responseErrorCode(error: ApiError): string {
  if (error.status === 429) return "rate_limit_exceeded";
  return error.status < 500 ? "invalid_prompt" : "server_error";
}

async function closeAll(tools: readonly HostedTool[]): Promise<void> {
  await Promise.all(tools.map((tool) => tool.close()));
}

function typeOf(json: string): string {
  return /^\{"type":"([\w.]+)"/.exec(json)?.[1] ?? "message";
}
