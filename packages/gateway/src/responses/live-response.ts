import type { ErrorInfo } from "@quire/protocol";
import { ApiError, apiErrorOf } from "../http/api-error.ts";
import type { ResponseRecord } from "../store/response-record.ts";
import type { ResponseStore } from "../store/response-store.ts";
import type { ResolvedUpstream } from "../upstream/model-router.ts";
import type { OnUsage } from "../upstream/usage-record.ts";
import type { CreateRequest } from "./create-request.ts";
import { EventLog } from "./event-log.ts";
import type { HostedTool } from "./hosted-tool.ts";
import type { toModelRequest } from "./model-request.ts";
import type { ResponseObject } from "./response-object.ts";
import { ResponseWriter } from "./response-writer.ts";
import { type RunOutcome, runResponse } from "./run-response.ts";

/** Most that the events of one response may take in memory. */
const MAX_EVENT_BYTES = 64 * 1024 * 1024;

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

/** A request that was found good, with everything that it needs. */
export interface ResponsePlan {
  request: CreateRequest;
  upstream: ResolvedUpstream;
  modelRequest: ReturnType<typeof toModelRequest>;
  record: ResponseRecord;
  hosted: readonly HostedTool[];
  streamed: boolean;
  background: boolean;
}

export interface LiveDeps {
  store: ResponseStore;
  nowMs: () => number;
  randomName: () => string;
  onUsage: OnUsage;
  note: (text: string) => void;
  /** Whether the gateway is stopping, which is why everything ends. */
  stopping: () => boolean;
}

/** Starts a response. One in the foreground ends when `clientSignal` aborts; one in the background goes on. */
export function startResponse(plan: ResponsePlan, deps: LiveDeps, clientSignal: AbortSignal): LiveResponse {
  const { record, background, streamed, hosted } = plan;
  const { response } = record;
  const cancel = new AbortController();
  const signal = background ? cancel.signal : AbortSignal.any([cancel.signal, clientSignal]);
  const log = streamed ? new EventLog(MAX_EVENT_BYTES) : null;
  const writer = new ResponseWriter(response, {
    log,
    mintId: (prefix) => `${prefix}_${deps.randomName()}`,
    customTools: new Set(
      (plan.request.tools ?? []).flatMap((tool) => (tool.type === "custom" ? [tool.name] : [])),
    ),
    hostedTools: new Set(hosted.map((tool) => tool.spec.name)),
    includeEncrypted: plan.request.include?.includes("reasoning.encrypted_content") ?? false,
    onEvent: record.hasEvents ? eventKeeper(response.id, deps) : () => {},
  });
  const sign = firstSign();
  writer.created();
  const done = runToEnd(plan, { writer, onFirstSign: sign.came, signal }, deps).then(async (error) => {
    if (error === null) sign.came();
    else sign.failed(error);
    await Promise.all(hosted.map((tool) => tool.close()));
    return error;
  });
  return { response, log, firstSign: sign.promise, done, cancel: () => cancel.abort() };
}

function firstSign() {
  let came = () => {};
  let failed = (_error: ApiError) => {};
  const promise = new Promise<void>((resolve, reject) => {
    came = resolve;
    failed = reject;
  });
  // Nobody waits for the first sign of a response in the background.
  promise.catch(() => {});
  return { promise, came: () => came(), failed: (error: ApiError) => failed(error) };
}

interface Running {
  writer: ResponseWriter;
  onFirstSign: () => void;
  signal: AbortSignal;
}

/** Null when it was answered, completely or not; otherwise why not. Never rejects. */
async function runToEnd(plan: ResponsePlan, running: Running, deps: LiveDeps): Promise<ApiError | null> {
  const { upstream, request } = plan;
  const { writer, signal } = running;
  const { response } = writer;
  try {
    writer.inProgress();
    const outcome = await runResponse(
      {
        upstream,
        request: plan.modelRequest,
        hosted: plan.hosted,
        maxToolCalls: request.max_tool_calls ?? Number.POSITIVE_INFINITY,
        writer,
        streamed: plan.streamed,
        retries: plan.background,
        onFirstSign: running.onFirstSign,
        onUsage: (usage, how) =>
          deps.onUsage({
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
    return end(plan, running, outcome, deps);
  } catch (thrown) {
    const said = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    deps.note(`the response ${response.id} failed: ${said}`);
    const error: ErrorInfo = { code: "internal", message: "The gateway failed.", retryable: false };
    return end(plan, running, { kind: "failed", usage: null, error }, deps);
  }
}

function end(
  plan: ResponsePlan,
  { writer, signal }: Running,
  outcome: RunOutcome,
  deps: LiveDeps,
): ApiError | null {
  const nowMs = deps.nowMs();
  const facts = {
    at: Math.floor(nowMs / 1000),
    usage: outcome.usage,
    store: () => store(plan, writer, deps),
  };
  if (outcome.kind === "completed") {
    if (outcome.model !== null) writer.response.model = outcome.model;
    writer.end("completed", facts);
    return null;
  }
  if (outcome.kind === "incomplete") {
    writer.end("incomplete", { ...facts, reason: outcome.reason });
    return null;
  }
  if (signal.aborted && !deps.stopping()) {
    writer.end("cancelled", facts);
    return new ApiError(499, "The response was cancelled.", { code: "cancelled" });
  }
  const error = deps.stopping()
    ? new ApiError(503, "The gateway was stopped before this response was finished.")
    : apiErrorOf(outcome.error, nowMs);
  writer.end("failed", { ...facts, error: { code: responseErrorCode(error), message: error.message } });
  return error;
}

/** A response that cannot be stored is still answered, and says that it is not stored. */
function store({ record, background }: ResponsePlan, writer: ResponseWriter, deps: LiveDeps): void {
  if (!record.response.store) return;
  try {
    deps.store.save({ ...record, produced: writer.produced });
  } catch (thrown) {
    record.response.store = false;
    deps.note(`the response ${record.response.id} could not be stored: ${String(thrown)}`);
  }
  if (background) deps.store.unmarkRunning(record.response.id);
}

/** Keeps events on disk until that fails once: what came after a gap could not be numbered. */
function eventKeeper(id: string, deps: LiveDeps): (json: string) => void {
  let failed = false;
  return (json) => {
    if (failed) return;
    try {
      deps.store.appendEvent(id, json);
    } catch (thrown) {
      failed = true;
      deps.note(`the events of ${id} could not be stored: ${String(thrown)}`);
    }
  };
}

/** The codes that OpenAI documents for `response.error`. */
function responseErrorCode(error: ApiError): string {
  if (error.status === 429) return "rate_limit_exceeded";
  return error.status < 500 ? "invalid_prompt" : "server_error";
}
