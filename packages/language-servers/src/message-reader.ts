/** What a chunk of a server's output brought. `broken`: what comes after it cannot be understood. */
export type ReadMessages = { kind: "messages"; messages: unknown[] } | { kind: "broken"; why: string };

/** The largest message that is taken. Diagnostics of one file are far smaller. */
const MOST_MESSAGE_BYTES = 8 * 1024 * 1024;
const MOST_HEADER_BYTES = 4096;
const HEADER_END = Buffer.from("\r\n\r\n");

/**
 * Reads messages of the base protocol: headers, an empty line, so many bytes of JSON. Written here because no reader of
 * the protocol's libraries bounds what a server may announce, and ours have to expect the worst of a project's tools.
 */
export function createMessageReader(): (chunk: Buffer) => ReadMessages {
  let pending: Buffer[] = [];
  let size = 0;
  let wanted = 0;
  return (chunk) => {
    pending.push(chunk);
    size += chunk.length;
    const messages: unknown[] = [];
    while (size >= wanted) {
      const bytes = pending.length === 1 ? (pending[0] ?? chunk) : Buffer.concat(pending);
      pending = [bytes];
      const end = bytes.indexOf(HEADER_END);
      if (end > MOST_HEADER_BYTES || (end < 0 && bytes.length > MOST_HEADER_BYTES)) {
        return { kind: "broken", why: "it wrote something that is no message" };
      }
      if (end < 0) break;
      const length = contentLength(bytes.toString("latin1", 0, end));
      if (length === null) return { kind: "broken", why: "it sent a message without a length" };
      if (length > MOST_MESSAGE_BYTES)
        return { kind: "broken", why: `it announced a message of ${length} bytes` };
      wanted = end + HEADER_END.length + length;
      if (bytes.length < wanted) break;
      const message = parse(bytes.toString("utf8", end + HEADER_END.length, wanted));
      if (message === undefined) return { kind: "broken", why: "it sent a message that is no JSON" };
      messages.push(message);
      pending = [bytes.subarray(wanted)];
      size = bytes.length - wanted;
      wanted = 1;
    }
    return { kind: "messages", messages };
  };
}

function contentLength(headers: string): number | null {
  const digits = /^content-length:[ \t]*(\d{1,12})[ \t]*$/im.exec(headers)?.[1];
  return digits === undefined ? null : Number(digits);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Said as `broken` by the caller; JSON itself has no undefined.
    return undefined;
  }
}

/** A message as it goes over the wire. */
export function frame(message: object): string {
  const text = JSON.stringify({ jsonrpc: "2.0", ...message });
  return `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}
