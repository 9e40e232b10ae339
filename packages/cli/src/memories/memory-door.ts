import path from "node:path";
import type { MemoryAccess } from "@quire/app-server";
import type { MemoryEntry } from "@quire/protocol/app-server";
import { type EngineBase, readConfig } from "../engine/thread-config.ts";
import { MemoryStore, type StoredMemory } from "./memory-store.ts";
import { memoryRoot } from "./project-root.ts";

/** The memories of a home, as clients see and delete them. */
export function memoryDoor(base: EngineBase): MemoryAccess {
  const store = new MemoryStore(base.home);
  const list = (cwd: string | null) =>
    store.list(cwd === null ? null : memoryRoot(path.resolve(base.system.cwd, cwd)));
  return {
    async status(cwd) {
      const { memories } = (await readConfig(base, cwd ?? base.system.cwd, [])).config;
      const entries = list(cwd);
      return {
        useMemories: memories.use,
        generateMemories: memories.generate,
        folder: store.folder,
        entries: entries.length,
        bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    },
    list: (cwd) => list(cwd).map(entryView),
    forget: (id) => store.forget(id),
    reset: () => store.reset(),
  };
}

export function entryView(memory: StoredMemory): MemoryEntry {
  const { id, scope, project, text, provenance, threadId, createdMs, path: file } = memory;
  const createdAt = createdMs === null ? null : Math.floor(createdMs / 1000);
  return { id, scope, project, text, provenance, threadId, createdAt, path: file };
}
