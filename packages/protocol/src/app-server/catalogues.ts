import * as z from "zod/mini";
import { maybe, pageParams } from "./field.ts";
import { later } from "./later.ts";

const nextCursor = z.nullable(z.string());

export const ModelListParamsSchema = later(() =>
  z.object({ ...pageParams, includeHidden: maybe(z.boolean()) }),
);
/** A model of the catalogue. `contextWindow` is ours; null is unknown. */
export const WireModelSchema = later(() =>
  z.object({
    id: z.string(),
    model: z.string(),
    upgrade: z.nullable(z.string()),
    upgradeInfo: z.null(),
    availabilityNux: z.null(),
    displayName: z.string(),
    description: z.string(),
    modelSpecialty: z.null(),
    hidden: z.boolean(),
    supportedReasoningEfforts: z.array(z.object({ reasoningEffort: z.string(), description: z.string() })),
    defaultReasoningEffort: z.string(),
    inputModalities: z.array(z.string()),
    supportsPersonality: z.boolean(),
    multiAgentVersion: z.null(),
    additionalSpeedTiers: z.array(z.string()),
    serviceTiers: z.array(z.unknown()),
    defaultServiceTier: z.null(),
    availableAccessPrograms: z.null(),
    isDefault: z.boolean(),
    contextWindow: z.optional(z.nullable(z.number())),
  }),
);
export type WireModel = z.infer<typeof WireModelSchema>;
export const ModelListResponseSchema = later(() => z.object({ data: z.array(WireModelSchema), nextCursor }));

export const PermissionProfileListParamsSchema = later(() =>
  z.object({ ...pageParams, cwd: maybe(z.string()) }),
);
export const PermissionProfileSchema = later(() =>
  z.object({
    id: z.string(),
    description: z.nullable(z.string()),
    allowed: z.boolean(),
  }),
);
export const PermissionProfileListResponseSchema = later(() =>
  z.object({
    data: z.array(PermissionProfileSchema),
    nextCursor,
  }),
);

export const FuzzyFileSearchParamsSchema = later(() =>
  z.object({
    query: z.string().check(z.maxLength(1024)),
    roots: z.array(z.string()).check(z.maxLength(16)),
    /** A later search with the same token ends an earlier one, which then answers with what it has. */
    cancellationToken: maybe(z.string()),
  }),
);
export const FuzzyFileMatchSchema = later(() =>
  z.object({
    root: z.string(),
    /** Relative to the root. */
    path: z.string(),
    match_type: z.enum(["file", "directory"]),
    file_name: z.string(),
    score: z.number(),
    /** UTF-16 offsets into `path` of the matched characters. */
    indices: z.nullable(z.array(z.number())),
  }),
);
export type FuzzyFileMatch = z.infer<typeof FuzzyFileMatchSchema>;
export const FuzzyFileSearchResponseSchema = later(() => z.object({ files: z.array(FuzzyFileMatchSchema) }));

/** `sessionId` is the client's own name for it. */
export const FuzzyFileSearchSessionStartParamsSchema = later(() =>
  z.object({ sessionId: z.string(), roots: z.array(z.string()) }),
);
export const FuzzyFileSearchSessionUpdateParamsSchema = later(() =>
  z.object({ sessionId: z.string(), query: z.string() }),
);
export const FuzzyFileSearchSessionStopParamsSchema = later(() => z.object({ sessionId: z.string() }));
export const FuzzyFileSearchSessionUpdatedSchema = later(() =>
  z.object({ sessionId: z.string(), query: z.string(), files: z.array(FuzzyFileMatchSchema) }),
);

export const SkillsListParamsSchema = later(() =>
  z.object({ cwds: maybe(z.array(z.string())), forceReload: maybe(z.boolean()) }),
);
/** A skill that the model is offered in a directory. */
export const WireSkillSchema = later(() =>
  z.object({
    name: z.string(),
    description: z.string(),
    /** Of its SKILL.md; absolute. */
    path: z.string(),
    scope: z.enum(["user", "repo", "system", "admin"]),
    enabled: z.boolean(),
    pluginId: z.nullable(z.string()),
  }),
);
export const SkillsListEntrySchema = later(() =>
  z.object({
    cwd: z.string(),
    skills: z.array(WireSkillSchema),
    /** Skills that are there and not offered, and why. */
    errors: z.array(z.object({ path: z.string(), message: z.string() })),
  }),
);
export type SkillsListEntry = z.infer<typeof SkillsListEntrySchema>;
export const SkillsListResponseSchema = later(() => z.object({ data: z.array(SkillsListEntrySchema) }));
