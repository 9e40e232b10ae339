import * as z from "zod/mini";
import { maybe } from "./field.ts";
import { later } from "./later.ts";

export const InitializeParamsSchema = later(() =>
  z.object({
    clientInfo: z.object({ name: z.string(), title: maybe(z.string()), version: z.string() }),
    capabilities: maybe(
      z.object({
        experimentalApi: z.optional(z.boolean()),
        /** Ours: the client also wants items of types that Codex does not have (`approval`, `networkAccess`, `warning`). */
        quireItems: z.optional(z.boolean()),
        /** Notifications that this connection does not want, by method name. */
        optOutNotificationMethods: maybe(z.array(z.string())),
      }),
    ),
  }),
);
export type InitializeParams = z.infer<typeof InitializeParamsSchema>;

/** `codexHome` is the Quire home under the name that clients know. */
export const InitializeResponseSchema = later(() =>
  z.object({
    userAgent: z.string(),
    codexHome: z.string(),
    platformFamily: z.string(),
    platformOs: z.string(),
  }),
);
export type InitializeResponse = z.infer<typeof InitializeResponseSchema>;
