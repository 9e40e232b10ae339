import path from "node:path";
import { resolveHome } from "@quire/config";
import { findLastThread } from "@quire/core";
import type { ModelClient, ModelRequest } from "@quire/models";
import { textMessage, type UserInput } from "@quire/protocol";
import { threadConfig } from "../engine/thread-config.ts";
import { type ExecArguments, parseExecArguments } from "../exec/exec-arguments.ts";
import { engineBase, threadOverrides } from "../exec/exec-base.ts";
import { EXIT } from "../exit-code.ts";
import { toolsSwitchedOff } from "../session/features.ts";
import { openSession } from "../session/open-session.ts";
import type { ThreadTarget } from "../session/session-request.ts";
import { workingDirectory } from "../session/workspace.ts";
import type { System } from "../system.ts";

/**
 * Prints the first request of a run, made by the same code as a real one, with a client that keeps it instead of
 * sending it. The thread is ephemeral: nothing is written.
 */
export async function printPromptInput(argv: readonly string[], system: System): Promise<number> {
  const whole = argv.includes("--request");
  const args = parseExecArguments(argv.filter((word) => word !== "--request"));
  const home = await resolveHome(system.env, system.homeDir);
  const cwd = workingDirectory(system.cwd, args.cwd);
  const { loaded, workspace } = await threadConfig(engineBase(args, system, home), cwd, [
    threadOverrides(args),
  ]);
  const kept: ModelRequest[] = [];
  const session = await openSession({
    system,
    home,
    loaded,
    workspace,
    target: targetOf(args.action, home, cwd),
    ephemeral: true,
    ignoreRules: args.ignoreRules,
    source: "debug",
    approvalPolicy: "never",
    approver: null,
    clientTools: [],
    withoutTools: toolsSwitchedOff(loaded.config),
    modelClient: keepingClient(kept),
  });
  try {
    const input: UserInput[] = args.prompt === null ? [] : [{ type: "text", text: args.prompt }];
    for (const image of args.images)
      input.push({ type: "localImage", path: path.resolve(system.cwd, image) });
    const running = await session.thread.startTurn(input, { settings: session.settings });
    await running.done;
  } finally {
    await session.close();
  }
  const [request] = kept;
  if (!request) return EXIT.failed;
  const shown = whole ? request : [textMessage("developer", request.instructions), ...request.input];
  system.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  return EXIT.done;
}

function keepingClient(kept: ModelRequest[]): ModelClient {
  return {
    provider: "none",
    async *stream(request) {
      kept.push(structuredClone(request));
      yield { type: "completed", completion: { responseId: null, usage: null, model: null } };
    },
    close() {},
  };
}

/** A thread is looked at through a copy that is thrown away, so that its log stays as it is. */
function targetOf(action: ExecArguments["action"], home: string, cwd: string): ThreadTarget {
  if (action.kind === "review") return { kind: "start" };
  if (action.kind !== "resume") return action;
  const thread = action.thread ?? findLastThread(home, action.all ? null : cwd).id;
  return { kind: "fork", thread };
}
