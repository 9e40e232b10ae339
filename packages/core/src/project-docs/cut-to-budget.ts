/** A text that may have lost its end. */
export interface CutText {
  text: string;
  /** Bytes that were left out. */
  cutBytes: number;
}

/**
 * Fits texts into a budget of bytes. The first ones are the least specific and give way first; each keeps its
 * beginning, up to the end of a line.
 */
export function cutToBudget(texts: readonly string[], budget: number): CutText[] {
  const sizes = texts.map((text) => Buffer.byteLength(text));
  let excess = sizes.reduce((sum, size) => sum + size, 0) - budget;
  return texts.map((text, index) => {
    const size = sizes[index] ?? 0;
    if (excess <= 0) return { text, cutBytes: 0 };
    const kept = keepLines(text, Math.max(0, size - excess));
    const cutBytes = size - Buffer.byteLength(kept);
    excess -= cutBytes;
    return { text: kept, cutBytes };
  });
}

/** As many whole lines as fit into `limit` bytes; of a first line that is longer, what fits of it. */
function keepLines(text: string, limit: number): string {
  if (limit === 0) return "";
  const bytes = Buffer.from(text);
  if (bytes.length <= limit) return text;
  const lineEnd = bytes.lastIndexOf(0x0a, limit);
  if (lineEnd >= 0) return bytes.subarray(0, lineEnd).toString();
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString();
}
