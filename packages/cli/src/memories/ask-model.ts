import type { Cost } from "@quire/protocol";
import { BUILTIN_TOOL_NAMES } from "@quire/tools";
import type { EngineBase, ThreadConfig } from "../engine/thread-config.ts";
import { startBudget } from "../engine/turn-limits.ts";
import { chooseModel } from "../session/model/model-choice.ts";
import { openSession } from "../session/open-session.ts";

/** How long one request about memories may take. */
const TIME_LIMIT_MS = 30_000;

export interface MemoryQuestion {
  /** Null for the configured model. */
  readonly model: string | null;
  readonly instructions: string;
  readonly schema: Readonly<Record<string, unknown>>;
  readonly text: string;
}

export interface MemoryAnswer {
  readonly text: string;
  /** As the endpoint is asked for it. */
  readonly model: string;
  readonly cost: Cost | null;
}

/** Null where there is no language model, or it gave no answer. One request, in a thread that leaves no log. */
export async function askMemoryModel(
  base: EngineBase,
  { loaded, workspace }: ThreadConfig,
  { model, instructions, schema, text }: MemoryQuestion,
  signal: AbortSignal,
): Promise<MemoryAnswer | null> {
  const { config } = loaded;
  const own = {
    ...config,
    model: model ?? config.model,
    instructions,
    modelInstructionsFile: null,
    developerInstructions: null,
    projectDocMaxBytes: 0,
    memories: { ...config.memories, use: false, generate: false },
  };
  try {
    if (chooseModel(own, base.system.env, base.home).kind === "offline") return null;
    const session = await openSession({
      system: base.system,
      home: base.home,
      loaded: { ...loaded, config: own },
      workspace: { ...workspace, sandboxMode: "external-sandbox" },
      target: { kind: "start" },
      ephemeral: true,
      ignoreRules: true,
      source: "memory",
      approvalPolicy: "never",
      approver: null,
      clientTools: [],
      withoutTools: BUILTIN_TOOL_NAMES,
      withoutMcp: true,
    });
    const { budget, stop } = startBudget({ maxModelCalls: 1, timeoutMs: TIME_LIMIT_MS });
    try {
      const { settings } = session;
      const options = { settings, budget, outputSchema: schema, signal };
      const running = await session.thread.startTurn([{ type: "text", text }], options);
      const { error, finalText, cost } = await running.done;
      return error === null && finalText !== null ? { text: finalText, model: settings.model, cost } : null;
    } finally {
      stop();
      await session.close();
    }
  } catch {
    // No key, no such model: memories are made without one, and the thread itself has said what is wrong.
    return null;
  }
}
