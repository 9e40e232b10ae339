import { constants } from "node:os";
import type { ClientCommand, ClientCommandRequest } from "@quire/app-server";
import { CodedError } from "@quire/protocol";
import type { RunningCommand } from "@quire/sandbox";
import { openSandbox, requireSandbox, sandboxDeps } from "../session/sandbox-parts.ts";
import { type EngineBase, threadConfig } from "./thread-config.ts";

/** A client's terminal shows colours and moves its cursor; a variable of the request counts before this one. */
const TERMINAL = { TERM: "xterm-256color" };

/** Starts a client's command in the sandbox that the configuration, or the request, names. */
export async function startCommand(
  base: EngineBase,
  request: ClientCommandRequest,
  signal: AbortSignal,
): Promise<ClientCommand> {
  const { system, home } = base;
  const { sandboxPolicy, cwd, env, tty, input } = request;
  const sets = sandboxPolicy == null ? [] : [{ sandboxPolicy }];
  const { loaded, workspace } = await threadConfig(base, cwd ?? system.cwd, sets);
  const deps = sandboxDeps(system, home);
  await requireSandbox(workspace.sandboxMode, deps);
  const sandbox = openSandbox(workspace, loaded.config, workspace.sandboxMode, deps);
  try {
    const outcome = await sandbox.start(
      {
        ...withEnvironment(request.command, { ...(tty === null ? {} : TERMINAL), ...env }),
        cwd: workspace.cwd,
        ...(tty === null ? { stdin: input ? "pipe" : "ignore" } : { tty }),
      },
      { signal },
    );
    if (outcome.kind === "unavailable") {
      throw new CodedError("sandbox_unavailable", outcome.reason.cause, { nextStep: outcome.reason.remedy });
    }
    if (outcome.kind === "failed") throw new CodedError("command_start_failed", outcome.message);
    return clientCommand(outcome.command, () => sandbox.close());
  } catch (thrown) {
    await sandbox.close();
    throw thrown;
  }
}

function clientCommand(command: RunningCommand, close: () => Promise<void>): ClientCommand {
  return {
    onOutput: (listener) => command.onOutput(listener),
    write: (data) => command.write(data),
    endInput: () => command.endInput(),
    resize: (cols, rows) => command.resize(cols, rows),
    pause: () => command.pause(),
    resume: () => command.resume(),
    kill: () => command.kill(),
    get exited() {
      return command.exited.then(exitCode).finally(close);
    },
  };
}

function exitCode(exit: Awaited<RunningCommand["exited"]>): number {
  if (exit.kind === "failed") throw new CodedError("command_start_failed", exit.message);
  return exit.kind === "exited" ? exit.code : 128 + signalNumber(exit.signal);
}

/** What takes a variable away is `env`, inside of the sandbox; what adds one is the sandbox itself. */
function withEnvironment(command: readonly string[], env: Readonly<Record<string, string | null>>) {
  const unset = Object.keys(env).filter((name) => env[name] === null);
  const added = Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== null);
  const argv = unset.length === 0 ? command : ["env", ...unset.flatMap((name) => ["-u", name]), ...command];
  return { argv, env: Object.fromEntries(added) };
}

function signalNumber(name: string): number {
  return (constants.signals as Readonly<Record<string, number>>)[name] ?? 0;
}
