import path from "node:path";
import { type LoadedConfig, resolveHome } from "@quire/config";
import type { ContextFacts, ThreadSettings } from "@quire/core";
import type { ModelClient, ModelRequest } from "@quire/models";
import { CodedError, type UserInput } from "@quire/protocol";
import { threadConfig } from "../engine/thread-config.ts";
import type { ExecArguments } from "../exec/exec-arguments.ts";
import { engineBase, threadOverrides } from "../exec/exec-base.ts";
import { agentsEnabled, toolsSwitchedOff } from "../session/features.ts";
import { openSession, type Session } from "../session/open-session.ts";
import type { SessionRequest, ThreadTarget } from "../session/session-request.ts";
import { workingDirectory } from "../session/workspace.ts";
import type { SessionAgents } from "../subagents/session-agents.ts";
import type { System } from "../system.ts";

/** The request that a run would begin with, and where its pieces come from. */
export interface DryRun {
  request: ModelRequest;
  facts: ContextFacts;
  settings: ThreadSettings;
}

/**
 * Makes the first request of a run by the same code as a real one, with a client that keeps it instead of sending it. The
 * thread is ephemeral: nothing is written. A request that would be compacted first is shown as it is before that.
 */
export async function dryRun(
  args: ExecArguments,
  system: System,
  targetOf: (place: { home: string; cwd: string }) => ThreadTarget,
): Promise<DryRun> {
  const home = await resolveHome(system.env, system.homeDir);
  const cwd = workingDirectory(system.cwd, args.cwd);
  const base = engineBase(args, system, home);
  const { loaded, workspace } = await threadConfig(base, cwd, [threadOverrides(args)]);
  const kept: ModelRequest[] = [];
  const request: SessionRequest = {
    system,
    home,
    loaded,
    workspace,
    target: targetOf({ home, cwd }),
    ephemeral: true,
    ignoreRules: args.ignoreRules,
    source: "debug",
    approvalPolicy: "never",
    approver: null,
    clientTools: [],
    withoutTools: toolsSwitchedOff(loaded.config),
    modelClient: keepingClient(kept),
  };
  const agents = agentsEnabled(loaded.config, home) ? await offeredAgents(request) : null;
  const session = await openSession({ ...request, ...(agents === null ? {} : { agents }) });
  try {
    if (session.lastMode === "plan") {
      const planning = { ...workspace, sandboxMode: "read-only" as const };
      await session.change({
        loaded,
        workspace: planning,
        approvalPolicy: "never",
        planMode: { instructions: null },
      });
    }
    const input: UserInput[] = args.prompt === null ? [] : [{ type: "text", text: args.prompt }];
    for (const image of args.images)
      input.push({ type: "localImage", path: path.resolve(system.cwd, image) });
    const { settings } = session;
    const running = await session.thread.startTurn(input, {
      settings: { ...settings, compaction: { ...settings.compaction, limit: null } },
    });
    const turn = await running.done;
    const [request] = kept;
    if (!request)
      throw new CodedError(turn.error?.code ?? "internal", turn.error?.message ?? "nothing was asked");
    return { request, facts: factsOf(loaded, session), settings };
  } finally {
    await session.close();
  }
}

async function offeredAgents(request: SessionRequest): Promise<SessionAgents> {
  const { shownAgents } = await import("../subagents/agent-tree.ts");
  return shownAgents(request);
}

function factsOf(loaded: LoadedConfig, session: Session): ContextFacts {
  const own = new Set(session.tools.tools.map(({ spec }) => spec.name));
  const { modelInstructionsFile, instructions } = loaded.config;
  return {
    instructionsSource:
      modelInstructionsFile ?? (instructions === null ? "built in" : "instructions in config.toml"),
    toolSource: (name) => (own.has(name) ? "built-in tool" : "an MCP server"),
    docs: session.docs.pieces,
    memories: session.memories.paths,
    sentItems: session.historyItems,
  };
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
