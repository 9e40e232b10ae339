import * as z from "zod/mini";
import { maybe, pageParams } from "./field.ts";
import { later } from "./later.ts";

export const AccountReadParamsSchema = later(() => z.object({ refreshToken: maybe(z.boolean()) }));
/** Whether there is a key for the configured provider; never the key. */
export const AccountReadResponseSchema = later(() =>
  z.object({
    account: z.nullable(z.object({ type: z.literal("apiKey") })),
    userId: z.null(),
    requiresOpenaiAuth: z.boolean(),
  }),
);
export type AccountReadResponse = z.infer<typeof AccountReadResponseSchema>;

export const RateLimitWindowSchema = later(() =>
  z.object({
    /** 0 to 100. */
    usedPercent: z.number(),
    /** Not told here. */
    windowDurationMins: z.null(),
    /** Unix seconds. */
    resetsAt: z.nullable(z.number()),
  }),
);
export type RateLimitWindow = z.infer<typeof RateLimitWindowSchema>;
/** Shares of a plan, as an endpoint told them last; null is not told. What only a hosted account knows is always null. */
export const PlanLimitsSchema = later(() =>
  z.object({
    limitId: z.null(),
    limitName: z.null(),
    normalModelSlug: z.null(),
    primary: z.nullable(RateLimitWindowSchema),
    secondary: z.nullable(RateLimitWindowSchema),
    credits: z.null(),
    individualLimit: z.null(),
    spendControlReached: z.null(),
    planType: z.null(),
    rateLimitReachedType: z.null(),
  }),
);
export type PlanLimits = z.infer<typeof PlanLimitsSchema>;
export const AccountRateLimitsReadResponseSchema = later(() =>
  z.object({
    ordinaryUsageAllowed: z.null(),
    rateLimits: PlanLimitsSchema,
    rateLimitsByLimitId: z.null(),
    rateLimitResetCredits: z.null(),
    accountId: z.null(),
    rateLimitUpsell: z.null(),
  }),
);
export const AccountRateLimitsUpdatedSchema = later(() => z.object({ rateLimits: PlanLimitsSchema }));

/** Only `apiKey` is a way to log in here; other types are refused with `usage_invalid`. */
export const LoginAccountParamsSchema = later(() =>
  z.object({ type: z.string(), apiKey: maybe(z.string()) }),
);
export const LoginAccountResponseSchema = later(() => z.object({ type: z.literal("apiKey") }));
export const AccountLoginCompletedSchema = later(() =>
  z.object({ loginId: z.null(), success: z.boolean(), error: z.nullable(z.string()) }),
);
export const AccountUpdatedSchema = later(() =>
  z.object({ authMode: z.nullable(z.literal("apikey")), planType: z.null() }),
);

export const ExperimentalFeatureListParamsSchema = later(() =>
  z.object({ ...pageParams, threadId: maybe(z.string()) }),
);
/** A switch under `[features]`. */
export const ExperimentalFeatureSchema = later(() =>
  z.object({
    name: z.string(),
    stage: z.enum(["beta", "stable", "deprecated"]),
    displayName: z.nullable(z.string()),
    /** What it does. Codex says it of beta features only. */
    description: z.nullable(z.string()),
    announcement: z.nullable(z.string()),
    enabled: z.boolean(),
    defaultEnabled: z.boolean(),
  }),
);
export type ExperimentalFeature = z.infer<typeof ExperimentalFeatureSchema>;
export const ExperimentalFeatureListResponseSchema = later(() =>
  z.object({ data: z.array(ExperimentalFeatureSchema), nextCursor: z.nullable(z.string()) }),
);
