import {
  CONSOLIDATION_INSTRUCTIONS,
  CONSOLIDATION_SCHEMA,
  consolidationRequest,
  readConsolidation,
} from "@quire/core/memories";
import type { Cost } from "@quire/protocol";
import type { EngineBase, ThreadConfig } from "../engine/thread-config.ts";
import { askMemoryModel } from "./ask-model.ts";
import { MemoryStore, type StoredMemory } from "./memory-store.ts";
import { memoryRoot } from "./project-root.ts";

export type Consolidation =
  /** `asked` were looked at. */
  | {
      kind: "done";
      dropped: readonly { memory: StoredMemory; becauseOf: string }[];
      asked: number;
      model: string;
      cost: Cost | null;
    }
  | { kind: "nothing" }
  /** There is no model, or its answer cannot be used. */
  | { kind: "no_answer" };

/**
 * Lets a model name memories of a place, and of all places, that others make needless, and forgets those. No text is
 * written: what stays is as it was.
 */
export async function consolidateMemories(
  base: EngineBase,
  config: ThreadConfig,
  signal: AbortSignal,
): Promise<Consolidation> {
  const { consolidationModel, extractModel } = config.loaded.config.memories;
  const store = new MemoryStore(base.home);
  const memories = store.list(memoryRoot(config.workspace.cwd));
  const text = consolidationRequest(memories);
  if (text === null) return { kind: "nothing" };
  const question = {
    model: consolidationModel ?? extractModel,
    instructions: CONSOLIDATION_INSTRUCTIONS,
    schema: CONSOLIDATION_SCHEMA,
    text,
  };
  const answer = await askMemoryModel(base, config, question, signal);
  const needless = answer && readConsolidation(answer.text, memories);
  if (answer === null || needless === null || signal.aborted) return { kind: "no_answer" };
  const dropped = needless.flatMap(({ id, becauseOf }) => {
    const memory = memories.find((one) => one.id === id);
    return memory !== undefined && store.forget(id) ? [{ memory, becauseOf }] : [];
  });
  return { kind: "done", dropped, asked: memories.length, model: answer.model, cost: answer.cost };
}
