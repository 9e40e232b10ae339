import { isUtf8 } from "node:buffer";

const SAMPLE_BYTES = 8192;
/** Above this share of undecodable or control characters output is taken for binary; `find -print0` stays text. */
const BINARY_SHARE = 0.1;
const MIN_BINARY_BYTES = 16;
const SHOWN_BYTES = 16;

/** Whether the bytes are something no reader of text can use: an executable, an archive, an image. */
export function looksBinary(bytes: Buffer): boolean {
  const sample = bytes.subarray(0, SAMPLE_BYTES);
  if (sample.length < MIN_BINARY_BYTES) return false;
  const text = sample.toString("utf8");
  let strange = 0;
  for (let at = 0; at < text.length; at++) if (isStrange(text.charCodeAt(at))) strange++;
  return strange > text.length * BINARY_SHARE;
}

/** Valid UTF-8 without NUL: undecodable bytes become U+FFFD and NUL becomes its visible symbol. */
export function toPrintable(bytes: Buffer): Buffer {
  if (isUtf8(bytes) && !bytes.includes(0)) return bytes;
  return Buffer.from(bytes.toString("utf8").replaceAll("\0", "␀"));
}

/** One line in the place of binary output. */
export function describeBinary(start: Buffer, totalBytes: number): string {
  const shown = start
    .subarray(0, SHOWN_BYTES)
    .toString("hex")
    .replace(/..(?=.)/g, "$& ");
  return `[binary output, ${totalBytes} bytes, not shown; it begins with ${shown}]`;
}

/** Control characters other than those that terminals and text files are full of. */
function isStrange(code: number): boolean {
  if (code === 0xfffd) return true;
  if (code >= 0x20) return false;
  return !(code >= 0x08 && code <= 0x0d) && code !== 0x1b;
}
