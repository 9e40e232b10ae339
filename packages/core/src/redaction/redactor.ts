import { type KnownSecret, secretNeedles } from "./known-secret.ts";
import { RedactingStream, type Searched, searched } from "./redacting-stream.ts";
import { SECRET_PATTERNS } from "./secret-patterns.ts";

/** Hides secrets in text before it is shown, logged or sent. One per session; secrets are never given out again. */
export interface Redactor {
  redact(text: string): string;
  /** A copy with every text in it redacted; the value itself where there was nothing to hide. */
  redactAll<T>(value: T): T;
  /** For text that comes in pieces. The caller ends it. */
  openStream(): { push(piece: string): string; end(): string };
  /** The same for bytes, which need not be UTF-8. A piece with nothing to hide is returned as it is. */
  openByteStream(): { push(piece: Buffer): Buffer; end(): Buffer };
  /** Hides one more value from now on. */
  learn(secret: KnownSecret): void;
  /** The first marker in the text that this redactor has put in the place of a secret; null without one. */
  findMarker(text: string): string | null;
}

export interface RedactorOptions {
  values: readonly KnownSecret[];
  /** Whether well-known kinds of secrets are hidden as well. Default true. */
  patterns?: boolean;
}

/**
 * Makes a redactor for values that are known and for kinds of secrets that can be told by their look. A value becomes
 * `[redacted:NAME]`, anything else `[redacted:kind]`.
 */
export function createRedactor(options: RedactorOptions): Redactor {
  const patterns = (options.patterns ?? true) ? SECRET_PATTERNS.map(searched) : [];
  const known = new Map<string, KnownSecret>();
  const used = new Set<string>();
  let text: readonly Searched[] = [];
  let bytes: readonly Searched[] = [];

  const marker = (name: string): string => {
    const mark = `[redacted:${name}]`;
    used.add(mark);
    return mark;
  };
  const rebuild = (): void => {
    const longestFirst = [...known.values()].sort((a, b) => b.value.length - a.value.length);
    text = [...longestFirst.flatMap(secretNeedles).map(searched), ...patterns];
    bytes = [...longestFirst.flatMap(asBytes).flatMap(secretNeedles).map(searched), ...patterns];
  };
  for (const secret of options.values) if (!known.has(secret.value)) known.set(secret.value, secret);
  rebuild();

  const open = () => new RedactingStream({ needles: () => text, marker });

  function redact(input: string): string {
    const stream = open();
    const out = stream.push(input);
    return stream.isIdle ? out : out + stream.end();
  }

  return {
    redact,
    redactAll: (value) => redactWithin(value, redact),
    openStream: open,
    openByteStream() {
      const stream = new RedactingStream({ needles: () => bytes, marker });
      return {
        push(piece) {
          const wasIdle = stream.isIdle;
          const input = piece.toString("latin1");
          const out = stream.push(input);
          return wasIdle && stream.isIdle && out === input ? piece : Buffer.from(out, "latin1");
        },
        end: () => Buffer.from(stream.end(), "latin1"),
      };
    },
    learn(secret) {
      if (known.has(secret.value)) return;
      known.set(secret.value, secret);
      rebuild();
    },
    findMarker: (input) => {
      if (!input.includes("[redacted:")) return null;
      return [...used].find((mark) => input.includes(mark)) ?? null;
    },
  };
}

/** Bytes are searched as Latin-1, in which each byte is a character. */
function asBytes({ name, value }: KnownSecret): KnownSecret {
  return { name, value: Buffer.from(value).toString("latin1") };
}

/** What is no text although it is a string: identifiers, and contents that must arrive byte for byte. */
const OPAQUE = new Set(["id", "call_id", "type", "status", "encrypted_content"]);
const IMAGE = new Set(["image_url", "url"]);

// The casts hold: a string is replaced by a string, an array by an array, and objects keep their keys.
function redactWithin<T>(value: T, redact: (text: string) => string): T {
  if (typeof value === "string") return redact(value) as T;
  if (Array.isArray(value)) {
    const copy: unknown[] = value.map((entry: unknown) => redactWithin(entry, redact));
    return copy.every((entry, index) => entry === value[index]) ? value : (copy as T);
  }
  if (typeof value !== "object" || value === null) return value;
  const changes: Record<string, unknown> = {};
  for (const [key, entry] of Object.entries(value)) {
    if (typeof entry === "string" ? isOpaque(key, entry) : entry === null || typeof entry !== "object")
      continue;
    const clean: unknown = redactWithin(entry, redact);
    if (clean !== entry) changes[key] = clean;
  }
  return Object.keys(changes).length === 0 ? value : { ...value, ...changes };
}

function isOpaque(key: string, text: string): boolean {
  return OPAQUE.has(key) || (IMAGE.has(key) && text.startsWith("data:"));
}
