import { createClient, type MessageListener } from "@quire/client";
import type { SandboxPolicy } from "@quire/protocol/app-server";
import type { Clock, TuiPorts } from "../src/app/ports.ts";
import type { TuiEnd, TuiStart } from "../src/app/session.ts";
import { runTui } from "../src/app/tui.ts";
import { loadSyntaxColours } from "../src/markdown/syntax.ts";
import { DARK } from "../src/terminal/theme.ts";
import { createEmulator, type Emulator } from "./emulator.ts";
import { playedQueue } from "./played-queue.ts";

export interface WindowOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly model?: string;
  readonly cwd?: string;
  readonly branch?: string;
  readonly name?: string | null;
  /** Answers of the server by method, in place of the usual ones. */
  readonly answers?: Readonly<Record<string, (params: Record<string, unknown>) => unknown>>;
  readonly hasOtherScreen?: boolean;
  readonly how?: TuiStart["how"];
  readonly reports?: Partial<TuiPorts["reports"]>;
  readonly saveFile?: TuiPorts["saveFile"];
  /** Inputs of earlier runs. */
  readonly history?: readonly string[];
}

/** The whole program in a terminal emulator, with a server that the test plays. */
export interface TuiWindow extends AsyncDisposable {
  readonly emulator: Emulator;
  /** Everything that was written to the terminal. */
  readonly written: () => string;
  readonly requests: readonly { method: string; params: Record<string, unknown> }[];
  /** What the client answered to the server's questions. */
  readonly responses: readonly unknown[];
  notify(method: string, params: object): void;
  /** Asks the client something, as a server does. */
  ask(method: string, params: object): void;
  /** Bytes of the keyboard. */
  type(bytes: string): void;
  resize(columns: number, rows: number): void;
  /** Until everything was told, drawn and taken in by the emulator, and a moment has passed. */
  settled(): Promise<void>;
  /** Lets time pass; there is no other than this. */
  pass(ms: number): Promise<void>;
  readonly ended: Promise<TuiEnd>;
}

export const THREAD_ID = "thread-1";
const WORKSPACE: SandboxPolicy = { type: "workspaceWrite" };

export function openedThread(options: WindowOptions = {}, id = THREAD_ID) {
  const cwd = options.cwd ?? "/repo";
  const model = options.model ?? "gpt-test";
  return {
    thread: {
      id,
      preview: "",
      name: options.name ?? null,
      status: { type: "idle" },
      turns: [],
      cwd,
      createdAt: 1000,
      updatedAt: 1000,
    },
    model,
    modelProvider: "test",
    cwd,
    approvalPolicy: "on-request",
    sandbox: WORKSPACE,
    reasoningEffort: null,
  };
}

