import * as z from "zod/mini";
import { maybe } from "./field.ts";
import { WireUserInputSchema } from "./item.ts";
import { later } from "./later.ts";
import { WireTurnSchema } from "./thread.ts";

/**
 * Messages that wait until their thread has time for them. They are kept beside the thread's log and outlive the process;
 * each becomes a turn of its own, first in, first out.
 */
const metadata = z.record(z.string(), z.string());
const input = z.array(WireUserInputSchema);
const queuedSubmissionId = z.string();

export const QueuedSubmissionSchema = later(() =>
  z.object({
    /** Ours; stays the same when the message is edited. */
    id: z.string(),
    input,
    /** The client's; `clientId` of the item `userMessage` that the message becomes. */
    clientUserMessageId: z.string(),
    responsesapiClientMetadata: z.nullable(metadata),
  }),
);
export type QueuedSubmission = z.infer<typeof QueuedSubmissionSchema>;

export const ThreadQueueAddParamsSchema = later(() =>
  z.object({
    threadId: z.string(),
    input,
    clientUserMessageId: z.string(),
    /** Kept with the message and given back; not sent to the model's endpoint. */
    responsesapiClientMetadata: maybe(metadata),
  }),
);
export const QueuedSubmissionResponseSchema = later(() =>
  z.object({ queuedSubmission: QueuedSubmissionSchema }),
);

export const ThreadQueueListParamsSchema = later(() =>
  z.object({ threadId: z.string(), cursor: maybe(z.string()), limit: maybe(z.number()) }),
);
export const ThreadQueueListResponseSchema = later(() =>
  z.object({ data: z.array(QueuedSubmissionSchema), nextCursor: z.nullable(z.string()) }),
);

export const ThreadQueueUpdateParamsSchema = later(() =>
  z.object({
    threadId: z.string(),
    queuedSubmissionId,
    input,
    /** Absent or empty leaves what there is. */
    responsesapiClientMetadata: maybe(metadata),
  }),
);

export const ThreadQueueDeleteParamsSchema = later(() =>
  z.object({ threadId: z.string(), queuedSubmissionId }),
);
export const ThreadQueueDeleteResponseSchema = later(() => z.object({ deleted: z.boolean() }));

/** Every waiting message, once, in the order they are to have. */
export const ThreadQueueReorderParamsSchema = later(() =>
  z.object({ threadId: z.string(), queuedSubmissionIds: z.array(z.string()) }),
);

/** Begins a turn with a message of the queue now; with the first one where none is named. */
export const ThreadQueueStartParamsSchema = later(() =>
  z.object({ threadId: z.string(), queuedSubmissionId: maybe(z.string()) }),
);
export const ThreadQueueStartResponseSchema = later(() => z.object({ turn: WireTurnSchema }));
