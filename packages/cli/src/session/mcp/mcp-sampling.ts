import type { SideAnswer, SideQuestion } from "@quire/core";
import type { AskPerson, McpSampling, McpSamplingAnswer, Sample } from "@quire/mcp";
import { errorInfoOf, groupedDigits, type ThreadItem, type ToolCallItem, textMessage } from "@quire/protocol";

/** Where the words of servers go that want an answer of the user's model. */
export interface SamplingDesk {
  /** The model of the thread; null where it is no language model. */
  readonly model: () => string | null;
  readonly answer: (question: SideQuestion) => Promise<SideAnswer>;
  readonly show: (item: ThreadItem) => void;
  readonly newId: () => string;
}

const MOST_TOKENS = 4096;
/** Characters of the question that a person is shown, and that an item keeps. */
const SHOWN = { head: 3000, tail: 1000 };
/** Refusals of one server that are shown; more say nothing new. */
const SHOWN_REFUSALS = 4;
const CALL = "sampling/createMessage";

/** Asks a person about every wish of a server for an answer of the model, and gets the answer where they agree. */
export function askedSampling(desk: SamplingDesk, ask: AskPerson): Sample {
  return async (server, wish, options) => {
    const bounded = { ...wish, maxTokens: Math.min(wish.maxTokens, MOST_TOKENS) };
    const done = await decide(desk, ask, server, bounded, options.signal);
    const item: ToolCallItem = { ...itemOf(desk, server, bounded), ...done.item };
    desk.show(item);
    return done.answer;
  };
}

/** Shows that a server was refused which the user has not allowed to ask. */
export function refusedSampling(desk: SamplingDesk): (server: string) => void {
  const shown = new Map<string, number>();
  return (server) => {
    const times = (shown.get(server) ?? 0) + 1;
    shown.set(server, times);
    if (times > SHOWN_REFUSALS) return;
    const message = `The MCP server ${server} asked for an answer of your model and was refused. To be asked about it, set sampling = "ask" for it under [mcp_servers].`;
    const refused = { kind: "refused", message } as const;
    desk.show({ ...itemOf(desk, server, null), ...outcomeOf(refused).item });
  };
}

interface Decided {
  item: Pick<ToolCallItem, "status" | "output" | "error">;
  answer: McpSamplingAnswer;
}

async function decide(
  desk: SamplingDesk,
  ask: AskPerson,
  server: string,
  wish: McpSampling,
  signal: AbortSignal,
): Promise<Decided> {
  const model = desk.model();
  if (model === null) return outcomeOf({ kind: "refused", message: "There is no language model here." });
  try {
    const message = `${server} wants your model (${model}) to answer this. It counts for this thread, with at most ${groupedDigits(wish.maxTokens)} tokens of answer; nothing of the conversation goes along.\n\n${shownText(wish)}`;
    const form = { type: "object", properties: {} };
    const said = await ask(server, { mode: "form", message, requestedSchema: form }, { signal });
    if (said.action !== "accept") {
      return outcomeOf({ kind: "refused", message: "The user did not agree, or nobody could be asked." });
    }
    const answer = await desk.answer({
      instructions: wish.systemPrompt ?? "",
      input: wish.messages.map(({ role, text }) => textMessage(role, text)),
      maxOutputTokens: wish.maxTokens,
      purpose: "sampling",
      signal,
    });
    return answer.kind === "answer" ? outcomeOf(answer) : failure(answer.error);
  } catch (thrown) {
    return failure(errorInfoOf(thrown));
  }
}

function outcomeOf(answer: McpSamplingAnswer): Decided {
  if (answer.kind === "answer") {
    return { item: { status: "completed", output: answer.text, error: null }, answer };
  }
  const error = { code: "mcp_sampling_refused", message: answer.message, retryable: false } as const;
  return { item: { status: "declined", output: null, error }, answer };
}

function failure(error: NonNullable<ToolCallItem["error"]>): Decided {
  return {
    item: { status: "failed", output: null, error },
    answer: { kind: "refused", message: `There is no answer: ${error.message} [${error.code}]` },
  };
}

function itemOf(
  { newId }: SamplingDesk,
  server: string,
  wish: McpSampling | null,
): Pick<ToolCallItem, "type" | "id" | "tool" | "arguments"> {
  const asked = wish === null ? {} : { max_tokens: wish.maxTokens, asked: shownText(wish) };
  return { type: "toolCall", id: newId(), tool: CALL, arguments: JSON.stringify({ server, ...asked }) };
}

function shownText({ systemPrompt, messages }: McpSampling): string {
  const parts = [
    ...(systemPrompt === null ? [] : [`system: ${systemPrompt}`]),
    ...messages.map(({ role, text }) => `${role}: ${text}`),
  ];
  const text = parts.join("\n\n");
  const left = text.length - SHOWN.head - SHOWN.tail;
  if (left <= 0) return text;
  return `${text.slice(0, SHOWN.head)}\n[… ${groupedDigits(left)} characters are not shown …]\n${text.slice(-SHOWN.tail)}`;
}
