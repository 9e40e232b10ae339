import * as z from "zod/mini";

const Count = z.catch(z.number(), 0);
const Text = z.catch(z.string(), "");
const listOf = <Item extends z.ZodMiniType>(item: Item) => z.catch(z.array(item), []);

const LocatedFileSchema = z.object({
  path: Text,
  /** Line, and how many failing and passing observations ran it. */
  lines: listOf(z.tuple([Count, Count, Count])),
  /** Lines on the stack of a failure. */
  trace: listOf(Count),
  /** The text, or the parts of it that matter. */
  pieces: listOf(z.object({ text: Text, firstLine: Count, offset: Count })),
});

const LocatedSchema = z.object({
  /** "trace" when only stack traces were there. */
  how: z.catch(z.enum(["coverage", "trace"]), "trace"),
  totalFailed: Count,
  files: z.array(LocatedFileSchema),
  /** Words of the test code at the failures, with weights up to 1; filled when nothing was measured. */
  mentions: z.catch(z.record(z.string(), Count), {}),
});

const BatchResultSchema = z.object({
  /** Why nothing was tried, null when the search ran. */
  problem: z.catch(z.nullable(z.string()), null),
  tried: Count,
  invalid: Count,
  timeouts: Count,
  /** Positions in the job's list of edits. */
  plausible: z.array(Count),
  /** Edits that pass the tests, but not the examples that the source shows. */
  contradicting: listOf(Count),
  seconds: Count,
});

/** What a localiser found. */
export type Located = z.infer<typeof LocatedSchema>;

/** What became of a batch of candidates. */
export type BatchResult = z.infer<typeof BatchResultSchema>;

/** Checks a localiser's JSON; null when it is not one. */
export function readLocated(value: unknown): Located | null {
  return LocatedSchema.safeParse(value).data ?? null;
}

/** Checks a batch driver's JSON; null when it is not one. */
export function readBatchResult(value: unknown): BatchResult | null {
  return BatchResultSchema.safeParse(value).data ?? null;
}
