import { CodedError } from "@quire/protocol";
import type { CommandExecParams, CommandExecResponse, TerminalSize } from "@quire/protocol/app-server";
import { OutputCap } from "../commands/output-cap.ts";
import { RunningCommands } from "../commands/running-commands.ts";
import { streamOutput } from "../commands/stream-output.ts";
import type { Call } from "../connection.ts";
import type { ClientCommand, Engine } from "../engine.ts";
import { RpcError } from "../rpc-error.ts";
import type { Handlers } from "./handlers.ts";

type CommandMethod = "command/exec" | "command/exec/write" | "command/exec/resize" | "command/exec/terminate";

const DEFAULT_TIMEOUT_MS = 10 * 60_000;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
const DEFAULT_CAP_BYTES = 1024 * 1024;
const MAX_CAP_BYTES = 16 * 1024 * 1024;
const DEFAULT_SIZE: TerminalSize = { rows: 24, cols: 80 };
/** As `timeout` of coreutils says it. */
const TIMED_OUT = 124;

/** Commands that belong to a client and to no thread. */
export function commandMethods(engine: Pick<Engine, "startCommand">): Handlers<CommandMethod> {
  const running = new RunningCommands();
  return {
    async "command/exec"(params, call) {
      refuseContradictions(params);
      const wish = streamsOf(params);
      const timeout = params.disableTimeout ? null : timeoutOf(params);
      const signal = timeout === null ? call.signal : AbortSignal.any([call.signal, timeout]);
      const { command, cwd, env, sandboxPolicy } = params;
      const start = () =>
        engine.startCommand({ command, cwd, env, sandboxPolicy, tty: wish.tty, input: wish.input }, signal);
      return running.hold(call.connection, params.processId ?? null, wish, start, async (started) => {
        const answer = await ended(started, params, wish.output, call);
        return timeout?.aborted ? { ...answer, exitCode: TIMED_OUT } : answer;
      });
    },
    async "command/exec/write"({ processId, deltaBase64, closeStdin }, { connection }) {
      const bytes = deltaBase64 == null ? null : bytesOf(deltaBase64);
      if (bytes === null && !closeStdin)
        throw invalid("command/exec/write requires deltaBase64 or closeStdin");
      const { wish, command } = running.find(connection, processId);
      if (!wish.input) {
        throw new CodedError("usage_invalid", "stdin streaming is not enabled for this command/exec");
      }
      const process = await command;
      const taken = bytes === null ? null : process.write(bytes);
      if (closeStdin) process.endInput();
      await taken;
      return {};
    },
    async "command/exec/resize"({ processId, size }, { connection }) {
      refuseEmpty(size);
      const { wish, command } = running.find(connection, processId);
      if (wish.tty === null)
        throw new CodedError("usage_invalid", "this command/exec has no terminal to resize");
      (await command).resize(size.cols, size.rows);
      return {};
    },
    async "command/exec/terminate"({ processId }, { connection }) {
      const { command } = running.find(connection, processId);
      await (await command).kill();
      return {};
    },
  };
}

/** How a command is connected to its client. */
function streamsOf({ tty, size, streamStdin, streamStdoutStderr }: CommandExecParams) {
  return {
    tty: tty ? (size ?? DEFAULT_SIZE) : null,
    input: tty === true || streamStdin === true,
    output: tty === true || streamStdoutStderr === true,
  };
}

function refuseContradictions(params: CommandExecParams): void {
  const { processId, tty, streamStdin, streamStdoutStderr, size } = params;
  if (processId == null && (tty || streamStdin || streamStdoutStderr)) {
    const message = "command/exec tty or streaming requires a client-supplied processId";
    throw new CodedError("usage_invalid", message);
  }
  if (size != null && !tty) throw invalid("command/exec size requires tty: true");
  if (size != null) refuseEmpty(size);
  if (params.outputBytesCap != null && params.disableOutputCap) {
    throw invalid("command/exec cannot set both outputBytesCap and disableOutputCap");
  }
  if (params.timeoutMs != null && params.disableTimeout) {
    throw invalid("command/exec cannot set both timeoutMs and disableTimeout");
  }
}

function refuseEmpty({ rows, cols }: TerminalSize): void {
  if (rows < 1 || cols < 1) throw invalid("command/exec size rows and cols must be greater than 0");
}

function invalid(message: string): RpcError {
  return new RpcError("invalidParams", "params_invalid", message);
}

function bytesOf(base64: string): Buffer {
  const bytes = Buffer.from(base64, "base64");
  if (bytes.toString("base64").replace(/=+$/, "") === base64.replace(/=+$/, "")) return bytes;
  throw invalid("invalid deltaBase64: these are not the bytes of a base64 text");
}

function timeoutOf({ timeoutMs }: CommandExecParams): AbortSignal {
  return AbortSignal.timeout(Math.min(timeoutMs ?? DEFAULT_TIMEOUT_MS, MAX_TIMEOUT_MS));
}

async function ended(
  command: ClientCommand,
  params: CommandExecParams,
  isStreamed: boolean,
  { connection }: Call,
): Promise<CommandExecResponse> {
  const { outputBytesCap, disableOutputCap, processId } = params;
  if (isStreamed) {
    const cap = disableOutputCap ? Number.POSITIVE_INFINITY : (outputBytesCap ?? DEFAULT_CAP_BYTES);
    streamOutput(command, { connection, processId: processId ?? "", cap });
    return { exitCode: await command.exited, stdout: "", stderr: "" };
  }
  const cap = disableOutputCap ? MAX_CAP_BYTES : Math.min(outputBytesCap ?? DEFAULT_CAP_BYTES, MAX_CAP_BYTES);
  const kept = { stdout: new OutputCap(cap), stderr: new OutputCap(cap) };
  const chunks: Record<keyof typeof kept, Buffer[]> = { stdout: [], stderr: [] };
  command.onOutput((chunk, stream) => {
    const name = stream === "stderr" ? "stderr" : "stdout";
    chunks[name].push(kept[name].take(chunk).part);
  });
  const exitCode = await command.exited;
  const textOf = (parts: readonly Buffer[]) => Buffer.concat(parts).toString("utf8");
  return { exitCode, stdout: textOf(chunks.stdout), stderr: textOf(chunks.stderr) };
}
