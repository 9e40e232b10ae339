import type { Client } from "@modelcontextprotocol/client";
import * as z from "zod/mini";
import type { OpenCalls } from "./open-calls.ts";

/** What a server wants a model to be asked. Texts are the server's own. */
export interface McpSampling {
  readonly systemPrompt: string | null;
  /** Oldest first. */
  readonly messages: readonly { readonly role: "user" | "assistant"; readonly text: string }[];
  /** Of the answer, as the server wishes. */
  readonly maxTokens: number;
}

/** `message` says why there is no answer, in words for the server's author. */
export type McpSamplingAnswer =
  | { readonly kind: "answer"; readonly text: string; readonly model: string; readonly cut: boolean }
  | { readonly kind: "refused"; readonly message: string };

/** Decides about a server's wish for a model's answer, and gets it. Ends soon after `signal` aborts. Never rejects. */
export type Sample = (
  server: string,
  sampling: McpSampling,
  options: { readonly signal: AbortSignal },
) => Promise<McpSamplingAnswer>;

export interface SamplingParts {
  readonly sample: Sample;
  /** The server's time stands still while it is answered; only a server that is being called may ask. */
  readonly calls: OpenCalls;
  readonly refuse: (code: number, message: string) => Error;
}

const MAX_CHARACTERS = 64 * 1024;
/** The specification's code for a person who says no. */
const REJECTED = -1;
const INVALID_PARAMS = -32602;

const TextSchema = z.object({ type: z.literal("text"), text: z.string() });
const SamplingSchema = z.object({
  messages: z
    .array(
      z.object({ role: z.enum(["user", "assistant"]), content: z.union([TextSchema, z.array(TextSchema)]) }),
    )
    .check(z.minLength(1)),
  systemPrompt: z.optional(z.string()),
  maxTokens: z.number().check(z.gt(0)),
  tools: z.optional(z.undefined()),
});

/**
 * Lets a server ask for an answer of a model: words only, one request at a time, and only while one of its tools is being
 * called. What it says of models, temperature and context it shall not have is passed over, as the protocol allows.
 */
export function answerSampling(
  client: Client,
  server: string,
  { sample, calls, refuse }: SamplingParts,
): void {
  let open = false;
  client.setRequestHandler("sampling/createMessage", async ({ params }, { mcpReq }) => {
    const parsed = SamplingSchema.safeParse(params);
    if (!parsed.success) {
      throw refuse(INVALID_PARAMS, "Quire answers messages of text, without tools, images or sound.");
    }
    if (JSON.stringify(params).length > MAX_CHARACTERS) {
      throw refuse(INVALID_PARAMS, `Quire answers at most ${MAX_CHARACTERS} characters.`);
    }
    if (calls.isIdle) throw refuse(REJECTED, "Quire answers only while one of the server's tools is called.");
    if (open) throw refuse(REJECTED, "Quire answers one request of a server at a time.");
    open = true;
    calls.pause();
    try {
      const { systemPrompt = null, messages, maxTokens } = parsed.data;
      const signal = AbortSignal.any([mcpReq.signal, calls.untilIdle()]);
      const wish = {
        systemPrompt,
        messages: messages.map(({ role, content }) => ({ role, text: textOf(content) })),
        maxTokens: Math.ceil(maxTokens),
      };
      const answer = await sample(server, wish, { signal });
      if (answer.kind === "refused") throw refuse(REJECTED, answer.message);
      return {
        role: "assistant" as const,
        content: { type: "text" as const, text: answer.text },
        model: answer.model,
        stopReason: answer.cut ? "maxTokens" : "endTurn",
      };
    } finally {
      open = false;
      calls.resume();
    }
  });
}

function textOf(content: z.infer<typeof TextSchema> | readonly z.infer<typeof TextSchema>[]): string {
  return "text" in content ? content.text : content.map(({ text }) => text).join("\n");
}
