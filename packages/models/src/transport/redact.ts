const SHORTEST_SECRET = 6;
const KEY_SHAPES = /\b(Bearer\s+)[\w.~+/=-]{6,}|\bsk-[\w-]{8,}/g;

/** Takes secrets out of a text that may reach a log or a screen: the given ones, and what looks like a key. */
export function redact(text: string, secrets: Iterable<string>): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length >= SHORTEST_SECRET) clean = clean.replaceAll(secret, "[redacted]");
  }
  return clean.replace(KEY_SHAPES, (_match, bearer: string | undefined) => `${bearer ?? ""}[redacted]`);
}
