import type { ModelEvent } from "@quire/models";
import type { FunctionCall, ResponseItem, TokenUsage } from "@quire/protocol";
import type { EventLog } from "./event-log.ts";
import { type OpenItem, openItem } from "./open-item.ts";
import type { ResponseObject, ResponseStatus, WireItem } from "./response-object.ts";
import { wireUsage } from "./response-object.ts";
import { textOfCustomCall, wireItem } from "./wire-item.ts";

export interface WriterOptions {
  /** Null: nobody streams, so no events are made. */
  log: EventLog | null;
  mintId: (prefix: string) => string;
  /** Custom tools of the request, in case the provider has to offer them as functions. */
  customTools: ReadonlySet<string>;
  /** Function calls that the gateway answers itself; they show as items of their hosted tool. */
  hostedTools: ReadonlySet<string>;
  includeEncrypted: boolean;
  /** Each event as it is written, for a log on disk. */
  onEvent: (json: string) => void;
}

type ItemEvent = Extract<
  ModelEvent,
  { type: "text_delta" | "reasoning_delta" | "tool_input_delta" | "item_started" | "item_done" }
>;

/** Writes one response: the object, and the events that tell how it came about, numbered without gaps. */
export class ResponseWriter {
  readonly response: ResponseObject;
  /** What the model said, in the form in which it goes back to a model. */
  readonly produced: ResponseItem[] = [];
  /** Set when the log is full. */
  overflowed = false;
  /** Set when a text came with log probabilities. */
  weighed = false;
  readonly #options: WriterOptions;
  readonly #open = new Map<string, OpenItem>();
  #sequence = 0;
  #callStart = { output: 0, produced: 0 };

  constructor(response: ResponseObject, options: WriterOptions) {
    this.response = response;
    this.#options = options;
  }

  /** Whether items of the running call were seen; a stream cannot take them back. */
  get touched(): boolean {
    return this.response.output.length > this.#callStart.output;
  }

  created(): void {
    this.#snapshot("response.created");
    if (this.response.background) this.#snapshot("response.queued");
  }

  inProgress(): void {
    this.response.status = "in_progress";
    this.#snapshot("response.in_progress");
  }

  /** A call to the model begins; `dropCall` goes back to here. */
  beginCall(): void {
    this.#open.clear();
    this.#callStart = { output: this.response.output.length, produced: this.produced.length };
  }

  dropCall(): void {
    this.response.output.length = this.#callStart.output;
    this.produced.length = this.#callStart.produced;
    this.#open.clear();
  }

  /** The function calls of the running model call that the gateway has to answer. */
  hostedCalls(): FunctionCall[] {
    return this.#calls().filter((call) => this.#options.hostedTools.has(call.name));
  }

  /** Whether the running model call has calls that only the client can answer. */
  hasClientCalls(): boolean {
    return (
      this.#calls().some((call) => !this.#options.hostedTools.has(call.name)) ||
      this.produced.slice(this.#callStart.produced).some((item) => item.type === "custom_tool_call")
    );
  }

  /** Whether the running model call said something in words. */
  hasText(): boolean {
    return this.produced
      .slice(this.#callStart.produced)
      .some((item) => item.type === "message" && item.content.some(({ type }) => type === "output_text"));
  }

  #calls(): FunctionCall[] {
    return this.produced
      .slice(this.#callStart.produced)
      .filter((item): item is FunctionCall => item.type === "function_call");
  }

  modelEvent(event: ItemEvent): void {
    switch (event.type) {
      case "item_started":
        this.#start(event.itemId, event.item);
        return;
      case "text_delta":
        this.weighed ||= event.logprobs !== undefined;
        this.#itemFor(event.itemId, "message").text(event.delta, event.logprobs);
        return;
      case "reasoning_delta":
        this.#itemFor(event.itemId, "reasoning").reasoning(event.summaryIndex, event.delta);
        return;
      case "tool_input_delta":
        this.#open.get(event.itemId)?.toolInput(event.delta);
        return;
      case "item_done":
        this.#done(event.item);
        return;
    }
  }

  #itemFor(itemId: string, kind: "message" | "reasoning"): OpenItem {
    const open = this.#open.get(itemId);
    if (open !== undefined) return open;
    const empty: ResponseItem =
      kind === "message"
        ? { type: "message", role: "assistant", content: [] }
        : { type: "reasoning", summary: [], id: itemId };
    return this.#start(itemId, empty);
  }

  #start(itemId: string, item: ResponseItem): OpenItem {
    const open = openItem(item, {
      mintId: this.#options.mintId,
      emit: (type, fields) => this.emit(type, fields),
      add: (wire) => this.addItem(wire),
      customTools: this.#options.customTools,
      hostedTools: this.#options.hostedTools,
    });
    this.#open.set(itemId, open);
    return open;
  }

