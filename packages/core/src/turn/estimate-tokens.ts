import type { ModelRequest } from "@quire/models";

/** English and code have more; this way a count is rather too high than too low. */
export const BYTES_PER_TOKEN = 3.5;
/** What a picture costs, roughly; its base64 text says nothing about it. */
const TOKENS_PER_IMAGE = 1500;

/** What has been measured once: items and tools of a thread do not change, and each call would measure them all again. */
const measured = new WeakMap<object, number>();

/** What of a request has a size. */
export type Sized = Pick<ModelRequest, "instructions" | "input" | "tools" | "outputSchema">;

/** A count of what a request's input takes, from the bytes of its parts as they are sent. */
export function estimateTokens(request: Sized): number {
  let tokens = tokensOf(request.instructions);
  for (const tool of request.tools) tokens += estimateObject(tool);
  for (const item of request.input) tokens += estimateObject(item);
  if (request.outputSchema !== undefined) tokens += estimateObject(request.outputSchema);
  return Math.ceil(tokens);
}

/** The same for one piece: an item, a tool, or text. */
export function estimatePiece(piece: object | string): number {
  return Math.ceil(typeof piece === "string" ? tokensOf(piece) : estimateObject(piece));
}

/** As sent, with its comma. */
function estimateObject(piece: object): number {
  const known = measured.get(piece);
  if (known !== undefined) return known;
  let images = 0;
  const text = JSON.stringify(piece, (_key, value: unknown) => {
    if (typeof value !== "string" || !value.startsWith("data:image/")) return value;
    images += 1;
    return "";
  });
  const tokens = tokensOf(`${text},`) + images * TOKENS_PER_IMAGE;
  measured.set(piece, tokens);
  return tokens;
}

/**
 * Words take about a token for each few bytes, whatever their script. What is dense (hashes, tables of numbers, minified
 * code) takes more: there a token ends wherever the kind of character changes, after three digits, and at every other sign.
 */
function tokensOf(text: string): number {
  return Math.max(Buffer.byteLength(text) / BYTES_PER_TOKEN, countRuns(text));
}

type Kind = "other" | "small" | "capital" | "digit";

function countRuns(text: string): number {
  let runs = 0;
  let kind: Kind = "other";
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const next = kindOf(code);
    if (next === "other") {
      if (code !== 32 && code < 128) runs += 0.5;
      length = 0;
    } else if (next !== kind) {
      // A capital letter begins a word.
      if (kind !== "capital" || next !== "small" || length !== 1) {
        runs += 1;
        length = 0;
      }
    } else if (next === "digit" && length === 3) {
      runs += 1;
      length = 0;
    }
    kind = next;
    length += 1;
  }
  return runs;
}

function kindOf(code: number): Kind {
  if (code >= 97 && code <= 122) return "small";
  if (code >= 65 && code <= 90) return "capital";
  return code >= 48 && code <= 57 ? "digit" : "other";
}
