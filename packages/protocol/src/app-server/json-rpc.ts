import * as z from "zod/mini";

/**
 * The frames of the app-server door: JSON-RPC 2.0 without the `jsonrpc` member, which is accepted and ignored. One frame
 * is one line on a byte stream and one message on a WebSocket.
 */
export const RequestIdSchema = z.union([z.string(), z.number()]);
export type RequestId = z.infer<typeof RequestIdSchema>;

/** `data.code` is one of `ERROR_CODES`, or one of the door's own codes below. */
export const RpcErrorSchema = z.object({
  code: z.number(),
  message: z.string(),
  data: z.optional(z.unknown()),
});
export type RpcErrorObject = z.infer<typeof RpcErrorSchema>;

/** The numbers of JSON-RPC 2.0, and one of ours for a server that has no room left. */
export const RPC_CODES = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  overloaded: -32001,
} as const;

/** What an error's `data` holds, where the server sent it. */
export const RpcErrorDataSchema = z.looseObject({
  code: z.string(),
  retryable: z.optional(z.boolean()),
  nextStep: z.optional(z.string()),
  details: z.optional(z.string()),
});
export type RpcErrorData = z.infer<typeof RpcErrorDataSchema>;

export interface RequestFrame {
  kind: "request";
  id: RequestId;
  method: string;
  params: unknown;
}
export interface NotificationFrame {
  kind: "notification";
  method: string;
  params: unknown;
}
export interface ResultFrame {
  kind: "result";
  id: RequestId;
  result: unknown;
}
export interface ErrorFrame {
  kind: "error";
  /** Null when the other side could not read the id of what it refuses. */
  id: RequestId | null;
  error: RpcErrorObject;
}
export type Frame = RequestFrame | NotificationFrame | ResultFrame | ErrorFrame;

/**
 * Sorts a parsed JSON value into one of the four kinds; null when it is none of them. By hand and not by a schema: every
 * frame comes this way, and parameters and results are checked by their own schemas.
 */
export function readFrame(value: unknown): Frame | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const { id, method, params, error, result }: RawFrame = value;
  if (id !== undefined && id !== null && typeof id !== "string" && !Number.isFinite(id)) return null;
  // The line above leaves nothing else.
  const known = id as RequestId | null | undefined;
  if (method !== undefined) {
    if (typeof method !== "string" || known === null) return null;
    return known === undefined
      ? { kind: "notification", method, params }
      : { kind: "request", id: known, method, params };
  }
  if (error !== undefined) {
    const parsed = RpcErrorSchema.safeParse(error);
    return parsed.success ? { kind: "error", id: known ?? null, error: parsed.data } : null;
  }
  if (known === undefined || known === null || !("result" in value)) return null;
  return { kind: "result", id: known, result };
}

interface RawFrame {
  id?: unknown;
  method?: unknown;
  params?: unknown;
  error?: unknown;
  result?: unknown;
}
