import { type CommandContext, judgeAllowed } from "@quire/execpolicy";
import type { ToolSpec } from "@quire/models";
import type { FunctionCall } from "@quire/protocol";
import type { Sandbox } from "@quire/sandbox";
import * as z from "zod";
import { SHELL_TOOL, type ShellOutput, shellOutputText } from "../responses/hosted-items.ts";
import type { HostedTool } from "../responses/hosted-tool.ts";
import type { ResponseWriter } from "../responses/response-writer.ts";
import { runConfined } from "./confined-command.ts";
import type { Container } from "./containers.ts";

const DEFAULT_TIMEOUT_MS = 60_000;
const MAX_TIMEOUT_MS = 600_000;
const DEFAULT_OUTPUT = 64 * 1024;

const ArgumentsSchema = z.object({
  commands: z.array(z.string().min(1).max(100_000)).min(1).max(32),
  timeout_ms: z.number().positive().nullish(),
  max_output_length: z.number().positive().nullish(),
});

export interface ShellToolDeps {
  container: Container;
  sandbox: Sandbox;
  /** What commands may consist of; null allows what the sandbox allows. */
  allowed: readonly string[] | null;
  /** What the judge of commands may know of this machine. */
  resolveProgram: CommandContext["resolveProgram"];
  mintId: (prefix: string) => string;
  setTimer: (callback: () => void, ms: number) => () => void;
  close: () => Promise<void>;
}

/** The shell that the gateway runs for a model: each command on its own, in the container, without a network. */
export function createShellTool(deps: ShellToolDeps): HostedTool {
  return {
    spec: shellSpec(deps.allowed),
    run: (call, writer, signal) => runShellCall(call, writer, deps, signal),
    close: deps.close,
  };
}

function shellSpec(allowed: readonly string[] | null): ToolSpec {
  const only =
    allowed === null ? "" : ` Only these may be run, alone or joined by pipes and &&: ${allowed.join(", ")}.`;
  return {
    kind: "function",
    name: SHELL_TOOL,
    description: `Runs shell commands in an isolated Linux folder without a network. Files stay between calls; nothing else does.${only}`,
    parameters: {
      type: "object",
      properties: {
        commands: { type: "array", items: { type: "string" }, description: "Run one after the other." },
        timeout_ms: { type: "number", description: "For each command. Default 60000." },
        max_output_length: { type: "number", description: "Bytes kept of each stream. Default 65536." },
      },
      required: ["commands"],
      additionalProperties: false,
    },
  };
}

async function runShellCall(
  call: FunctionCall,
  writer: ResponseWriter,
  deps: ShellToolDeps,
  signal: AbortSignal,
): Promise<string> {
  const parsed = argumentsOf(call.arguments);
  const commands = parsed?.commands ?? [];
  const timeout_ms = Math.min(parsed?.timeout_ms ?? DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS);
  const max_output_length = Math.min(parsed?.max_output_length ?? DEFAULT_OUTPUT, DEFAULT_OUTPUT);
  const item = {
    id: deps.mintId("sh"),
    type: "shell_call",
    status: "in_progress",
    call_id: call.call_id,
    action: { commands, timeout_ms, max_output_length },
    environment: { type: "container_reference", container_id: deps.container.id },
  };
  const index = writer.addItem(item);
  const output: ShellOutput[] = [];
  if (parsed === null) output.push(failure('the arguments are not {"commands": ["…"]}'));
  for (const command of commands) {
    if (signal.aborted) break;
    output.push(
      await runOne(command, { timeoutMs: timeout_ms, maxOutputBytes: max_output_length }, deps, signal),
    );
  }
  const status = signal.aborted ? "incomplete" : "completed";
  writer.finishItem(index, { ...item, status });
  const result = {
    id: deps.mintId("sho"),
    type: "shell_call_output",
    status,
    call_id: call.call_id,
    max_output_length,
    output,
  };
  writer.finishItem(writer.addItem(result), result);
  return shellOutputText(output);
}

async function runOne(
  command: string,
  limits: { timeoutMs: number; maxOutputBytes: number },
  deps: ShellToolDeps,
  signal: AbortSignal,
): Promise<ShellOutput> {
  const { folder } = deps.container;
  if (deps.allowed !== null) {
    const context = { cwd: folder, workspaceRoots: [folder], resolveProgram: deps.resolveProgram };
    const verdict = await judgeAllowed(command, deps.allowed, context);
    if (verdict.kind === "refused") return failure(`not run: ${verdict.why}`);
  }
  const argv = ["bash", "-c", command];
  const ended = await runConfined(
    deps.sandbox,
    { argv, cwd: folder, ...limits },
    { setTimer: deps.setTimer, signal },
  );
  if (ended.kind === "not-run") return failure(`not run: ${ended.why}`);
  const { stdout, stderr } = ended;
  if (ended.kind === "timeout") return { stdout, stderr, outcome: { type: "timeout" } };
  return { stdout, stderr, outcome: { type: "exit", exit_code: ended.code } };
}

/** 126 is what a shell says of a command that it may not run. */
function failure(why: string): ShellOutput {
  return { stdout: "", stderr: why, outcome: { type: "exit", exit_code: 126 } };
}

function argumentsOf(text: string): z.infer<typeof ArgumentsSchema> | null {
  try {
    const parsed = ArgumentsSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    // The model is told what was wrong.
    return null;
  }
}
