import { resolve } from "node:path";
import type { ErrorCode, ErrorInfo, ThreadItem } from "@quire/protocol";
import { text } from "./arguments/fields.ts";
import { parseArguments } from "./arguments/parse-arguments.ts";
import { type ImageRefusal, loadImage } from "./image/image-file.ts";
import type { Tool, ToolResult } from "./tool.ts";

const NAME = "view_image";

const SPEC: Tool["spec"] = {
  kind: "function",
  name: NAME,
  description: "Shows you a local PNG, JPEG, GIF or WebP image; large ones are scaled down.",
  parameters: {
    type: "object",
    properties: { path: { type: "string" } },
    required: ["path"],
    additionalProperties: false,
  },
};

type ImageViewItem = Extract<ThreadItem, { type: "imageView" }>;

export interface ViewImageDeps {
  /** Judges the path after links are followed. */
  mayRead: (realPath: string) => boolean;
  /** Why the model of the turn cannot be shown images; null when it can, or when nobody knows. */
  whyNoImages: () => string | null;
}

/** Shows the model an image file. */
export function createViewImageTool(deps: ViewImageDeps): Tool {
  return {
    spec: SPEC,
    parallel: true,
    prepare(invocation, context) {
      const parsed = parseArguments(NAME, invocation.input, { path: text });
      if (!parsed.ok) return { kind: "invalid", code: "tool_bad_arguments", message: parsed.message };
      const path = resolve(context.cwd, parsed.value.path);
      const item: ImageViewItem = {
        type: "imageView",
        id: invocation.callId,
        path,
        status: "inProgress",
        error: null,
      };
      return {
        kind: "ready",
        effects: [{ kind: "read", paths: [path] }],
        item,
        run: () => view(item, deps),
      };
    },
  };
}

async function view(item: ImageViewItem, { mayRead, whyNoImages }: ViewImageDeps): Promise<ToolResult> {
  const why = whyNoImages();
  if (why !== null) return failed(item, "image_invalid", `${item.path} was not shown: ${why}.`);
  const image = await loadImage(item.path, { mayRead });
  if (image.kind === "refused") return failed(item, codeOf(image.reason), image.message);
  const { scaledFrom } = image;
  const picture = { type: "input_image", image_url: image.dataUrl } as const;
  const note = scaledFrom && `Scaled down from ${scaledFrom.width} x ${scaledFrom.height} pixels.`;
  return {
    item: { ...item, status: "completed" },
    output: note === undefined ? [picture] : [{ type: "input_text", text: note }, picture],
    success: true,
  };
}

function failed(item: ImageViewItem, code: ErrorCode, message: string): ToolResult {
  const error: ErrorInfo = { code, message, retryable: false };
  return { item: { ...item, status: "failed", error }, output: message, success: false };
}

function codeOf(reason: ImageRefusal): ErrorCode {
  return reason === "denied" ? "command_denied" : "image_invalid";
}
