import { ApiError } from "../http/api-error.ts";
import type { ResponseRecord } from "../store/response-record.ts";
import type { ResponseStore } from "../store/response-store.ts";
import type { ModelRouter } from "../upstream/model-router.ts";
import type { OnUsage } from "../upstream/usage-record.ts";
import type { CreateRequest } from "./create-request.ts";
import type { LoggedEvent } from "./event-log.ts";
import type { HostedTool } from "./hosted-tool.ts";
import { type ReadFile, type ReadImage, readInput } from "./input-items.ts";
import { type LiveResponse, type ResponsePlan, startResponse } from "./live-response.ts";
import { refuseUnsupported, toModelRequest } from "./model-request.ts";
import { chainUpTo } from "./response-chain.ts";
import { newResponse } from "./response-object.ts";

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
  readImage: ReadImage;
  onUsage: OnUsage;
  note: (text: string) => void;
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
    const before = chainUpTo(request.previous_response_id ?? null, store);
    const id = `resp_${randomName()}`;
    const hosting = await this.#deps.openHosting(request);
    try {
      const input = await readInput(request.input, {
        mintId: (prefix) => `${prefix}_${randomName()}`,
        readFile: hosting.readFile,
        readImage: this.#deps.readImage,
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
        // In this order: a response that a crash leaves behind must be known as one that somebody ran.
        store.markRunning(id);
        store.save(record);
      }
      const hosted = hosting.tools;
      return this.#keep({ request, upstream, modelRequest, record, hosted, streamed, background }, signal);
    } catch (error) {
      store.unmarkRunning(id);
      await closeAll(hosting.tools);
      throw error;
    }
  }

  #keep(plan: ResponsePlan, signal: AbortSignal): LiveResponse {
    const live = startResponse(plan, { ...this.#deps, stopping: () => this.#stopping }, signal);
    const { id } = live.response;
    this.#live.set(id, live);
    void live.done.then(() => this.#live.delete(id));
    return live;
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
}

async function closeAll(tools: readonly HostedTool[]): Promise<void> {
  await Promise.all(tools.map((tool) => tool.close()));
}

function typeOf(json: string): string {
  return /^\{"type":"([\w.]+)"/.exec(json)?.[1] ?? "message";
}
