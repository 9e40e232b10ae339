import * as z from "zod/mini";
import { CollabAgentStatusSchema } from "./agent-state.ts";
import { type ResponseItem, ResponseItemSchema } from "./response-item.ts";

const count = z.number();

/** An agent of a thread, as it stood when it was last heard of. */
const KnownAgentSchema = z.object({
  threadId: z.string(),
  path: z.string(),
  role: z.string(),
  status: CollabAgentStatusSchema,
});
export type KnownAgent = z.infer<typeof KnownAgentSchema>;

const PlanTextSchema = z.object({ itemId: z.string(), text: z.string() });

/**
 * What a thread amounts to beside its words, gathered from its items as they complete. Every list is bounded, oldest
 * first; `dropped` counts what fell out of them.
 */
export const ThreadDigestSchema = z.object({
  files: z.array(
    z.object({
      path: z.string(),
      change: z.enum(["add", "delete", "update"]),
      added: count,
      removed: count,
      patches: count,
    }),
  ),
  decisions: z.array(z.object({ subject: z.string(), decision: z.string(), reason: z.string() })),
  /** What was tried and failed, and has not worked since. */
  failures: z.array(z.object({ what: z.string(), how: z.string(), tail: z.string() })),
  /** Other agents that work, or have worked, for this one. Absent in what older versions wrote. */
  agents: z.optional(z.array(KnownAgentSchema)),
  commands: z.array(z.object({ command: z.string(), ending: z.string() })),
  /** Messages of the user that no longer are in the context word for word. */
  requestsLeftOut: count,
  /** The last plan that was proposed, and the last that was approved: the words stay as they are. */
  proposedPlan: z.optional(PlanTextSchema),
  approvedPlan: z.optional(PlanTextSchema),
  dropped: z.object({ files: count, decisions: count, failures: count }),
});
export type ThreadDigest = z.infer<typeof ThreadDigestSchema>;

/** Items of kinds that we do not know are passed over, as they are everywhere in a log. */
export const KnownItemsSchema = z.pipe(
  z.array(z.unknown()),
  z.transform((items: unknown[]): ResponseItem[] =>
    items.flatMap((item) => {
      const known = ResponseItemSchema.safeParse(item);
      return known.success ? [known.data] : [];
    }),
  ),
);
