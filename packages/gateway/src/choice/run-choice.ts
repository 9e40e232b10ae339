import type { ModelRequest, TokenLogprob } from "@quire/models";
import type { ErrorInfo, ResponseItem, TokenUsage, ToolCall } from "@quire/protocol";
import { incompleteReason } from "../responses/run-response.ts";
import { textOfCustomCall } from "../responses/wire-item.ts";
import type { ResolvedUpstream } from "../upstream/model-router.ts";
import { noLogprobs } from "../wire/logprobs.ts";
import { AlignedTokens } from "./aligned-tokens.ts";
import { StopCutter } from "./stop-cutter.ts";

/** Hears of one choice as it comes. Returned promises hold the model up. */
export interface ChoiceListener {
  /** `tokens` are those that begin in the piece; none unless log probabilities were asked for. */
  text(piece: string, tokens: readonly TokenLogprob[]): Promise<void> | void;
  /** A call begins; its place among the calls. */
  callStarted(index: number, call: ToolCall): Promise<void> | void;
  callInput(index: number, piece: string): Promise<void> | void;
}

/** One choice of a chat or text completion, as it ended. */
export type ChoiceOutcome =
  | {
      kind: "done";
      text: string;
      refusal: string | null;
      calls: ToolCall[];
      /** Of the whole text; empty unless they were asked for. */
      tokens: TokenLogprob[];
      finish: "stop" | "length" | "tool_calls" | "content_filter";
      usage: TokenUsage | null;
      model: string | null;
    }
  | { kind: "failed"; error: ErrorInfo; usage: TokenUsage | null };

export interface ChoiceJob {
  upstream: ResolvedUpstream;
  request: ModelRequest;
  stops: readonly string[];
  customTools: ReadonlySet<string>;
  listener: ChoiceListener;
  onUsage: (usage: TokenUsage | null, outcome: "completed" | "failed" | "cut") => void;
}

/** Runs one call and reads it as a choice. A stop sequence ends the call at the provider, whose usage then stays unknown. */
export async function runChoice(job: ChoiceJob, signal: AbortSignal): Promise<ChoiceOutcome> {
  const state = new ChoiceState(job);
  const whole: ChoiceState["done"] = (finish, usage, model) =>
    state.lacksLogprobs
      ? { kind: "failed", error: noLogprobs(job.upstream), usage }
      : state.done(finish, usage, model);
  let told = false;
  const tell = (usage: TokenUsage | null, outcome: "completed" | "failed" | "cut") => {
    if (!told) job.onUsage(usage, outcome);
    told = true;
  };
  try {
    for await (const event of job.upstream.client.stream(job.request, { signal })) {
      switch (event.type) {
        case "item_started":
          await state.started(event.itemId, event.item);
          break;
        case "text_delta":
          await state.text(event.itemId, event.delta, event.logprobs);
          if (state.stopped) return whole("stop", null, null);
          break;
        case "tool_input_delta":
          await state.callInput(event.itemId, event.delta);
          break;
        case "item_done":
          await state.finished(event.item);
          if (state.stopped) return whole("stop", null, null);
          break;
        case "retrying":
          return { kind: "failed", error: event.error, usage: null };
        case "completed": {
          const { usage, model, reachedLimit } = event.completion;
          tell(usage, "completed");
          await state.flush();
          const finish = reachedLimit ? "length" : "stop";
          return whole(state.calls.length > 0 ? "tool_calls" : finish, usage, model);
        }
        case "failed": {
          const incomplete = event.error.code === "model_incomplete";
          const how = incomplete ? "completed" : event.error.code === "interrupted" ? "cut" : "failed";
          tell(event.usage, how);
          if (!incomplete) return { kind: "failed", error: event.error, usage: event.usage };
          await state.flush();
          const filtered = incompleteReason(event.error) === "content_filter";
          return whole(filtered ? "content_filter" : "length", event.usage, null);
        }
        case "reasoning_delta":
        case "stalled":
          break;
      }
    }
  } finally {
    tell(null, "cut");
  }
  const error = { code: "internal", message: "The provider's client ended without a result." } as const;
  return { kind: "failed", error: { ...error, retryable: false }, usage: null };
}

