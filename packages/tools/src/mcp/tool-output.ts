import type { McpCallOutcome, McpContent } from "@quire/mcp";
import type { ContentPart, McpToolCallItem, ToolOutputBody } from "@quire/protocol";
import { estimateTokens, truncateMiddle } from "../output-budget.ts";

const OUTPUT_TOKENS = 10_000;
/** Base64 characters of one image that the model is shown, and how many images of one result it is shown. */
const MAX_IMAGE_CHARACTERS = 6 * 1024 * 1024;
const MAX_IMAGES = 8;
/** Characters of images and other data that an item keeps, beside what the model was shown. */
const MAX_LOGGED_DATA = 64 * 1024;
const MAX_LOGGED_PARTS = 100;
const IMAGE_TYPES = /^image\/(?:png|jpeg|gif|webp)$/;

type Result = Extract<McpCallOutcome, { kind: "result" }>;
type LoggedResult = NonNullable<McpToolCallItem["result"]>;

/** What the model sees of a result: its text within the budget, then its images. */
export function outputOf(result: Result, durationMs: number, source = ""): ToolOutputBody {
  const images = result.content.filter(isShowable).slice(0, MAX_IMAGES);
  const shown = new Set<McpContent>(images);
  const words = result.content.filter((part) => !shown.has(part)).map(wordsOf);
  const structured = structuredWords(result, words);
  const body = [...words, ...(structured === null ? [] : [structured])].join("\n");
  const head = result.isError ? "The tool reports an error." : "";
  const seconds = `Wall time: ${(durationMs / 1000).toFixed(1)} seconds`;
  const text = [head, seconds, source, "Output:", truncateMiddle(body, { maxTokens: OUTPUT_TOKENS }).text]
    .filter((line) => line !== "")
    .join("\n");
  if (images.length === 0) return text;
  return [{ type: "input_text", text }, ...images.map(imagePart)];
}

/** What the log and the front ends see of it: the server's parts, bounded. */
export function loggedResult(result: Result): LoggedResult {
  let textRoom = OUTPUT_TOKENS;
  let dataRoom = MAX_LOGGED_DATA;
  const content = result.content.slice(0, MAX_LOGGED_PARTS).map((part): McpContent => {
    if (part.type === "text" && typeof part.text === "string") {
      const { text } = truncateMiddle(part.text, { maxTokens: textRoom });
      textRoom = Math.max(0, textRoom - estimateTokens(Buffer.byteLength(text)));
      return { type: "text", text };
    }
    const size = JSON.stringify(part).length;
    if (size > dataRoom)
      return { type: "text", text: `[${part.type} of ${size} characters, not kept in the log]` };
    dataRoom -= size;
    return part;
  });
  const structured = result.structuredContent ?? null;
  return {
    content,
    structuredContent: JSON.stringify(structured).length > MAX_LOGGED_DATA ? null : structured,
  };
}

function isShowable(part: McpContent): part is McpContent & { data: string; mimeType: string } {
  return (
    part.type === "image" &&
    typeof part.data === "string" &&
    typeof part.mimeType === "string" &&
    IMAGE_TYPES.test(part.mimeType) &&
    part.data.length <= MAX_IMAGE_CHARACTERS &&
    /^[A-Za-z0-9+/]*={0,2}$/.test(part.data)
  );
}

function imagePart(part: McpContent): ContentPart {
  return { type: "input_image", image_url: `data:${part.mimeType};base64,${part.data}` };
}

function wordsOf(part: McpContent): string {
  if (part.type === "text" && typeof part.text === "string") return part.text;
  const { resource } = part;
  if (part.type === "resource" && typeof resource === "object" && resource !== null && "text" in resource) {
    return String(resource.text);
  }
  if (part.type === "image" || part.type === "audio" || part.type === "resource") {
    return `[${part.type} that cannot be shown here, ${JSON.stringify(part).length} characters]`;
  }
  return JSON.stringify(part);
}

/** Servers repeat structured content as text, as the specification asks; then it is not said twice. */
function structuredWords({ structuredContent }: Result, words: readonly string[]): string | null {
  if (structuredContent === undefined || structuredContent === null) return null;
  const json = JSON.stringify(structuredContent);
  const repeated = words.some((text) => text.length < json.length * 4 + 1000 && sameJson(text, json));
  return repeated ? null : json;
}

function sameJson(text: string, json: string): boolean {
  try {
    return JSON.stringify(JSON.parse(text)) === json;
  } catch {
    return false;
  }
}
