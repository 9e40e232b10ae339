import type { IncomingMessage } from "node:http";
import { ApiError } from "./api-error.ts";

export interface BodyLimits {
  maxBytes: number;
  timeoutMs: number;
  setTimer: (callback: () => void, ms: number) => () => void;
  signal: AbortSignal;
}

/** Deeper values would only serve to exhaust the stack of whatever walks them. */
const MAX_DEPTH = 200;

/** Reads a request's body as JSON; anything else is 400. */
export async function readJsonBody(request: IncomingMessage, limits: BodyLimits): Promise<unknown> {
  const text = decoded(await readBody(request, limits));
  try {
    const value: unknown = JSON.parse(text);
    if (depthAbove(value, MAX_DEPTH)) throw badJson(`it is nested deeper than ${MAX_DEPTH} levels`);
    return value;
  } catch (cause) {
    if (cause instanceof ApiError) throw cause;
    throw badJson(cause instanceof Error ? cause.message.slice(0, 200) : "it cannot be parsed", cause);
  }
}

/** The bytes of a request's body. Too much is 413, too slow 408. */
export async function readBody(request: IncomingMessage, limits: BodyLimits): Promise<Buffer> {
  const declared = Number(request.headers["content-length"] ?? 0);
  if (declared > limits.maxBytes) throw tooLarge(limits.maxBytes);
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const finish = (act: () => void) => {
      cancel();
      request.off("data", onData).off("end", onEnd).off("error", onGone).off("close", onGone);
      limits.signal.removeEventListener("abort", onGone);
      act();
    };
    const onData = (piece: Buffer) => {
      size += piece.length;
      if (size > limits.maxBytes) finish(() => reject(tooLarge(limits.maxBytes)));
      else pieces.push(piece);
    };
    const onEnd = () => finish(() => resolve(Buffer.concat(pieces)));
    const onGone = () => finish(() => reject(new ApiError(400, "The request ended before its body did.")));
    const cancel = limits.setTimer(() => {
      finish(() =>
        reject(new ApiError(408, `The body did not arrive within ${limits.timeoutMs / 1000} seconds.`)),
      );
    }, limits.timeoutMs);
    request.on("data", onData).on("end", onEnd).on("error", onGone).on("close", onGone);
    limits.signal.addEventListener("abort", onGone, { once: true });
  });
}

function decoded(body: Buffer): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(body);
  } catch (cause) {
    throw badJson("it is not UTF-8", cause);
  }
}

function depthAbove(value: unknown, limit: number): boolean {
  const open: [unknown, number][] = [[value, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, depth] = next;
    if (typeof node !== "object" || node === null) continue;
    if (depth >= limit) return true;
    for (const child of Object.values(node)) open.push([child, depth + 1]);
  }
  return false;
}

function tooLarge(maxBytes: number): ApiError {
  return new ApiError(413, `The body is larger than ${maxBytes} bytes.`, { code: "request_too_large" });
}

function badJson(why: string, cause?: unknown): ApiError {
  return new ApiError(400, `The body is not valid JSON: ${why}.`, { code: "invalid_json", cause });
}
