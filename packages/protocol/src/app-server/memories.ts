import * as z from "zod/mini";
import { maybe } from "./field.ts";
import { later } from "./later.ts";

const threadId = z.string();

/** Whether memories may be made of a thread; `disabled` also ends that they are shown to it from its next turn on. */
export const ThreadMemoryModeSchema = z.enum(["enabled", "disabled"]);
export type ThreadMemoryMode = z.infer<typeof ThreadMemoryModeSchema>;
export const ThreadMemoryModeSetParamsSchema = later(() =>
  z.object({ threadId, mode: ThreadMemoryModeSchema }),
);

/** One memory: a Markdown file below `memories` in the home, which people may read, change and delete. */
export const MemoryEntrySchema = later(() =>
  z.object({
    /** Its file below the folder of memories, without `.md`; what `memory/forget` takes. */
    id: z.string(),
    scope: z.enum(["global", "project"]),
    /** The folder of the project; null for `global`. */
    project: z.nullable(z.string()),
    text: z.string(),
    /**
     * `user`: the user's own words. `observed`: what the harness saw a command do. `agent`: what the agent concluded; nobody
     * confirmed it.
     */
    provenance: z.enum(["user", "observed", "agent"]),
    /** The thread that it comes from; null where a person wrote it. */
    threadId: z.nullable(z.string()),
    /** Unix seconds. */
    createdAt: z.nullable(z.number()),
    /** Absolute. */
    path: z.string(),
  }),
);
export type MemoryEntry = z.infer<typeof MemoryEntrySchema>;

/** Those that threads in `cwd` see; all of them without it. */
export const MemoryListParamsSchema = later(() => z.object({ cwd: maybe(z.string()) }));
export const MemoryListResponseSchema = later(() => z.object({ data: z.array(MemoryEntrySchema) }));
export const MemoryForgetParamsSchema = later(() => z.object({ id: z.string() }));
export const MemoryForgetResponseSchema = later(() => z.object({ forgotten: z.boolean() }));
export const MemoryResetResponseSchema = later(() => z.object({ forgotten: z.number() }));

export const MemoryStatusParamsSchema = later(() => z.object({ cwd: maybe(z.string()) }));
/** The switches are `memories.use_memories` and `memories.generate_memories`, for `config/value/write`. */
export const MemoryStatusResponseSchema = later(() =>
  z.object({
    useMemories: z.boolean(),
    generateMemories: z.boolean(),
    /** Absolute; it need not exist. */
    folder: z.string(),
    entries: z.number(),
    bytes: z.number(),
  }),
);
export type MemoryStatusResponse = z.infer<typeof MemoryStatusResponseSchema>;

/** What the thread was shown of memories, and whether it may become some. */
export const ThreadMemoryReadResponseSchema = later(() =>
  z.object({ mode: ThreadMemoryModeSchema, text: z.nullable(z.string()), entries: z.array(z.string()) }),
);
export type ThreadMemoryReadResponse = z.infer<typeof ThreadMemoryReadResponseSchema>;