export async function openWindow(options: WindowOptions = {}): Promise<TuiWindow> {
  const size = { columns: options.columns ?? 80, rows: options.rows ?? 24 };
  const emulator = createEmulator(size.columns, size.rows);
  const server = playedServer(options);
  const clock = new PlayedClock();
  const listeners = { resize: new Set<() => void>(), input: new Set<(bytes: Uint8Array) => void>() };
  let written = "";
  let taken: Promise<void> = Promise.resolve();
  const ports: TuiPorts = {
    client: createClient(server.channel),
    connection: null,
    terminal: {
      get columns() {
        return size.columns;
      },
      get rows() {
        return size.rows;
      },
      hasOtherScreen: options.hasOtherScreen ?? true,
      write(bytes) {
        written += bytes;
        taken = emulator.write(bytes);
        return true;
      },
      onDrain: () => () => undefined,
      onResize(listener) {
        listeners.resize.add(listener);
        return () => listeners.resize.delete(listener);
      },
      onInput(listener) {
        listeners.input.add(listener);
        return () => listeners.input.delete(listener);
      },
      setRaw: () => undefined,
    },
    clock,
    asksBackground: true,
    palette: { depth: "ansi256", theme: DARK, links: true },
    inputHistory: { read: () => options.history ?? [], append: () => undefined },
    editText: async () => null,
    clipboardImage: async () => null,
    saveFile: options.saveFile ?? (async () => undefined),
    branchOf: async () => options.branch ?? null,
    settings: {},
    savedPrompts: async () => [],
    reports: { has: () => false, run: async () => "", nextRequest: async () => "", ...options.reports },
    setup: null,
    decideTrust: null,
    suspend: async () => undefined,
    turnEnded: () => undefined,
    stop: new AbortController().signal,
    isTyped: true,
    inputEnded: new AbortController().signal,
    onInterrupt: () => () => undefined,
    version: "0.0.0",
    homeDir: "/home/user",
  };
  // What the program loads when it begins is there before, so that no file is waited for.
  await loadSyntaxColours(() => undefined);
  const ended = runTui(ports, {
    how: options.how ?? { kind: "new" },
    choose: null,
    params: {},
    prompt: null,
  });
  const pass = async (ms: number) => {
    await clock.pass(ms);
    await taken;
  };
  const settled = () => pass(2 * FRAME_MS);
  await settled();
  return {
    emulator,
    written: () => written,
    requests: server.requests,
    responses: server.responses,
    notify: (method, params) => server.send({ method, params: { threadId: THREAD_ID, ...params } }),
    ask: (method, params) =>
      server.send({
        id: `q${server.nextId()}`,
        method,
        params: { threadId: THREAD_ID, turnId: "1", itemId: "i", ...params },
      }),
    type: (bytes) => {
      for (const listener of listeners.input) listener(new TextEncoder().encode(bytes));
    },
    resize(columns, rows) {
      size.columns = columns;
      size.rows = rows;
      emulator.resize(columns, rows);
      for (const listener of listeners.resize) listener();
    },
    settled,
    pass,
    ended,
    async [Symbol.asyncDispose]() {
      ports.client.close();
      await ended;
    },
  };
}

const FRAME_MS = 40;

/** Time that passes only when a test lets it, and never before everything that was begun has come to rest. */
class PlayedClock implements Clock {
  #now = 1_700_000_000_000;
  #timers: { readonly at: number; readonly call: () => void }[] = [];

  readonly now = (): number => this.#now;

  readonly after = (ms: number, call: () => void): (() => void) => {
    const timer = { at: this.#now + ms, call };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await rest();
      const [next] = this.#timers.toSorted((a, b) => a.at - b.at);
      if (next === undefined || next.at > end) break;
      this.#now = Math.max(this.#now, next.at);
      this.#timers = this.#timers.filter((other) => other !== next);
      next.call();
    }
    this.#now = end;
  }
}

/** Until promises that wait for nothing else have been followed to their ends. */
async function rest(): Promise<void> {
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

function playedServer(options: WindowOptions) {
  let client: MessageListener | null = null;
  let questions = 0;
  const requests: { method: string; params: Record<string, unknown> }[] = [];
  const responses: unknown[] = [];
  const usual: WindowOptions["answers"] = {
    "thread/start": () => openedThread(options),
    "thread/resume": () => openedThread(options),
    "thread/turns/list": () => ({ data: [], nextCursor: null, backwardsCursor: null }),
    "turn/start": () => ({ turn: { id: "1", items: [], status: "inProgress" } }),
    fuzzyFileSearch: () => ({ files: [] }),
    "skills/list": () => ({ data: [] }),
    ...playedQueue().answers,
  };
  return {
    requests,
    responses,
    nextId: () => {
      questions += 1;
      return questions;
    },
    send: (frame: object) => client?.value(frame),
    channel: {
      listen: (listener: MessageListener) => {
        client = listener;
      },
      send: () => undefined,
      sendValue(frame: object) {
        const { id, method, params } = frame as {
          id?: number;
          method?: string;
          params?: Record<string, unknown>;
        };
        if (method === undefined) responses.push(frame);
        if (method === undefined || id === undefined) return;
        requests.push({ method, params: params ?? {} });
        const answer = options.answers?.[method] ?? usual[method];
        queueMicrotask(async () => {
          try {
            client?.value({ id, result: (await answer?.(params ?? {})) ?? {} });
          } catch (thrown) {
            client?.value({ id, error: { code: -32000, message: String(thrown) } });
          }
        });
      },
      close: () => client?.closed(null),
    },
  };
}
