import type { ResponseItem } from "@quire/protocol";

/** What a picture counts as: about what its tokens would take as text. */
const IMAGE_BYTES = 6000;

/** Bytes of an item as it is sent, pictures at a flat rate. */
export function bytesOf(item: ResponseItem): number {
  let images = 0;
  const text = JSON.stringify(item, (_key, value: unknown) => {
    if (typeof value !== "string" || !value.startsWith("data:image/")) return value;
    images += 1;
    return "";
  });
  return Buffer.byteLength(text) + images * IMAGE_BYTES;
}

/** The beginning of a text within a bound, cut at a line where there is one, with a word about what is missing. */
export function cutToBytes(text: string, maxBytes: number): string {
  const size = Buffer.byteLength(text);
  if (size <= maxBytes) return text;
  const head = Buffer.from(text, "utf8").subarray(0, Math.max(0, maxBytes)).toString("utf8");
  const lineEnd = head.lastIndexOf("\n");
  const kept = (lineEnd > head.length / 2 ? head.slice(0, lineEnd) : head).replace(/\ufffd$/, "");
  return `${kept}\n[${size - Buffer.byteLength(kept)} bytes left out here]`;
}
