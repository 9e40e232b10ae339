import path from "node:path";
import { isWithin, type ReviewFinding, type ReviewResult } from "@quire/protocol";
import * as z from "zod/mini";
import type { ChangedRanges } from "./changed-ranges.ts";

type DroppedFinding = ReviewResult["dropped"][number];

/** What findings are checked against. `ranges` is null when the review is not about a diff. */
export interface ReviewedChanges {
  root: string;
  ranges: ChangedRanges | null;
}

const number = z.union([z.number(), z.pipe(z.string(), z.transform(Number))]);
const FindingSchema = z.object({
  title: z.string(),
  body: z.optional(z.string()),
  priority: z.optional(z.nullable(number)),
  confidence_score: z.optional(z.nullable(number)),
  code_location: z.object({
    absolute_file_path: z.optional(z.string()),
    path: z.optional(z.string()),
    line_range: z.object({ start: number, end: z.optional(number) }),
  }),
});
const AnswerSchema = z.object({
  findings: z.array(z.unknown()),
  overall_correctness: z.optional(z.nullable(z.string())),
  overall_explanation: z.optional(z.nullable(z.string())),
  overall_confidence_score: z.optional(z.nullable(number)),
});

/**
 * Reads a reviewer's answer: JSON, bare, fenced or with words around it. Null when there is none in it. Findings outside
 * the changes are kept apart, never passed over in silence.
 */
export function readFindings(answer: string, changes: ReviewedChanges): ReviewResult | null {
  const parsed = jsonIn(answer);
  if (parsed === null) return null;
  const findings: ReviewFinding[] = [];
  const dropped: DroppedFinding[] = [];
  for (const raw of parsed.findings) {
    const checked = checkFinding(raw, changes);
    if ("reason" in checked) dropped.push(checked);
    else findings.push(checked);
  }
  findings.sort((a, b) => a.priority - b.priority);
  return {
    findings,
    dropped,
    overall_correctness: parsed.overall_correctness ?? null,
    overall_explanation: parsed.overall_explanation ?? "",
    overall_confidence_score: finite(parsed.overall_confidence_score),
  };
}

function jsonIn(answer: string): z.infer<typeof AnswerSchema> | null {
  const fenced = [...answer.matchAll(/```(?:json)?\s*\n(.*?)```/gs)].map((match) => match[1] ?? "");
  const outermost = answer.slice(answer.indexOf("{"), answer.lastIndexOf("}") + 1);
  for (const candidate of [answer, ...fenced, outermost]) {
    try {
      const parsed = AnswerSchema.safeParse(JSON.parse(candidate));
      if (parsed.success) return parsed.data;
    } catch {
      // Not JSON as it stands; the next way of cutting it out may be.
    }
  }
  return null;
}

function checkFinding(raw: unknown, changes: ReviewedChanges): ReviewFinding | DroppedFinding {
  const parsed = FindingSchema.safeParse(raw);
  if (!parsed.success) {
    const place = parsed.error.issues[0]?.path.join(".") || "the finding itself";
    return { ...wordsOf(raw), reason: `it has no usable ${place}` };
  }
  const { title, body = "", priority, confidence_score, code_location } = parsed.data;
  const words = { title, body };
  const named = code_location.absolute_file_path ?? code_location.path;
  if (named === undefined) return { ...words, reason: "it names no file" };
  const file = path.resolve(changes.root, named);
  const start = Number(code_location.line_range.start);
  const end = Number(code_location.line_range.end ?? start);
  const reason = outside(file, start, end, changes);
  if (reason !== null) return { ...words, reason };
  return {
    ...words,
    priority: priorityOf(title, priority),
    confidence_score: finite(confidence_score),
    code_location: { absolute_file_path: file, line_range: { start, end } },
  };
}

/** Why a range is not within the changes, or null. */
function outside(file: string, start: number, end: number, { root, ranges }: ReviewedChanges): string | null {
  const place = `${file}:${start}-${end}`;
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 1 || end < start) {
    return `${place} is no range of lines`;
  }
  const relative = path.relative(root, file);
  if (!isWithin(path.normalize(file), root)) return `${place} is outside the repository`;
  if (ranges === null) return null;
  const hunks = ranges.get(relative);
  if (!hunks) return `${relative} is not among the changed files`;
  const inside = hunks.some((hunk) => start >= hunk.start && end <= hunk.end);
  return inside ? null : `lines ${start}-${end} of ${relative} are not within the changes`;
}

function priorityOf(title: string, given: number | null | undefined): number {
  const value = finite(given) ?? Number(title.match(/\[P([0-3])\]/)?.[1] ?? 2);
  return Math.min(3, Math.max(0, Math.round(value)));
}

function finite(value: number | null | undefined): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function wordsOf(raw: unknown): { title: string; body: string } {
  const text = (name: "title" | "body") =>
    typeof raw === "object" && raw !== null && name in raw
      ? String((raw as Record<string, unknown>)[name])
      : "";
  return { title: text("title") || "(without a title)", body: text("body") };
}