  #done(item: ResponseItem): void {
    const itemId = "id" in item && typeof item.id === "string" ? item.id : null;
    const known = itemId === null ? this.#onlyOpen(item) : itemId;
    const open = (known === null ? undefined : this.#open.get(known)) ?? this.#start(known ?? "", item);
    this.#open.delete(known ?? "");
    const plain = textOfCustomCall(item, this.#options.customTools);
    this.produced.push(historyForm(plain));
    if (open.hidden) return;
    const wire = wireItem(plain, open.id, this.#options.includeEncrypted);
    if (wire === null) return;
    open.finish(wire);
    this.finishItem(open.index, wire);
  }

  /** Some providers give ids to the start of an item and not to its end; then the one open item of its kind is meant. */
  #onlyOpen(item: ResponseItem): string | null {
    const fitting = [...this.#open].filter(([, open]) => open.type === item.type);
    return fitting.length === 1 ? (fitting[0]?.[0] ?? null) : null;
  }

  /** Adds an item in its first form; the index it got. */
  addItem(item: WireItem): number {
    const index = this.response.output.push(item) - 1;
    this.emit("response.output_item.added", { output_index: index, item });
    return index;
  }

  finishItem(index: number, item: WireItem): void {
    this.response.output[index] = item;
    this.emit("response.output_item.done", { output_index: index, item });
  }

  emit(type: string, fields: Readonly<Record<string, unknown>>): void {
    const { log, onEvent } = this.#options;
    if (log === null) return;
    const sequence = this.#sequence++;
    const json = JSON.stringify({ type, sequence_number: sequence, ...fields });
    if (!log.append({ sequence, type, json })) this.overflowed = true;
    onEvent(json);
  }

  /**
   * Ends the response; nothing is written after this. `store` is called before the last event, so that whoever saw a
   * response end can retrieve it.
   */
  end(
    status: Exclude<ResponseStatus, "queued" | "in_progress">,
    facts: {
      at: number;
      usage: TokenUsage | null;
      store: () => void;
      error?: { code: string; message: string };
      reason?: string;
    },
  ): void {
    const { response } = this;
    response.status = status;
    response.completed_at = status === "completed" ? facts.at : null;
    response.usage = facts.usage === null ? null : wireUsage(facts.usage);
    response.error = facts.error ?? null;
    response.incomplete_details = facts.reason === undefined ? null : { reason: facts.reason };
    if (status !== "completed") this.#closeOpenItems();
    facts.store();
    // The API has no event of its own for a cancelled response, and its clients fail at events that they do not know.
    this.#snapshot(status === "cancelled" ? "response.incomplete" : `response.${status}`);
    this.#options.log?.end();
  }

  #closeOpenItems(): void {
    for (const item of this.response.output) if (item.status === "in_progress") item.status = "incomplete";
  }

  #snapshot(type: string): void {
    this.emit(type, { response: this.response });
  }
}

/** As the core keeps items: ids and statuses say nothing to a stateless endpoint, but reasoning is bound to its id. */
function historyForm(item: ResponseItem): ResponseItem {
  const { status: _status, ...rest } = item;
  if (rest.type === "reasoning") return rest;
  const { id: _id, ...bare } = rest;
  if (bare.type !== "message") return bare;
  const content = bare.content.map(({ logprobs: _logprobs, ...part }) => part);
  return { ...bare, content };
}
