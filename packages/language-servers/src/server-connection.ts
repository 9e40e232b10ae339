import * as z from "zod/mini";
import { createMessageReader, frame } from "./message-reader.ts";
import { MessageSchema } from "./messages.ts";
import type { ServerProcess } from "./server-process.ts";

/** What a server may write between two edits. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Requests that may wait for an answer at the same time. */
const MOST_OPEN = 64;

/** JSON-RPC with one server. Nothing rejects: what does not come is null. */
export interface ServerConnection {
  /** The result; null when the server refuses, ends, or the signal fires first. */
  request(method: string, params: unknown, signal: AbortSignal): Promise<unknown>;
  notify(method: string, params: unknown): void;
  /** Lets the server write as much again as one edit may bring. */
  refill(): void;
  /** Why the connection is over, in words; resolves once. */
  readonly over: Promise<string>;
  end(why: string): void;
}

/** `onNotification` gets what the server says by itself. */
export function connectServer(
  process: ServerProcess,
  onNotification: (method: string, params: unknown) => void,
): ServerConnection {
  const open = new Map<number, (result: unknown) => void>();
  const read = createMessageReader();
  let nextId = 1;
  let room = MOST_BYTES;
  let isOver = false;
  let settle: (why: string) => void = () => undefined;
  const over = new Promise<string>((resolve) => {
    settle = resolve;
  });

  const end = (why: string): void => {
    if (isOver) return;
    isOver = true;
    for (const answer of open.values()) answer(null);
    open.clear();
    settle(why);
    void process.kill();
  };
  const send = (message: object): void => {
    if (isOver) return;
    void process.write(frame(message)).then((written) => {
      if (!written) end("it no longer reads");
    });
  };
  const take = (message: unknown): void => {
    const { success, data } = z.safeParse(MessageSchema, message);
    if (!success) return;
    const { id, method, params, result } = data;
    if (method === undefined) {
      if (typeof id !== "number") return;
      open.get(id)?.(result ?? null);
      open.delete(id);
    } else if (id === undefined) onNotification(method, params);
    else send({ id, ...answerTo(method, params) });
  };
  process.onOutput((chunk, stream) => {
    if (isOver) return;
    room -= chunk.length;
    if (room < 0) return end("it wrote without end");
    if (stream === "stderr") return;
    const got = read(chunk);
    if (got.kind === "broken") end(got.why);
    else for (const message of got.messages) take(message);
  });
  void process.ended.then((how) => end(`it ended (${how})`));

  return {
    request(method, params, signal) {
      if (isOver || signal.aborted || open.size >= MOST_OPEN) return Promise.resolve(null);
      const id = nextId++;
      return new Promise((resolve) => {
        const stop = (): void => {
          open.delete(id);
          send({ method: "$/cancelRequest", params: { id } });
          resolve(null);
        };
        open.set(id, (result) => {
          signal.removeEventListener("abort", stop);
          resolve(result);
        });
        signal.addEventListener("abort", stop, { once: true });
        send({ id, method, params });
      });
    },
    notify: (method, params) => send({ method, params }),
    refill: () => {
      room = MOST_BYTES;
    },
    over,
    end,
  };
}

const METHOD_NOT_FOUND = -32601;

/** Servers ask for settings and announce what they would like to be told; without an answer some of them wait for ever. */
function answerTo(method: string, params: unknown): object {
  switch (method) {
    case "workspace/configuration": {
      const items: unknown =
        typeof params === "object" && params !== null ? Reflect.get(params, "items") : [];
      return { result: Array.isArray(items) ? items.slice(0, 100).map(() => null) : [] };
    }
    case "client/registerCapability":
    case "client/unregisterCapability":
    case "window/workDoneProgress/create":
    case "workspace/diagnostic/refresh":
      return { result: null };
    case "workspace/workspaceFolders":
      return { result: null };
    default:
      return { error: { code: METHOD_NOT_FOUND, message: `${method} is not offered here` } };
  }
}
