import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import type { Duplex, Readable, Writable } from "node:stream";
import { QUIRE_BIN } from "@quire/test-support";
import type { ExecWorld } from "./exec-world.ts";

/** A frame as it stands on the wire. The client below knows nothing of our schemas: it is what a stranger would write. */
export interface WireFrame {
  id?: number | string | null;
  method?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a stranger's client looks at fields without having types for them
  params?: any;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  result?: any;
  error?: { code: number; message: string; data?: { code: string } };
}

export type Answerer = (params: WireFrame["params"], frame: WireFrame) => object | undefined;

/** A JSON-RPC client over any pair of streams, written without our code. */
export class RawClient {
  /** Everything that came, oldest first. */
  readonly frames: WireFrame[] = [];
  /** Answers to the server's requests, by method; undefined leaves a request open. */
  readonly answers = new Map<string, Answerer>();
  #lastId = 0;
  #rest = "";
  #watchers = new Set<() => void>();
  ended = false;
  readonly #output: Writable;

  constructor(input: Readable, output: Writable) {
    this.#output = output;
    input.setEncoding("utf8");
    input.on("data", (text: string) => this.#receive(text));
    input.on("end", () => this.#finish());
    input.on("close", () => this.#finish());
    input.on("error", () => this.#finish());
    output.on("error", () => undefined);
  }

  send(frame: object | string): void {
    this.#output.write(`${typeof frame === "string" ? frame : JSON.stringify(frame)}\n`);
  }

  /** The whole answer, error or result. */
  async call(method: string, params?: object): Promise<WireFrame> {
    this.#lastId += 1;
    const id = `c${this.#lastId}`;
    this.send({ id, method, ...(params === undefined ? {} : { params }) });
    return this.wait((frame) => frame.method === undefined && frame.id === id);
  }

  /** The result; an error fails the test. */
  async request(method: string, params?: object): Promise<WireFrame["result"]> {
    const answer = await this.call(method, params);
    if (answer.error) throw new Error(`${method}: ${JSON.stringify(answer.error)}`);
    return answer.result;
  }

  async initialize(capabilities: object | null = null): Promise<WireFrame["result"]> {
    const clientInfo = { name: "test", title: null, version: "1" };
    const result = await this.request("initialize", { clientInfo, capabilities });
    this.send({ method: "initialized" });
    return result;
  }

  /** The first frame, from `from` on, that fits; frames that came already count. */
  async wait(fits: (frame: WireFrame) => boolean, from = 0, timeoutMs = 60_000): Promise<WireFrame> {
    const deadline = Date.now() + timeoutMs;
    let at = from;
    for (;;) {
      for (; at < this.frames.length; at++) {
        const frame = this.frames[at];
        if (frame && fits(frame)) return frame;
      }
      if (this.ended || Date.now() > deadline) {
        throw new Error(
          `nothing fitting came; last: ${JSON.stringify(this.frames.slice(-5)).slice(0, 2000)}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 200);
        this.#watchers.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      this.#watchers.clear();
    }
  }

  notified(method: string, from = 0): Promise<WireFrame> {
    return this.wait((frame) => frame.method === method && frame.id === undefined, from);
  }

  /** A question of the server, answered or not. */
  asked(method: string): Promise<WireFrame> {
    return this.wait((frame) => frame.method === method);
  }

  /** Starts a turn and waits for its end; every frame of it, and the turn as it ended. */
  async turn(threadId: string, text: string, more: object = {}) {
    const from = this.frames.length;
    const { turn } = await this.request("turn/start", { threadId, input: [{ type: "text", text }], ...more });
    const end = await this.wait(
      (frame) => frame.method === "turn/completed" && frame.params.turn.id === turn.id,
      from,
    );
    return { frames: this.frames.slice(from), turn: end.params.turn };
  }

  methods(from = 0): string[] {
    return this.frames.slice(from).flatMap((frame) => frame.method ?? []);
  }

  #receive(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) {
      const frame: WireFrame = JSON.parse(line);
      this.frames.push(frame);
      if (frame.method !== undefined && frame.id !== undefined) {
        const result = this.answers.get(frame.method)?.(frame.params, frame);
        if (result !== undefined) this.send({ id: frame.id, ...("error" in result ? result : { result }) });
      }
    }
    for (const watcher of this.#watchers) watcher();
  }

  #finish(): void {
    this.ended = true;
    for (const watcher of this.#watchers) watcher();
  }
}

export interface AppServerProcess extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  readonly client: RawClient;
  stderr(): string;
  /** Resolves with the exit code when the process has ended. */
  readonly exited: Promise<number | null>;
}

/**
 * The real `quire app-server` in a world. Without `listen` the client speaks over its standard streams. `prefix` is a
 * program, with arguments, that starts it.
 */
export function startAppServer(
  world: ExecWorld,
  args: readonly string[] = [],
  env: object = {},
  prefix: readonly string[] = [],
): AppServerProcess {
  const [program = QUIRE_BIN, ...rest] = [...prefix, QUIRE_BIN];
  const child = spawn(program, [...rest, "app-server", ...args], {
    cwd: world.repository.path,
    env: {
      PATH: process.env.PATH,
      HOME: world.home.path,
      QUIRE_HOME: world.quireHome,
      LANG: "C.UTF-8",
      TEST_KEY: "key-for-tests",
      ...env,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const exited = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  return {
    child,
    client: new RawClient(child.stdout, child.stdin),
    stderr: () => said,
    exited,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      const timer = setTimeout(() => child.kill("SIGKILL"), 5000);
      child.kill("SIGTERM");
      await exited;
      clearTimeout(timer);
    },
  };
}

/** Waits for the line on stderr that says where a server listens. */
export async function listeningAddress(server: AppServerProcess): Promise<string> {
  for (let tries = 0; tries < 2400; tries++) {
    const address = /^listening on (\S+)$/m.exec(server.stderr())?.[1];
    if (address) return address;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`the server does not listen: ${server.stderr()}`);
}

export function clientOf(socket: Duplex): RawClient {
  return new RawClient(socket, socket);
}
