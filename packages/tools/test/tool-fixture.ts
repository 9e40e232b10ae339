import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPathGuard } from "@quire/apply-patch";
import type { ThreadItem } from "@quire/protocol";
import type { SandboxMode } from "@quire/sandbox";
import {
  type CommandSession,
  type CommandSessions,
  type CommandSessionsDeps,
  type CommandStarter,
  createBuiltinTools,
  createCommandSessions,
  type Permit,
  type PreparedCall,
  type ReadyCall,
  type Tool,
  type ToolResult,
} from "../src/index.ts";
import { realSandbox } from "./real-sandbox.ts";
import { toolContext } from "./tool-context.ts";

export interface ToolFixture extends AsyncDisposable {
  /** A fresh folder, the working directory of every call. */
  readonly folder: string;
  readonly sessions: CommandSessions;
  readonly tools: readonly Tool[];
  /** Live output, as [item id, text]. */
  readonly deltas: [string, string][];
  /** What commands were told to have been written, as [item id, process id, text]. */
  readonly inputs: [string, string, string][];
  /** Commands that ended in the background. */
  readonly ended: CommandSession[];
  readonly startUnconfined: CommandStarter["start"];
  prepare(tool: string, input: unknown, options?: CallOptions): Promise<PreparedCall>;
  call(tool: string, input: unknown, options?: CallOptions): Promise<ToolResult>;
}

export interface CallOptions {
  signal?: AbortSignal;
  permit?: Permit;
  callId?: string;
}

export interface FixtureOptions extends Partial<CommandSessionsDeps> {
  sandbox?: CommandStarter;
  /** Used when no sandbox is given. Default full access. */
  mode?: SandboxMode;
  /** Real paths that may not be read. */
  unreadable?: (path: string) => boolean;
  /** Why the model takes no images. */
  whyNoImages?: string;
}

/** The built-in tools on a temporary folder. Strings are given to a tool as they are, everything else as JSON. */
export async function toolFixture(options: FixtureOptions = {}): Promise<ToolFixture> {
  const { mode = "danger-full-access", unreadable, whyNoImages = null, ...sessionDeps } = options;
  const folder = await realpath(await mkdtemp(join(tmpdir(), "quire-tools-")));
  const real = realSandbox(mode, folder);
  const deltas: [string, string][] = [];
  const inputs: [string, string, string][] = [];
  const ended: CommandSession[] = [];
  const monotonicMs = () => performance.now();
  const sessions = createCommandSessions({
    sandbox: real.sandbox,
    shell: { path: "/bin/bash" },
    environment: {},
    monotonicMs,
    onBackgroundOutput: (itemId, delta) => deltas.push([itemId, delta]),
    onBackgroundEnd: (session) => ended.push(session),
    ...sessionDeps,
  });
  const tools = createBuiltinTools({
    sessions,
    patches: { guard: createPathGuard({ root: folder }), durable: false },
    mayRead: (path) => !(unreadable?.(path) ?? false),
    whyNoImages: () => whyNoImages,
  });
  let calls = 0;

  async function prepare(name: string, input: unknown, call: CallOptions = {}): Promise<PreparedCall> {
    const tool = tools.find((candidate) => candidate.spec.name === name);
    if (tool === undefined) throw new Error(`no tool ${name}`);
    calls += 1;
    const context = toolContext({
      cwd: folder,
      monotonicMs,
      outputDelta: (itemId, delta) => deltas.push([itemId, delta]),
      terminalInput: (...input) => inputs.push(input),
      ...(call.signal ? { signal: call.signal } : {}),
    });
    const invocation = {
      callId: call.callId ?? `call_${calls}`,
      input: typeof input === "string" ? input : JSON.stringify(input),
      form: tool.spec.kind === "freeform" ? ("freeform" as const) : ("function" as const),
    };
    return tool.prepare(invocation, context);
  }

  return {
    folder,
    sessions,
    tools,
    deltas,
    inputs,
    ended,
    startUnconfined: (spec, how) => real.sandbox.start(spec, how),
    prepare,
    async call(name, input, call = {}) {
      return readyCall(await prepare(name, input, call)).run(call.permit ?? { sandbox: "session" });
    },
    async [Symbol.asyncDispose]() {
      await sessions.close();
      await real[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export function readyCall(prepared: PreparedCall): ReadyCall {
  if (prepared.kind === "invalid") throw new Error(`invalid call: ${prepared.message}`);
  return prepared;
}

/** The item of a command, or a failed assertion. */
export function commandItemOf(item: ThreadItem) {
  if (item.type !== "commandExecution") throw new Error(`expected a command, got ${item.type}`);
  return item;
}

/** What follows "Output:" in the text for the model. */
export function outputOf(result: ToolResult): string {
  if (typeof result.output !== "string") throw new Error("expected text");
  return result.output.slice(result.output.indexOf("Output:\n") + "Output:\n".length);
}

/** The lines before "Output:", the wall time left out. */
export function headerOf(result: ToolResult): string[] {
  if (typeof result.output !== "string") throw new Error("expected text");
  return result.output
    .slice(0, result.output.indexOf("Output:\n"))
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("Wall time:"));
}
