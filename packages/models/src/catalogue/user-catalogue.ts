import { CodedError, ReasoningEffortSchema } from "@quire/protocol";
import * as z from "zod/mini";
import { type ModelEntry, unknownModel } from "./model-entry.ts";

const tokens = z.nullable(z.number().check(z.positive()));
const dollars = z.nullable(z.number().check(z.nonnegative()));

const UserPriceSchema = z.object({
  input: z.number().check(z.nonnegative()),
  output: z.number().check(z.nonnegative()),
  cached_input: z._default(dollars, null),
  cache_write_input: z.optional(dollars),
  as_of: z._default(z.string(), "not dated"),
  source: z._default(z.string(), "user catalogue"),
});

const UserModelSchema = z.object({
  id: z.string().check(z.minLength(1)),
  aliases: z.optional(z.array(z.string())),
  floating: z.optional(z.boolean()),
  role: z.optional(z.string()),
  endpoints: z.optional(z.array(z.enum(["responses", "chat", "anthropic", "completions", "hosted"]))),
  context_window: z.optional(tokens),
  output_limit: z.optional(tokens),
  efforts: z.optional(z.nullable(z.array(ReasoningEffortSchema))),
  modalities: z.optional(z.nullable(z.array(z.enum(["text", "image"])))),
  price: z.optional(UserPriceSchema),
  notes: z.optional(z.array(z.string())),
});

const UserCatalogueSchema = z.object({ models: z.array(UserModelSchema) });
type UserModel = z.infer<typeof UserModelSchema>;

/**
 * Lays a user's entries over the given ones: fields that are there win, a `price` wins over every published reading, an
 * id that is not there yet is added. Throws `config_invalid` naming the first wrong field; `origin` is the file.
 */
export function mergeUserCatalogue(
  entries: readonly ModelEntry[],
  user: unknown,
  origin: string,
): readonly ModelEntry[] {
  const parsed = UserCatalogueSchema.safeParse(user);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const place = issue === undefined || issue.path.length === 0 ? "the top level" : issue.path.join(".");
    throw new CodedError("config_invalid", `The model catalogue ${origin} is wrong at ${place}.`, {
      nextStep:
        'It must look like {"models": [{"id": "…", "context_window": 128000, "price": {"input": 1, "output": 2}}]}.',
      details: issue?.message ?? "",
    });
  }
  const merged = new Map(entries.map((entry) => [entry.id, entry]));
  for (const model of parsed.data.models) {
    merged.set(model.id, overlay(merged.get(model.id) ?? unknownModel(model.id), model));
  }
  return [...merged.values()];
}

function overlay(base: ModelEntry, user: UserModel): ModelEntry {
  return {
    ...base,
    aliases: given(user.aliases, base.aliases),
    floating: given(user.floating, base.floating),
    role: given(user.role, base.role),
    endpoints: given(user.endpoints, base.endpoints),
    context_window: given(user.context_window, base.context_window),
    output_limit: given(user.output_limit, base.output_limit),
    efforts: given(user.efforts, base.efforts),
    modalities: given(user.modalities, base.modalities),
    ...(user.price === undefined
      ? {}
      : { prices: [...base.prices, user.price], price_choice: "The user's catalogue is used." }),
    // Whoever describes a model has it, whatever became of it at its first publisher.
    status: { kind: "active" },
    notes: given(user.notes, base.notes),
    sources: [...base.sources, "user catalogue"],
  };
}

function given<T>(value: T | undefined, otherwise: T): T {
  return value === undefined ? otherwise : value;
}
