import type { RecordedRequest } from "./recorded-request.ts";

const HISTORY_KEYS: ReadonlySet<string> = new Set(["input", "messages"]);
const AROUND = 60;

/**
 * The bytes of a request up to the end of the last item of its history, which is what a provider's cache can reuse.
 * Throws when the body has no history.
 */
export function cacheablePrefix(request: Pick<RecordedRequest, "raw">): Buffer {
  const end = endOfHistory(request.raw);
  if (end === null) throw new Error("The request's body has no top-level input or messages array.");
  return request.raw.subarray(0, end);
}

/** Where `after` stops being a continuation of `before`, in words; null when it continues it byte for byte. */
export function prefixBreak(
  before: Pick<RecordedRequest, "raw">,
  after: Pick<RecordedRequest, "raw">,
): string | null {
  const prefix = cacheablePrefix(before);
  if (after.raw.subarray(0, prefix.length).equals(prefix)) return null;
  let at = 0;
  while (at < prefix.length && prefix[at] === after.raw[at]) at++;
  const was = prefix.subarray(at, at + AROUND).toString("utf8");
  const is = after.raw.subarray(at, at + AROUND).toString("utf8");
  const shared = prefix.subarray(Math.max(0, at - AROUND), at).toString("utf8");
  return `the bytes differ at ${at} of ${prefix.length}, after …${shared}: was ${was}…, is ${is}…`;
}

/** Throws unless each request begins with the whole of the one before it. */
export function assertAppendOnly(requests: readonly RecordedRequest[]): void {
  for (const [index, after] of requests.entries()) {
    const before = requests[index - 1];
    if (before === undefined) continue;
    const broken = prefixBreak(before, after);
    if (broken !== null)
      throw new Error(`Request ${index + 1} does not continue request ${index}: ${broken}`);
  }
}

/** Offset of the bracket that closes the top-level history array, found by reading the JSON's structure only. */
function endOfHistory(raw: Buffer): number | null {
  let depth = 0;
  let key = "";
  let inHistory = false;
  for (let at = 0; at < raw.length; at++) {
    const byte = raw[at];
    if (byte === QUOTE) {
      const end = endOfString(raw, at);
      if (depth === 1) key = raw.subarray(at + 1, end).toString("utf8");
      at = end;
    } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      if (depth === 1 && byte === OPEN_ARRAY && HISTORY_KEYS.has(key)) inHistory = true;
      depth++;
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      depth--;
      if (depth === 1 && inHistory) return at;
    }
  }
  return null;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

function endOfString(raw: Buffer, start: number): number {
  let at = start + 1;
  while (at < raw.length && raw[at] !== QUOTE) at += raw[at] === BACKSLASH ? 2 : 1;
  return at;
}
