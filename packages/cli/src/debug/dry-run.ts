import path from "node:path";
import type { ThreadOverrides, TurnOverrides } from "@quire/app-server";
import { type LoadedConfig, resolveHome } from "@quire/config";
import type { ContextFacts, ThreadSettings } from "@quire/core";
import type { ModelClient, ModelRequest } from "@quire/models";
import { CodedError, type ModeKind, type UserInput } from "@quire/protocol";
import type { Tool } from "@quire/tools";
import { type EngineBase, planningConfig, threadConfig } from "../engine/thread-config.ts";
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

/** Which request is wanted. */
export interface DryRunRequest {
  readonly base: EngineBase;
  /** Where the thread works unless one of the sets says otherwise. */
  readonly cwd: string;
  /** What was chosen for the thread beside the configuration. */
  readonly sets: readonly (ThreadOverrides & TurnOverrides)[];
  readonly target: ThreadTarget;
  /** Null: the mode that the thread was left in. */
  readonly mode: ModeKind | null;
  /** Tools that the front end brings along. */
  readonly clientTools: readonly Tool[];
  readonly input: readonly UserInput[];
}

/** The request that `quire exec` would begin with for these words. */
export async function dryRun(
  args: ExecArguments,
  system: System,
  targetOf: (place: { home: string; cwd: string }) => ThreadTarget,
): Promise<DryRun> {
  const home = await resolveHome(system.env, system.homeDir);
  const cwd = workingDirectory(system.cwd, args.cwd);
  const input: UserInput[] = args.prompt === null ? [] : [{ type: "text", text: args.prompt }];
  for (const image of args.images) input.push({ type: "localImage", path: path.resolve(system.cwd, image) });
  return dryRunOf({
    base: engineBase(args, system, home),
    cwd,
    sets: [threadOverrides(args)],
    target: targetOf({ home, cwd }),
    mode: null,
    clientTools: [],
    input,
  });
}

/**
 * Makes the next request of a thread by the same code as a real one, with a client that keeps it instead of sending it. The
 * thread is ephemeral: nothing is written. A request that would be compacted first is shown as it is before that.
 */
export async function dryRunOf({ base, cwd, sets, ...wanted }: DryRunRequest): Promise<DryRun> {
  const config = await threadConfig(base, cwd, sets);
  const kept: ModelRequest[] = [];
  const request: SessionRequest = {
    system: base.system,
    home: base.home,
    ...config,
    target: wanted.target,
    ephemeral: true,
    ignoreRules: base.ignoreRules,
    source: "debug",
    approvalPolicy: config.loaded.config.approvalPolicy,
    // Without an answer of the model nothing is asked; that somebody could be changes what the model is told.
    approver: base.attended ? async () => ({ decision: "decline" }) : null,
    clientTools: wanted.clientTools,
    withoutTools: toolsSwitchedOff(config.loaded.config),
    modelClient: keepingClient(kept),
  };
  const agents = agentsEnabled(config.loaded.config, base.home) ? await offeredAgents(request) : null;
  const session = await openSession({ ...request, ...(agents === null ? {} : { agents }) });
  try {
    if ((wanted.mode ?? session.lastMode) === "plan") {
      const planning = await planningConfig(base, cwd, sets, null);
      const { approvalPolicy } = planning.loaded.config;
      await session.change({ ...planning, approvalPolicy, planMode: { instructions: null } });
    }
    const { settings } = session;
    const running = await session.thread.startTurn(wanted.input, {
      settings: { ...settings, compaction: { ...settings.compaction, limit: null } },
    });
    const turn = await running.done;
    const [first] = kept;
    if (!first)
      throw new CodedError(turn.error?.code ?? "internal", turn.error?.message ?? "nothing was asked");
    return { request: first, facts: factsOf(config.loaded, session), settings };
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
