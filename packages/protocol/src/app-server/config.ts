import * as z from "zod/mini";
import { maybe } from "./field.ts";
import { later } from "./later.ts";

export const ConfigReadParamsSchema = later(() =>
  z.object({
    includeLayers: maybe(z.boolean()),
    cwd: maybe(z.string()),
  }),
);

export const ConfigLayerSourceSchema = later(() =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("packagedDefaults"), file: z.string() }),
    z.object({ type: z.literal("system"), file: z.string() }),
    z.object({ type: z.literal("user"), file: z.string(), profile: z.nullable(z.string()) }),
    z.object({ type: z.literal("project"), dotCodexFolder: z.string() }),
    z.object({ type: z.literal("sessionFlags") }),
  ]),
);
export type ConfigLayerSource = z.infer<typeof ConfigLayerSourceSchema>;

/** `version` changes whenever the file does. */
export const ConfigLayerMetadataSchema = later(() =>
  z.object({ name: ConfigLayerSourceSchema, version: z.string() }),
);
export type ConfigLayerMetadata = z.infer<typeof ConfigLayerMetadataSchema>;
export const ConfigLayerSchema = later(() =>
  z.object({
    name: ConfigLayerSourceSchema,
    version: z.string(),
    config: z.unknown(),
    disabledReason: z.nullable(z.string()),
  }),
);

export type ConfigLayer = z.infer<typeof ConfigLayerSchema>;

/** Values in the words of config.toml; secrets are left out. `origins` is by dotted key. */
export const ConfigReadResponseSchema = later(() =>
  z.object({
    config: z.record(z.string(), z.unknown()),
    origins: z.record(z.string(), ConfigLayerMetadataSchema),
    layers: z.nullable(z.array(ConfigLayerSchema)),
  }),
);
export type ConfigReadResponse = z.infer<typeof ConfigReadResponseSchema>;

const edit = {
  /** Dotted; a name with a dot in it is quoted. */
  keyPath: z.string(),
  /** Null removes the key. */
  value: z.unknown(),
  /** `upsert` merges a table into the one that is there. */
  mergeStrategy: z.enum(["replace", "upsert"]),
};
export const ConfigEditSchema = later(() => z.object(edit));
export type ConfigEdit = z.infer<typeof ConfigEditSchema>;
export const ConfigValueWriteParamsSchema = later(() =>
  z.object({
    ...edit,
    filePath: maybe(z.string()),
    expectedVersion: maybe(z.string()),
  }),
);
export const ConfigBatchWriteParamsSchema = later(() =>
  z.object({
    edits: z.array(ConfigEditSchema),
    filePath: maybe(z.string()),
    expectedVersion: maybe(z.string()),
    reloadUserConfig: maybe(z.boolean()),
  }),
);
export type ConfigBatchWriteParams = z.infer<typeof ConfigBatchWriteParamsSchema>;
export const ConfigWriteResponseSchema = later(() =>
  z.object({
    status: z.enum(["ok", "okOverridden"]),
    version: z.string(),
    filePath: z.string(),
    overriddenMetadata: z.nullable(
      z.object({
        message: z.string(),
        overridingLayer: ConfigLayerMetadataSchema,
        effectiveValue: z.unknown(),
      }),
    ),
  }),
);
export type ConfigWriteResponse = z.infer<typeof ConfigWriteResponseSchema>;
