import type { ReviewFinding, ReviewResult } from "@quire/protocol";

/** A review in words: the verdict, then each finding with its place. The form is the one that Codex prints. */
export function renderReview(review: ReviewResult): string {
  const { findings, dropped } = review;
  const parts = [review.overall_explanation.trim()];
  if (findings.length > 0) {
    parts.push(findings.length === 1 ? "Review comment:" : "Full review comments:");
    parts.push(...findings.map(findingText));
  }
  if (dropped.length > 0) {
    const lines = dropped.map(({ title, reason }) => `- ${title} (${reason})`);
    parts.push(`Left out, because they do not point into the changes:\n${lines.join("\n")}`);
  }
  const text = parts.filter((part) => part !== "").join("\n\n");
  return text === "" ? "The reviewer has nothing to say about these changes." : text;
}

function findingText({ title, body, code_location }: ReviewFinding): string {
  const { absolute_file_path: file, line_range: lines } = code_location;
  const text = body
    .trim()
    .split("\n")
    .map((line) => (line === "" ? "" : `  ${line}`))
    .join("\n");
  return `- ${title} — ${file}:${lines.start}-${lines.end}${text.trim() === "" ? "" : `\n${text}`}`;
}
