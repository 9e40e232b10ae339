import type { Deltas } from "./step.ts";

const WORDS = "a model streams words one small piece after another until everything it has to say is said ";

/** Cuts text into deltas, never inside a character; or makes text up. */
export function* deltasOf(text: string | Deltas, chunkChars: number): Generator<string, void, void> {
  if (typeof text !== "string") {
    yield* madeUp(text);
    return;
  }
  const characters = Array.from(text);
  for (let at = 0; at < characters.length; at += chunkChars) {
    yield characters.slice(at, at + chunkChars).join("");
  }
}

function* madeUp({ deltas, chars }: Deltas): Generator<string, void, void> {
  const source = WORDS.repeat(Math.ceil(chars / WORDS.length) + 1);
  for (let n = 0; n < deltas; n++) {
    const start = (n * chars) % WORDS.length;
    const piece = source.slice(start, start + chars);
    yield n % 20 === 19 ? `${piece.slice(0, -1)}\n` : piece;
  }
}
