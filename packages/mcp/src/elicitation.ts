import type { Client } from "@modelcontextprotocol/client";
import * as z from "zod/mini";
import { addressProblem } from "./http-transport.ts";
import type { OpenCalls } from "./open-calls.ts";

/** What a server wants a person to be asked. Nothing of it has been checked but its shape; texts are the server's own. */
export type McpElicitation =
  | {
      readonly mode: "form";
      readonly message: string;
      /** A flat JSON schema of the answer: an object of strings, numbers, booleans and choices. */
      readonly requestedSchema: Readonly<Record<string, unknown>>;
    }
  | { readonly mode: "url"; readonly message: string; readonly url: string; readonly elicitationId: string };

/** `decline` is a no, `cancel` is no answer at all. `content` goes with an acceptance of a form. */
export interface McpElicitationAnswer {
  readonly action: "accept" | "decline" | "cancel";
  readonly content?: Readonly<Record<string, string | number | boolean | string[]>>;
}

/** Asks a person for a server. Ends soon after `signal` aborts, which it does when the server no longer wants to know. */
export type AskPerson = (
  server: string,
  elicitation: McpElicitation,
  options: { readonly signal: AbortSignal },
) => Promise<McpElicitationAnswer>;

/** Questions of one server that may be open at a time; more are declined unseen. */
const MAX_OPEN = 4;
const MAX_CHARACTERS = 64 * 1024;
const DECLINED: McpElicitationAnswer = { action: "decline" };

const AddressSchema = z.object({
  mode: z.literal("url"),
  message: z.string(),
  url: z.string(),
  elicitationId: z.string(),
});
const ElicitationSchema = z.union([
  AddressSchema,
  z.object({
    mode: z.optional(z.literal("form")),
    message: z.string(),
    requestedSchema: z.record(z.string(), z.unknown()),
  }),
]);

/**
 * Puts a client's server in a position to ask people. While one is asked, the time of `calls`
 * stands still, and when they have all ended the question is void.
 */
export function answerElicitations(client: Client, server: string, ask: AskPerson, calls: OpenCalls): void {
  let open = 0;
  client.setRequestHandler("elicitation/create", async ({ params }, { mcpReq }) => {
    const parsed = ElicitationSchema.safeParse(params);
    // A person is only sent where a token could be sent, too.
    const isUnsafe = parsed.success && parsed.data.mode === "url" && addressProblem(parsed.data.url) !== null;
    if (!parsed.success || isUnsafe || JSON.stringify(params).length > MAX_CHARACTERS || open >= MAX_OPEN) {
      return { action: "decline" };
    }
    open += 1;
    calls.pause();
    try {
      const question = parsed.data.mode === "url" ? parsed.data : { ...parsed.data, mode: "form" as const };
      const { action, content } = await ask(server, question, {
        signal: AbortSignal.any([mcpReq.signal, calls.untilIdle()]),
      });
      return action === "accept" && content !== undefined ? { action, content: { ...content } } : { action };
    } catch {
      // Whoever was to ask was interrupted, or failed; either way nobody said yes.
      return { action: "cancel" };
    } finally {
      open -= 1;
      calls.resume();
    }
  });
}

const AddressesSchema = z.object({
  elicitations: z.array(AddressSchema).check(z.minLength(1), z.maxLength(MAX_OPEN)),
});

/**
 * A call that was refused because a person has to go to an address first: asks for each of them. True when a person was at
 * all of them, and the call can be made again. `data` is the error's.
 */
export async function wentToAddresses(
  data: unknown,
  { server, ask, calls, signal }: { server: string; ask: AskPerson; calls: OpenCalls; signal: AbortSignal },
): Promise<boolean> {
  const parsed = AddressesSchema.safeParse(data);
  if (!parsed.success || JSON.stringify(data).length > MAX_CHARACTERS) return false;
  calls.pause();
  try {
    for (const address of parsed.data.elicitations) {
      if (addressProblem(address.url) !== null) return false;
      const { action } = await ask(server, address, { signal });
      if (action !== "accept") return false;
    }
    return true;
  } catch {
    // As above: nobody said yes.
    return false;
  } finally {
    calls.resume();
  }
}

/** Where there is nobody to ask. */
export const askNobody: AskPerson = async () => DECLINED;
