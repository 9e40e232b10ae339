import * as z from "zod/mini";

/** One thing a review found, in the shape that Codex's reviewer uses. */
export const ReviewFindingSchema = z.object({
  title: z.string(),
  body: z.string(),
  /** 0 stops everything, 3 is small. */
  priority: z.number(),
  /** 0 to 1. */
  confidence_score: z.nullable(z.number()),
  code_location: z.object({
    absolute_file_path: z.string(),
    line_range: z.object({ start: z.number(), end: z.number() }),
  }),
});
export type ReviewFinding = z.infer<typeof ReviewFindingSchema>;

/** What a review came to. */
export const ReviewResultSchema = z.object({
  findings: z.array(ReviewFindingSchema),
  /** Findings that do not point into the changes, each with the reason. */
  dropped: z.array(z.object({ title: z.string(), body: z.string(), reason: z.string() })),
  overall_correctness: z.nullable(z.string()),
  overall_explanation: z.string(),
  overall_confidence_score: z.nullable(z.number()),
});
export type ReviewResult = z.infer<typeof ReviewResultSchema>;
