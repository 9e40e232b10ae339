/** Longest message that is read; an image in a result makes the long ones. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** What a server may send for each request of ours, messages of its own accord included. */
const MAX_BYTES_PER_REQUEST = 48 * 1024 * 1024;
const MAX_MESSAGES_PER_REQUEST = 20_000;
const NEWLINE = 10;

export interface MessageReader {
  /** Hands on every line that `chunk` completes. Returns why the server must be ended, or null. */
  add(chunk: Buffer): string | null;
  /** To be called when a request of ours goes out: it earns the server room to answer. */
  renew(): void;
}

/** Splits a stream into lines and keeps count, so that a server that floods costs bounded memory and time. */
export function createMessageReader(onLine: (line: string) => void): MessageReader {
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  let bytes = 0;
  let messages = 0;
  let tooMuch: string | null = null;

  function line(end: Buffer): void {
    const whole = pending.length === 0 ? end : Buffer.concat([...pending, end]);
    pending = [];
    pendingBytes = 0;
    const text = whole.toString("utf8").trim();
    if (text !== "") onLine(text);
  }

  return {
    add(chunk) {
      if (tooMuch !== null) return tooMuch;
      bytes += chunk.length;
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        messages += 1;
        if (messages > MAX_MESSAGES_PER_REQUEST) {
          tooMuch = `it sent more than ${MAX_MESSAGES_PER_REQUEST} messages for one request`;
          return tooMuch;
        }
        line(chunk.subarray(from, at));
        from = at + 1;
      }
      pendingBytes += chunk.length - from;
      if (pendingBytes > MAX_MESSAGE_BYTES)
        tooMuch = `it sent a message of more than ${MAX_MESSAGE_BYTES} bytes`;
      else if (bytes > MAX_BYTES_PER_REQUEST)
        tooMuch = `it sent more than ${MAX_BYTES_PER_REQUEST} bytes for one request`;
      if (tooMuch !== null) {
        pending = [];
        return tooMuch;
      }
      if (from < chunk.length) pending.push(chunk.subarray(from));
      return null;
    },
    renew() {
      bytes = 0;
      messages = 0;
    },
  };
}
