import { type HookDefinition, HookDesk, type HookedAgent, type ThreadLogState } from "@quire/core";
import type { Sandbox } from "@quire/sandbox";
import type { SessionRequest } from "../session/session-request.ts";
import type { SessionAgent } from "../subagents/session-agents.ts";

/** What a thread's hooks depend on; asked anew each time, because a thread can change and move. */
export interface HookSurroundings {
  readonly hooks: () => readonly HookDefinition[];
  readonly cwd: () => string;
  readonly sandbox: () => Sandbox;
}

/** The hooks of one thread. The code that runs one is loaded with the first that matches. */
export function hookDesk(
  { system, subagent, target, withoutMcp }: SessionRequest,
  log: ThreadLogState,
  { hooks, cwd, sandbox }: HookSurroundings,
): HookDesk {
  return new HookDesk({
    // Like MCP servers, hooks are programs of the user's; whoever leaves those out means both.
    hooks: () => (withoutMcp ? [] : hooks()),
    run: async (hook, stdin, signal) => {
      const { runHook } = await import("./run-hook.ts");
      return runHook(hook, stdin, signal, { system, cwd, sandbox });
    },
    now: system.now,
    sessionId: subagent?.sessionId ?? log.threadId,
    transcriptPath: log.log.path,
    source: target.kind === "start" ? "startup" : "resume",
    ...(subagent === undefined ? {} : { agent: hookedAgent(log.threadId, subagent) }),
  });
}

function hookedAgent(id: string, { role, parentLog }: SessionAgent): HookedAgent {
  return { id, type: role, parentTranscriptPath: parentLog };
}
