import type { ModelRequest } from "@quire/models";

const CHARACTERS_PER_TOKEN = 3.5;
/** What a picture costs, roughly; its base64 text says nothing about it. */
const TOKENS_PER_IMAGE = 1500;

/** A rough count of what a request's input takes, rather too high than too low for English and code. */
export function estimateTokens(request: Pick<ModelRequest, "instructions" | "input" | "tools">): number {
  let images = 0;
  const text = JSON.stringify(
    [request.instructions, request.tools, request.input],
    (_key, value: unknown) => {
      if (typeof value !== "string" || !value.startsWith("data:image/")) return value;
      images += 1;
      return "";
    },
  );
  return Math.ceil(text.length / CHARACTERS_PER_TOKEN) + images * TOKENS_PER_IMAGE;
}
