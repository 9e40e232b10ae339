/** How a line ends. The last line of a file may have no ending. */
export type LineEnding = "" | "\n" | "\r\n" | "\r";

type Encoding = "bytes" | "utf16le" | "utf16be";

/**
 * The bytes of a file as lines, without loss. A file without a UTF-16 byte order mark is held as one character per
 * byte, so bytes that are no valid UTF-8 survive. Carriage returns end lines only where no line feed does.
 */
export interface TextFile {
  readonly encoding: Encoding;
  /** Bytes before the first line, as characters. */
  readonly bom: string;
  /** Everything after the byte order mark. */
  readonly text: string;
  /** Line contents without endings. */
  readonly lines: readonly string[];
  /** Where line i begins in `text`; one more entry than lines, the last is the length of the text. */
  readonly starts: Int32Array;
  readonly separator: "\n" | "\r";
}

const UTF8_BOM = "\u00ef\u00bb\u00bf";
const ASCII = /^[\0-\x7f]*$/;

/** Reads bytes as lines. */
export function readTextFile(bytes: Uint8Array): TextFile {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { encoding, bom, text } = decode(buffer);
  const separator = !text.includes("\n") && text.includes("\r") ? "\r" : "\n";
  return { encoding, bom, text, separator, ...splitLines(text, separator) };
}

function decode(buffer: Buffer): Pick<TextFile, "encoding" | "bom" | "text"> {
  if (buffer.length % 2 === 0 && buffer[0] === 0xff && buffer[1] === 0xfe) {
    return { encoding: "utf16le", bom: "\ufeff", text: buffer.toString("utf16le", 2) };
  }
  if (buffer.length % 2 === 0 && buffer[0] === 0xfe && buffer[1] === 0xff) {
    return { encoding: "utf16be", bom: "\ufeff", text: Buffer.from(buffer).swap16().toString("utf16le", 2) };
  }
  const text = buffer.toString("latin1");
  const bom = text.startsWith(UTF8_BOM) ? UTF8_BOM : "";
  return { encoding: "bytes", bom, text: text.slice(bom.length) };
}

function splitLines(text: string, separator: string): Pick<TextFile, "lines" | "starts"> {
  const lines: string[] = [];
  const starts: number[] = [0];
  let start = 0;
  while (start < text.length) {
    const feed = text.indexOf(separator, start);
    const next = feed < 0 ? text.length : feed + 1;
    let end = feed < 0 ? next : feed;
    if (separator === "\n" && feed > start && text.charCodeAt(feed - 1) === 13) end -= 1;
    lines.push(text.slice(start, end));
    starts.push(next);
    start = next;
  }
  return { lines, starts: Int32Array.from(starts) };
}

/** The ending of line `index`; empty for a line that does not exist. */
export function lineEnding(file: TextFile, index: number): LineEnding {
  const line = file.lines[index];
  if (line === undefined) return "";
  const length = (file.starts[index + 1] ?? 0) - (file.starts[index] ?? 0) - line.length;
  if (length === 0) return "";
  if (length === 2) return "\r\n";
  return file.separator;
}

/** Turns the text of a whole file, byte order mark included, back into bytes. */
export function encodeFile(encoding: Encoding, text: string): Buffer {
  if (encoding === "bytes") return Buffer.from(text, "latin1");
  const buffer = Buffer.from(text, "utf16le");
  return encoding === "utf16be" ? buffer.swap16() : buffer;
}

/** Writes a line of patch text in the characters of this file. */
export function toFileCharacters(file: TextFile, line: string): string {
  if (file.encoding !== "bytes" || ASCII.test(line)) return line;
  return Buffer.from(line, "utf8").toString("latin1");
}

/** Reads a line of this file as ordinary text; bytes that are no UTF-8 become U+FFFD. */
export function toReadableText(file: Pick<TextFile, "encoding">, line: string): string {
  if (file.encoding !== "bytes" || ASCII.test(line)) return line;
  return Buffer.from(line, "latin1").toString("utf8");
}
