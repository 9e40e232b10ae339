import { groupedDigits } from "@quire/protocol";
/** Text cut to a budget. The counts describe what was left out of the middle. */
export interface BudgetedText {
  text: string;
  truncated: boolean;
  /** Size of the whole input, estimated at four bytes a token. */
  originalTokens: number;
  omittedBytes: number;
  /** Line ends within the omitted part. */
  omittedLines: number;
}

/** The two ends of a byte stream. Both are valid UTF-8; they are the same whole buffer when nothing is missing. */
export interface StreamEnds {
  start: Buffer;
  end: Buffer;
  totalBytes: number;
  totalNewlines: number;
}

const BYTES_PER_TOKEN = 4;
/** Room kept for the notice and the line ends around it. */
const NOTICE_BYTES = 96;
const NEWLINE = 10;

export function estimateTokens(bytes: number): number {
  return Math.ceil(bytes / BYTES_PER_TOKEN);
}

export function tokensToBytes(tokens: number): number {
  return tokens * BYTES_PER_TOKEN;
}

/**
 * Keeps the beginning and the end of a text within about `maxTokens`, the notice included, and says in its middle how
 * much was left out. Cuts at line ends where one is near, else between characters. A budget too small for the notice
 * yields the notice alone.
 */
export function truncateMiddle(text: string, options: { maxTokens: number }): BudgetedText {
  const maxBytes = tokensToBytes(options.maxTokens);
  const totalBytes = Buffer.byteLength(text);
  if (totalBytes <= maxBytes) return untouched(text, totalBytes);
  // A UTF-16 unit takes at least one byte, so these slices hold at least the bytes that can be kept.
  const start = Buffer.from(text.slice(0, maxBytes));
  const end = maxBytes === 0 ? start : Buffer.from(text.slice(-maxBytes));
  return keepEnds({ start, end, totalBytes, totalNewlines: countNewlinesInText(text) }, maxBytes);
}

/** The same for a stream of which only the two ends were kept. */
export function keepEnds(source: StreamEnds, maxBytes: number): BudgetedText {
  const complete = source.start.length === source.totalBytes;
  if (complete && source.totalBytes <= maxBytes) return untouched(source.start.toString(), source.totalBytes);
  const room = Math.max(0, maxBytes - NOTICE_BYTES);
  const headRoom = Math.floor(room / 2);
  const head = source.start.subarray(0, headEnd(source.start, Math.min(headRoom, source.start.length)));
  const tail = source.end.subarray(tailStart(source.end, Math.max(0, source.end.length - (room - headRoom))));
  const omittedBytes = source.totalBytes - head.length - tail.length;
  const omittedLines = source.totalNewlines - countNewlines(head) - countNewlines(tail);
  return {
    text: joinAroundNotice(head.toString(), omissionNotice(omittedBytes, omittedLines), tail.toString()),
    truncated: true,
    originalTokens: estimateTokens(source.totalBytes),
    omittedBytes,
    omittedLines,
  };
}

/** Line ends in a buffer. A plain loop: searching from one hit to the next is slower when lines are short. */
export function countNewlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === NEWLINE) count++;
  return count;
}

/** Length of the longest prefix, up to `limit`, that does not end within a UTF-8 sequence. */
export function wholeCharactersLength(bytes: Uint8Array, limit: number): number {
  for (let back = 1; back <= 3 && back <= limit; back++) {
    const byte = bytes[limit - back] ?? 0;
    if (isContinuation(byte)) continue;
    const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return needed > back ? limit - back : limit;
  }
  return limit;
}

/** The first position at or after `from` that does not lie within a UTF-8 sequence. */
export function nextCharacterStart(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && at - from < 3 && isContinuation(bytes[at] ?? 0)) at++;
  return at;
}

function untouched(text: string, bytes: number): BudgetedText {
  return { text, truncated: false, originalTokens: estimateTokens(bytes), omittedBytes: 0, omittedLines: 0 };
}

function headEnd(bytes: Buffer, limit: number): number {
  const whole = wholeCharactersLength(bytes, limit);
  if (whole === 0) return 0;
  const lineEnd = bytes.lastIndexOf(NEWLINE, whole - 1) + 1;
  if (lineEnd >= whole / 2) return lineEnd;
  // The notice begins a line of its own; where the text has a line end at this very place, that one serves.
  return bytes[whole] === NEWLINE ? whole + 1 : whole;
}

function tailStart(bytes: Buffer, from: number): number {
  const start = nextCharacterStart(bytes, from);
  if (start === 0 || bytes[start - 1] === NEWLINE) return start;
  const lineEnd = bytes.indexOf(NEWLINE, start);
  const nextLine = lineEnd + 1;
  return lineEnd !== -1 && nextLine - start <= (bytes.length - start) / 2 ? nextLine : start;
}

function omissionNotice(bytes: number, lines: number): string {
  const inLines = lines === 0 ? "" : ` (${groupedDigits(lines)} ${lines === 1 ? "line" : "lines"})`;
  return `… ${bytes} bytes${inLines} omitted …`;
}

function joinAroundNotice(head: string, notice: string, tail: string): string {
  const before = head === "" || head.endsWith("\n") ? head : `${head}\n`;
  return tail === "" ? `${before}${notice}` : `${before}${notice}\n${tail}`;
}

function countNewlinesInText(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) === NEWLINE) count++;
  return count;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
