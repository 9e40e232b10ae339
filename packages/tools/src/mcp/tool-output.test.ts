import type { McpContent } from "@quire/mcp";
import { expect, test } from "vitest";
import { loggedResult, outputOf } from "./tool-output.ts";

function result(content: McpContent[], structuredContent?: unknown, isError = false) {
  return { kind: "result" as const, content, structuredContent, isError };
}
const text = (value: string): McpContent => ({ type: "text", text: value });

test("text parts are joined; structured content is added unless the text says the same", () => {
  expect(outputOf(result([text("a"), text("b")], { t: 1 }), 1240)).toBe(
    'Wall time: 1.2 seconds\nOutput:\na\nb\n{"t":1}',
  );
  expect(outputOf(result([text('{ "t": 1 }')], { t: 1 }), 0)).toBe(
    'Wall time: 0.0 seconds\nOutput:\n{ "t": 1 }',
  );
  expect(outputOf(result([text("no")], undefined, true), 0)).toBe(
    "The tool reports an error.\nWall time: 0.0 seconds\nOutput:\nno",
  );
});

test("images are shown as images, what is none is named, resources are read", () => {
  const output = outputOf(
    result([
      { type: "image", mimeType: "image/png", data: "aGVsbG8=" },
      { type: "image", mimeType: "image/svg+xml", data: "aGVsbG8=" },
      { type: "image", mimeType: "image/png", data: "not base64!" },
      { type: "resource", resource: { uri: "file:///a", text: "content" } },
    ]),
    0,
  );
  expect(output).toEqual([
    {
      type: "input_text",
      text: expect.stringMatching(/Output:\n\[image that cannot be shown here.*\n\[image .*\ncontent$/),
    },
    { type: "input_image", image_url: "data:image/png;base64,aGVsbG8=" },
  ]);
});

test("whatever the server sends, what the model sees and what the log keeps is bounded", () => {
  const huge = result(
    [
      ...Array.from({ length: 500 }, () => text("x".repeat(100_000))),
      ...Array.from({ length: 50 }, () => ({
        type: "image",
        mimeType: "image/png",
        data: "A".repeat(100_000),
      })),
    ],
    { large: "y".repeat(1_000_000) },
  );
  const output = outputOf(huge, 0);
  const [words] = Array.isArray(output) ? output : [];
  expect(words?.type === "input_text" && Buffer.byteLength(words.text)).toBeLessThan(45_000);
  expect(output).toHaveLength(9);
  const logged = loggedResult(huge);
  expect(logged.structuredContent).toBeNull();
  expect(JSON.stringify(logged).length).toBeLessThan(64 * 1024);
});