class ChoiceState {
  readonly calls: ToolCall[] = [];
  readonly #job: ChoiceJob;
  readonly #cutter: StopCutter;
  readonly #aligned: AlignedTokens | null;
  readonly #tokens: TokenLogprob[] = [];
  /** Calls that have begun, by the provider's id of the item. */
  readonly #open = new Map<string, { index: number; streamed: boolean; passes: boolean }>();
  #nextCall = 0;
  #text = "";
  #refusal: string | null = null;
  /** The message whose deltas came, so that its end does not repeat them. */
  #streamedMessage: string | null = null;
  #messages = 0;

  constructor(job: ChoiceJob) {
    this.#job = job;
    this.#cutter = new StopCutter(job.stops);
    this.#aligned = job.request.logprobs === undefined ? null : new AlignedTokens();
  }

  get stopped(): boolean {
    return this.#cutter.stopped;
  }

  /** They were asked for, there is text, and the provider said nothing. */
  get lacksLogprobs(): boolean {
    return this.#aligned !== null && this.#text !== "" && this.#tokens.length === 0;
  }

  async started(itemId: string, item: ResponseItem): Promise<void> {
    if (item.type !== "function_call" && item.type !== "custom_tool_call") return;
    await this.#startCall(itemId, item);
  }

  async text(itemId: string, delta: string, tokens: readonly TokenLogprob[] = []): Promise<void> {
    if (this.#streamedMessage !== itemId) {
      this.#streamedMessage = itemId;
      await this.#separate();
    }
    this.#aligned?.push(tokens);
    await this.#say(this.#cutter.push(delta));
  }

  async callInput(itemId: string, delta: string): Promise<void> {
    const open = this.#open.get(itemId);
    if (open === undefined || !open.passes) return;
    open.streamed = true;
    await this.#job.listener.callInput(open.index, delta);
  }

  async finished(item: ResponseItem): Promise<void> {
    if (item.type === "message") return this.#finishMessage(item);
    if (item.type !== "function_call" && item.type !== "custom_tool_call") return;
    const call = textOfCustomCall(item, this.#job.customTools);
    if (call.type !== "function_call" && call.type !== "custom_tool_call") return;
    const itemId = item.id ?? item.call_id;
    const open = this.#open.get(itemId) ?? (await this.#startCall(itemId, item));
    this.calls[open.index] = call;
    const input = call.type === "function_call" ? call.arguments : call.input;
    if (!open.streamed && input !== "") await this.#job.listener.callInput(open.index, input);
  }

  async #finishMessage(item: Extract<ResponseItem, { type: "message" }>): Promise<void> {
    const streamed = this.#streamedMessage !== null;
    this.#streamedMessage = null;
    for (const part of item.content) {
      if (part.type === "refusal") this.#refusal = (this.#refusal ?? "") + part.refusal;
      else if (part.type === "output_text" && !streamed && part.text !== "") {
        await this.#separate();
        await this.#say(this.#cutter.push(part.text));
      }
    }
  }

  /** Two messages of one answer are told apart by an empty line: a choice has only one text. */
  async #separate(): Promise<void> {
    this.#messages += 1;
    if (this.#messages <= 1) return;
    this.#aligned?.skip("\n\n");
    await this.#say(this.#cutter.push("\n\n"));
  }

  async #startCall(itemId: string, item: ToolCall) {
    const passes = item.type === "custom_tool_call" || !this.#job.customTools.has(item.name);
    const open = { index: this.#nextCall++, streamed: false, passes };
    this.#open.set(itemId, open);
    const shown = textOfCustomCall(item, this.#job.customTools);
    if (shown.type === "function_call" || shown.type === "custom_tool_call") {
      await this.#job.listener.callStarted(open.index, shown);
    }
    return open;
  }

  async flush(): Promise<void> {
    await this.#say(this.#cutter.end());
  }

  async #say(piece: string): Promise<void> {
    if (piece === "") return;
    this.#text += piece;
    const tokens = this.#aligned?.take(piece) ?? [];
    this.#tokens.push(...tokens);
    await this.#job.listener.text(piece, tokens);
  }

  done(
    finish: Extract<ChoiceOutcome, { kind: "done" }>["finish"],
    usage: TokenUsage | null,
    model: string | null,
  ): ChoiceOutcome {
    const refusal = this.#refusal;
    const text = refusal !== null && this.#text === refusal ? "" : this.#text;
    const calls = this.calls.filter(Boolean);
    return { kind: "done", text, refusal, calls, tokens: this.#tokens, finish, usage, model };
  }
}
