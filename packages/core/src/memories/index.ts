// A way in of its own: only programs that use memories load what makes and shows them.
export {
  CONSOLIDATION_INSTRUCTIONS,
  CONSOLIDATION_SCHEMA,
  consolidationRequest,
  type NeedlessMemory,
  readConsolidation,
} from "./consolidate.ts";
export { extractMemories, type ProposedMemory } from "./extract-memories.ts";
export { type KnownMemory, memoriesText } from "./memories-text.ts";
export { type MemoryContent, parseMemory, renderMemory } from "./memory-file.ts";
export {
  MEMORY_INSTRUCTIONS,
  MEMORY_SCHEMA,
  memoryRequest,
  readModelMemories,
} from "./model-memories.ts";
export { type ThreadFacts, threadFacts } from "./thread-facts.ts";
