import * as z from "zod";

/** Fields that several endpoints share. `null` means "as if it were not there", as in OpenAI's API. */
export const metadata = z
  .record(z.string().max(64), z.string().max(512))
  .refine((value) => Object.keys(value).length <= 16, "at most 16 entries")
  .nullish();

export const effort = z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);
export const verbosity = z.enum(["low", "medium", "high"]);
export const temperature = z.number().min(0).max(2).nullish();
export const topP = z.number().min(0).max(1).nullish();
export const positive = z.int().min(1);
export const toolName = z.string().regex(/^[a-zA-Z0-9_-]{1,128}$/, "a name of letters, digits, _ and -");
export const jsonSchema = z.record(z.string(), z.unknown());
export const stop = z
  .union([z.string().min(1), z.array(z.string().min(1)).max(4)])
  .nullish()
  .transform((value) =>
    value === null || value === undefined ? [] : typeof value === "string" ? [value] : value,
  );

/** Of endpoints that answer with choices. */
export const streamOptions = z
  .strictObject({ include_usage: z.boolean().nullish(), include_obfuscation: z.literal(false).nullish() })
  .nullish();
export const choices = z.int().min(1).max(8).nullish();

/** Taken only with the one value that changes nothing; for everything else the request is refused. */
export const ServiceTier = z.enum(["auto", "default", "flex", "scale", "priority"]).nullish();
