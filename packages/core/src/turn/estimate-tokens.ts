import type { ModelRequest } from "@quire/models";

export const CHARACTERS_PER_TOKEN = 3.5;
/** What a picture costs, roughly; its base64 text says nothing about it. */
const TOKENS_PER_IMAGE = 1500;

/** What has been measured once: items and tools of a thread do not change, and each call would measure them all again. */
const measured = new WeakMap<object, number>();

/** A rough count of what a request's input takes, rather too high than too low for English and code. */
export function estimateTokens(request: Pick<ModelRequest, "instructions" | "input" | "tools">): number {
  let characters = request.instructions.length;
  for (const tool of request.tools) characters += charactersOf(tool);
  for (const item of request.input) characters += charactersOf(item);
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}

/** The same for one piece: an item, a tool, or text. */
export function estimatePiece(piece: object | string): number {
  return Math.ceil((typeof piece === "string" ? piece.length : charactersOf(piece)) / CHARACTERS_PER_TOKEN);
}

/** As sent, with its comma; a picture counts as the text that would cost as much. */
function charactersOf(piece: object): number {
  const known = measured.get(piece);
  if (known !== undefined) return known;
  let images = 0;
  const text = JSON.stringify(piece, (_key, value: unknown) => {
    if (typeof value !== "string" || !value.startsWith("data:image/")) return value;
    images += 1;
    return "";
  });
  const characters = text.length + 1 + images * TOKENS_PER_IMAGE * CHARACTERS_PER_TOKEN;
  measured.set(piece, characters);
  return characters;
}
