import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { applyPatch } from "@quire/apply-patch";
import type { ModelEvent, ModelRequest, ToolSpec } from "@quire/models";
import { isToolCall, messageText, type ResponseItem, type ToolCall, textMessage } from "@quire/protocol";
import { createOfflineRepairClient } from "../src/index.ts";

/** A folder with the given files, under git so that the listing is that of a real project. */
export async function createWorkspace(files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), "quire-offline-test-"));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  execFileSync("git", ["init", "-q"], { cwd: folder });
  return {
    folder,
    read: (path: string) => readFile(join(folder, path), "utf8"),
    /** Everything in the folder but hidden files, which a user's own test plugins may leave. */
    names: async () =>
      (await readdir(folder, { recursive: true })).filter((name) => !name.startsWith(".")).sort(),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

export const TOOLS: readonly ToolSpec[] = [
  { kind: "function", name: "exec_command", description: "", parameters: {} },
  { kind: "function", name: "write_stdin", description: "", parameters: {} },
  { kind: "function", name: "update_plan", description: "", parameters: {} },
  {
    kind: "freeform",
    name: "apply_patch",
    description: "",
    format: { type: "grammar", syntax: "lark", definition: "" },
    functionArgument: "input",
  },
];

/** A request of a turn; what a test does not say is the usual. */
export function requestOf(input: readonly ResponseItem[], changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: "offline-repair",
    instructions: "",
    input,
    tools: TOOLS,
    parallelToolCalls: true,
    promptCacheKey: "",
    ...changes,
  };
}

/** All events of one response. */
export async function eventsOf(request: ModelRequest, seconds?: number): Promise<ModelEvent[]> {
  const client = createOfflineRepairClient(seconds === undefined ? {} : { seconds });
  const events: ModelEvent[] = [];
  for await (const event of client.stream(request, { signal: new AbortController().signal }))
    events.push(event);
  return events;
}

export interface TurnOptions {
  folder: string;
  task: string;
  seconds?: number;
  changes?: Partial<ModelRequest>;
  /** User messages that arrive behind the n-th tool output. */
  steering?: Readonly<Record<number, string>>;
}

/** Runs a whole turn with bash and the real patch tool. Returns the last message and everything that was said and done. */
export async function runTurn({ folder, task, seconds = 50, changes = {}, steering = {} }: TurnOptions) {
  const input: ResponseItem[] = [textMessage("user", task)];
  const requests: ModelRequest[] = [];
  let outputs = 0;
  for (;;) {
    const request = requestOf([...input], changes);
    requests.push(request);
    const events = await eventsOf(request, seconds);
    const items = events.flatMap((event) => (event.type === "item_done" ? [event.item] : []));
    const failed = events.find((event) => event.type === "failed");
    if (failed?.type === "failed") throw new Error(failed.error.details ?? failed.error.message);
    input.push(...items);
    const calls = items.filter(isToolCall);
    const last = items.at(-1);
    if (calls.length === 0 && last?.type === "message")
      return { answer: messageText(last), items: input, requests };
    for (const call of calls) {
      input.push(await outputOf(call, folder));
      const said = steering[outputs++];
      if (said !== undefined) input.push(textMessage("user", said));
    }
  }
}

async function outputOf(call: ToolCall, folder: string): Promise<ResponseItem> {
  if (call.type === "custom_tool_call") {
    const result = await applyPatch(call.input, { cwd: folder, durable: false });
    const output = result.ok ? "Success. Updated the following files:" : `failed: ${result.error.message}`;
    return { type: "custom_tool_call_output", call_id: call.call_id, output };
  }
  const values: unknown = JSON.parse(call.arguments);
  const command =
    typeof values === "object" && values !== null && "cmd" in values ? String(values.cmd) : null;
  const output = command === null ? "Plan updated" : await bash(command, folder);
  return { type: "function_call_output", call_id: call.call_id, output };
}

function bash(command: string, cwd: string): Promise<string> {
  const began = performance.now();
  const child: ChildProcess = spawn("bash", ["-c", command], {
    cwd,
    env: { ...withoutVitest(), QUIRE_TEST_MARK: cwd },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const add = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout?.on("data", add);
  child.stderr?.on("data", add);
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => {
      const wall = ((performance.now() - began) / 1000).toFixed(4);
      done(`Wall time: ${wall} seconds\nProcess exited with code ${code ?? 137}\nOutput:\n${output}`);
    });
  });
}

/** Inside of a test run the variables of its runner would reach the fixtures' runners. */
function withoutVitest(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(VITEST|NODE_V8_COVERAGE|NODE_OPTIONS|TEST$)/.test(name),
    ),
  );
}
