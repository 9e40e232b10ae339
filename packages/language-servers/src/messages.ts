import * as z from "zod/mini";

const Position = z.object({ line: z.number(), character: z.number() });

/** One finding of a server. Lines and characters count from 0. */
export const DiagnosticSchema = z.object({
  range: z.object({ start: Position }),
  severity: z.optional(z.number()),
  code: z.optional(z.union([z.string(), z.number()])),
  message: z.string(),
});
export type Diagnostic = z.infer<typeof DiagnosticSchema>;

/** 1 in the protocol; a server that says nothing means an error. */
export const isError = ({ severity = 1 }: Diagnostic): boolean => severity === 1;

export const PublishedSchema = z.object({
  uri: z.string(),
  version: z.optional(z.nullable(z.number())),
  diagnostics: z.array(DiagnosticSchema),
});

export const PulledSchema = z.object({ kind: z.literal("full"), items: z.array(DiagnosticSchema) });

export const InitializedSchema = z.object({
  capabilities: z.looseObject({ diagnosticProvider: z.optional(z.unknown()) }),
});

/** Any message of a server: an answer, a request or a notification. */
export const MessageSchema = z.object({
  id: z.optional(z.union([z.number(), z.string()])),
  method: z.optional(z.string()),
  params: z.optional(z.unknown()),
  result: z.optional(z.unknown()),
  error: z.optional(z.object({ message: z.string() })),
});
