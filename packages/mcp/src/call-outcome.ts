import * as z from "zod/mini";

/** One part of a result, as the server sent it: text, image, audio, a resource or something newer. */
export type McpContent = { type: string; [field: string]: unknown };

/** How a call ended. `message` says what happened and what can be done about it. */
export type McpCallOutcome =
  | {
      readonly kind: "result";
      readonly content: readonly McpContent[];
      /** Undefined when the server sent none; any JSON value otherwise. */
      readonly structuredContent: unknown;
      /** The tool itself reports a failure, in its content. */
      readonly isError: boolean;
    }
  | { readonly kind: "failed"; readonly reason: McpCallFailure; readonly message: string };

/**
 * `not_ready`: there is no such server, or it does not run. `changed`: the tool is no longer what the model was shown; it
 * was not called. `server_ended`: it died while it worked, so what it did is
 * unknown. `rejected`: it refused the call. `bad_answer`: it answered with something that is no result.
 */
export type McpCallFailure =
  | "not_ready"
  | "changed"
  | "server_ended"
  | "timed_out"
  | "rejected"
  | "bad_answer"
  | "interrupted";

/** The answer to anything that is no call of a tool. */
export type McpAnswer<T> =
  | { readonly kind: "answer"; readonly value: T }
  | { readonly kind: "failed"; readonly reason: McpCallFailure; readonly message: string };

export const CallResultSchema = z.object({
  content: z.optional(z.array(z.looseObject({ type: z.string() }))),
  structuredContent: z.optional(z.unknown()),
  isError: z.optional(z.boolean()),
});
