export type ImageMediaType = "image/png" | "image/jpeg" | "image/gif" | "image/webp";

/** Bytes of a file that tell what it is. */
export const SNIFFED_BYTES = 12;

/** The kind of image that begins with these bytes; twelve are enough. */
export function sniffImage(start: Buffer): ImageMediaType | null {
  const latin = start.toString("latin1", 0, SNIFFED_BYTES);
  if (latin.startsWith("\x89PNG\r\n\x1a\n")) return "image/png";
  if (latin.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (latin.startsWith("GIF87a") || latin.startsWith("GIF89a")) return "image/gif";
  if (latin.startsWith("RIFF") && latin.slice(8, 12) === "WEBP") return "image/webp";
  return null;
}
