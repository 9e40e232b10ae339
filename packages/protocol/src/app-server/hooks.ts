import * as z from "zod/mini";
import { HookEventNameSchema, HookRunSummarySchema, HookSourceSchema } from "../hook-run.ts";
import { maybe } from "./field.ts";
import { later } from "./later.ts";

/** A file's hooks hold only when they are trusted as they are; those of others are named in `warnings`. */
const trusted = () => z.literal("trusted");

export const HooksListParamsSchema = later(() =>
  z.object({
    /** The process's own folder without any. */
    cwds: maybe(z.array(z.string())),
    /** A thread that is open here, in place of folders. */
    threadId: maybe(z.string()),
  }),
);
/** A hook that holds in a folder. */
export const HookMetadataSchema = later(() =>
  z.object({
    /** File, event, group and handler. */
    key: z.string(),
    eventName: HookEventNameSchema,
    handlerType: z.literal("command"),
    command: z.string(),
    async: z.boolean(),
    matcher: z.nullable(z.string()),
    timeoutSec: z.number(),
    statusMessage: z.nullable(z.string()),
    additionalContextLimit: z.null(),
    sourcePath: z.string(),
    source: HookSourceSchema,
    pluginId: z.nullable(z.string()),
    environmentId: z.null(),
    displayOrder: z.number(),
    enabled: z.boolean(),
    isManaged: z.boolean(),
    /** Changes with whatever of the hook changes. */
    currentHash: z.string(),
    trustStatus: trusted(),
  }),
);
export type HookMetadata = z.infer<typeof HookMetadataSchema>;
export const HooksListResponseSchema = later(() =>
  z.object({
    data: z.array(
      z.object({
        cwd: z.string(),
        hooks: z.array(HookMetadataSchema),
        warnings: z.array(z.string()),
        errors: z.array(z.object({ path: z.string(), message: z.string() })),
      }),
    ),
  }),
);

export const HookRunNotificationSchema = later(() =>
  z.object({ threadId: z.string(), turnId: z.nullable(z.string()), run: HookRunSummarySchema }),
);
