import { resolve } from "node:path";
import type { ErrorCode, ErrorInfo, ThreadItem } from "@quire/protocol";
import { text } from "./arguments/fields.ts";
import { parseArguments } from "./arguments/parse-arguments.ts";
import { type ImageRefusal, loadImage } from "./image-file.ts";
import type { Tool, ToolResult } from "./tool.ts";

const NAME = "view_image";

const SPEC: Tool["spec"] = {
  kind: "function",
  name: NAME,
  description: "Shows you a local PNG, JPEG, GIF or WebP image (up to 8 MiB).",
  parameters: {
    type: "object",
    properties: { path: { type: "string" } },
    required: ["path"],
    additionalProperties: false,
  },
};

type ImageViewItem = Extract<ThreadItem, { type: "imageView" }>;

/** Shows the model an image file. `mayRead` judges the path after links are followed. */
export function createViewImageTool(deps: { mayRead: (realPath: string) => boolean }): Tool {
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
        run: () => view(item, deps.mayRead),
      };
    },
  };
}

async function view(item: ImageViewItem, mayRead: (realPath: string) => boolean): Promise<ToolResult> {
  const image = await loadImage(item.path, { mayRead });
  if (image.kind === "refused") {
    const error: ErrorInfo = { code: codeOf(image.reason), message: image.message, retryable: false };
    return { item: { ...item, status: "failed", error }, output: image.message, success: false };
  }
  return {
    item: { ...item, status: "completed" },
    output: [{ type: "input_image", image_url: image.dataUrl }],
    success: true,
  };
}

function codeOf(reason: ImageRefusal): ErrorCode {
  return reason === "denied" ? "command_denied" : "image_invalid";
}
