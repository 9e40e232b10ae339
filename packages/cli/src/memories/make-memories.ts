import fs from "node:fs";
import { parseRollout, replayRollout } from "@quire/core";
import {
  extractMemories,
  MEMORY_INSTRUCTIONS,
  MEMORY_SCHEMA,
  memoryRequest,
  type ProposedMemory,
  readModelMemories,
  type ThreadFacts,
  threadFacts,
} from "@quire/core/memories";
import type { EngineBase, ThreadConfig } from "../engine/thread-config.ts";
import { sessionRedactor } from "../session/session-redactor.ts";
import { askMemoryModel } from "./ask-model.ts";
import { MemoryStore } from "./memory-store.ts";
import { memoryRoot } from "./project-root.ts";

/** Threads that were not the user's own work. */
const SOURCES_LEFT_OUT: ReadonlySet<string> = new Set(["review", "memory", "subagent"]);

export interface MadeMemories {
  added: number;
  /** `extract`: there was no model, or it failed. */
  by: "model" | "extract" | null;
  /** Why none were made; null where the thread was looked at. */
  skipped: string | null;
}

export interface ThreadLog {
  id: string;
  path: string;
}

/** Makes memories of one thread that nobody works on, from its log. Notes that it was looked at unless `signal` aborts. */
export async function makeMemories(
  base: EngineBase,
  config: ThreadConfig,
  log: ThreadLog,
  signal: AbortSignal,
): Promise<MadeMemories> {
  const { memories } = config.loaded.config;
  const store = new MemoryStore(base.home);
  const { mtimeMs } = fs.statSync(log.path);
  const { records } = parseRollout(fs.readFileSync(log.path));
  const { meta, memoryMode, lastTurnContext } = replayRollout(records);
  const facts = threadFacts(records);
  const skipped = whyNot(facts, {
    isOff: memoryMode === "disabled",
    // An agent's source is a table that names its parent.
    source: typeof meta?.source === "object" ? "subagent" : (meta?.source ?? ""),
    leavesExternalOut: memories.disableOnExternalContext,
  });
  if (skipped !== null) {
    store.markDone(log.id, mtimeMs);
    return { added: 0, by: null, skipped };
  }
  const byModel = await askModel(base, config, facts, signal);
  if (signal.aborted) return { added: 0, by: null, skipped: "interrupted" };
  const { system, home } = base;
  const redactor = sessionRedactor(system, home, config.loaded.config, null);
  const root = memoryRoot(lastTurnContext?.cwd ?? meta?.cwd ?? config.workspace.cwd);
  let added = 0;
  for (const memory of byModel ?? extractMemories(facts)) {
    const { text, provenance, quote } = redactor.redactAll(memory);
    // One with a hidden secret in it is of no use, and says where the secret is.
    if (`${text}\n${quote ?? ""}`.includes("[redacted:")) continue;
    const content = { text, provenance, quote, threadId: log.id, createdMs: system.now() };
    if (store.add(content, memory.scope === "global" ? null : root)) added += 1;
  }
  store.markDone(log.id, mtimeMs);
  return { added, by: byModel === null ? "extract" : "model", skipped: null };
}

function whyNot(
  { requests, external }: ThreadFacts,
  { isOff, source, leavesExternalOut }: { isOff: boolean; source: string; leavesExternalOut: boolean },
): string | null {
  if (isOff) return "memories are switched off for this thread";
  if (SOURCES_LEFT_OUT.has(source)) return "it is no thread of the user's own";
  if (requests.length === 0) return "the user said nothing in it";
  if (external && leavesExternalOut) return "it called MCP servers or searched the web";
  return null;
}

/** Null where there is no language model, or its answer cannot be used. */
async function askModel(
  base: EngineBase,
  config: ThreadConfig,
  facts: ThreadFacts,
  signal: AbortSignal,
): Promise<ProposedMemory[] | null> {
  const question = {
    model: config.loaded.config.memories.extractModel,
    instructions: MEMORY_INSTRUCTIONS,
    schema: MEMORY_SCHEMA,
    text: memoryRequest(facts),
  };
  const answer = await askMemoryModel(base, config, question, signal);
  return answer === null ? null : readModelMemories(answer.text, facts);
}
