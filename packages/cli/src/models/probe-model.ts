import type { ModelClient, ModelEvent, ModelRequest, ToolSpec } from "@quire/models";
import { type ErrorInfo, type ResponseItem, type TokenUsage, textMessage } from "@quire/protocol";
import type { ModelProbe, ProbeAnswer } from "../session/model/model-probes.ts";

/** How many small requests a probe makes, and what they may come to in tokens at most. */
export const PROBE_COST = { requests: 4, inputTokens: 1_500, outputTokens: 2_400 } as const;
const OUTPUT_LIMIT = 600;

const ADD: ToolSpec = {
  kind: "function",
  name: "add_numbers",
  description: "Adds two whole numbers.",
  parameters: {
    type: "object",
    properties: { a: { type: "integer" }, b: { type: "integer" } },
    required: ["a", "b"],
  },
};
const SCHEMA = {
  type: "object",
  properties: { ready: { type: "boolean" } },
  required: ["ready"],
  additionalProperties: false,
};
/** A red square of 16 by 16 pixels. */
const PICTURE =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAF0lEQVR4nGP4z8BAEiJN9aiGUQ1DSgMAkPn/Afnh+ngAAAAASUVORK5CYII=";

export type Findings = Pick<
  ModelProbe,
  "streaming" | "usage" | "tools" | "parallel" | "images" | "structured_output" | "context_error"
>;

/** Either what was found out, or why not even the first request was answered. */
export type ProbeOutcome = { kind: "found"; findings: Findings } | { kind: "failed"; error: ErrorInfo };

interface Answer {
  deltas: number;
  text: string;
  calls: number;
  usage: TokenUsage | null;
  error: ErrorInfo | null;
}

/**
 * Finds out by small real requests what a model can do. With `overlongTokens` it also sends a request that is too long
 * on purpose, to learn how the endpoint says so.
 */
export async function probeModel(
  client: ModelClient,
  model: string,
  options: { signal: AbortSignal; overlongTokens: number | null; told: (what: string) => void },
): Promise<ProbeOutcome> {
  const ask = (changes: Partial<ModelRequest>, what: string): Promise<Answer> => {
    options.told(what);
    return answerTo(client, { ...requestFor(model), ...changes }, options.signal);
  };
  const plain = await ask({}, "text");
  if (plain.error !== null && plain.error.code !== "model_incomplete") {
    return { kind: "failed", error: plain.error };
  }
  const called = await ask(
    {
      tools: [ADD],
      input: [
        textMessage(
          "user",
          "Use the tool add_numbers twice at once: for 1 and 2, and for 3 and 4. Say nothing.",
        ),
      ],
    },
    "tools and parallel calls",
  );
  const seen = await ask({ input: [pictureQuestion()] }, "images");
  const shaped = await ask(
    { outputSchema: SCHEMA, input: [textMessage("user", 'Answer with the JSON object {"ready": true}.')] },
    "structured output",
  );
  const long = options.overlongTokens;
  const overlong =
    long === null
      ? null
      : await ask({ input: [textMessage("user", "a ".repeat(long))] }, "the context's end");
  return {
    kind: "found",
    findings: {
      streaming: plain.deltas > 1 ? "yes" : "unclear",
      usage: plain.usage === null ? "no" : "yes",
      tools: called.calls > 0 ? "yes" : unlessRefused(called),
      parallel: called.calls > 1 ? "yes" : called.calls === 1 ? "unclear" : unlessRefused(called),
      images: seen.error === null ? (/red/i.test(seen.text) ? "yes" : "unclear") : unlessRefused(seen),
      structured_output:
        shaped.error === null ? (followsSchema(shaped.text) ? "yes" : "no") : unlessRefused(shaped),
      context_error: overlong === null ? null : contextError(overlong),
    },
  };
}

/** A refusal of the request itself is a no; anything else says nothing about the model. */
function unlessRefused({ error }: Answer): ProbeAnswer {
  if (error === null) return "unclear";
  return error.code === "model_bad_request" || error.code === "model_server_error" ? "no" : "unclear";
}

function contextError({ error }: Answer): string {
  if (error === null) return "none: the endpoint took it, and probably cut it off";
  return error.code === "context_too_long" ? error.message : `not recognised: ${error.message}`;
}

function followsSchema(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return (
      typeof value === "object" && value !== null && "ready" in value && typeof value.ready === "boolean"
    );
  } catch {
    // No JSON is the answer that was asked about.
    return false;
  }
}

function requestFor(model: string): ModelRequest {
  return {
    model,
    instructions: "Answer as briefly as you can.",
    input: [textMessage("user", "Count from one to five in words.")],
    tools: [],
    parallelToolCalls: true,
    promptCacheKey: "quire-probe",
    maxOutputTokens: OUTPUT_LIMIT,
  };
}

function pictureQuestion(): ResponseItem {
  return {
    type: "message",
    role: "user",
    content: [
      { type: "input_text", text: "Which colour is this square? One word." },
      { type: "input_image", image_url: PICTURE },
    ],
  };
}

async function answerTo(client: ModelClient, request: ModelRequest, signal: AbortSignal): Promise<Answer> {
  const answer: Answer = { deltas: 0, text: "", calls: 0, usage: null, error: null };
  for await (const event of client.stream(request, { signal })) take(answer, event);
  return answer;
}

function take(answer: Answer, event: ModelEvent): void {
  switch (event.type) {
    case "text_delta":
      answer.deltas++;
      answer.text += event.delta;
      return;
    case "item_done":
      if (event.item.type === "function_call" || event.item.type === "custom_tool_call") answer.calls++;
      return;
    case "retrying":
      Object.assign(answer, { deltas: 0, text: "", calls: 0 });
      return;
    case "completed":
      answer.usage = event.completion.usage;
      return;
    case "failed":
      answer.usage = event.usage;
      answer.error = event.error;
      return;
    default:
      return;
  }
}
