import type { ContentPart, MessageItem, ThreadItem, UserInput } from "@quire/protocol";

/** One message of the user in its two forms: as the model gets it and as people see it. */
export interface PreparedInput {
  historyItem: MessageItem;
  threadItem: ThreadItem;
}

/**
 * Turns what the user handed over into a message. Local images must have been loaded before: `imageUrls` maps their
 * paths to data URLs.
 */
export function prepareInput(
  input: readonly UserInput[],
  imageUrls: ReadonlyMap<string, string>,
  id: string,
  clientId?: string,
): PreparedInput {
  const content = input.map((part) => contentPart(part, imageUrls));
  return {
    historyItem: { type: "message", role: "user", content },
    threadItem: {
      type: "userMessage",
      id,
      ...(clientId === undefined ? {} : { clientId }),
      content: [...input],
    },
  };
}

function contentPart(part: UserInput, imageUrls: ReadonlyMap<string, string>): ContentPart {
  switch (part.type) {
    case "text":
      return { type: "input_text", text: part.text };
    case "image":
      return { type: "input_image", image_url: part.url };
    case "localImage":
      return { type: "input_image", image_url: imageUrls.get(part.path) ?? "" };
  }
}

/** What the user wrote, without images. */
export function wordsOf({ threadItem }: PreparedInput): string {
  if (threadItem.type !== "userMessage") return "";
  return threadItem.content.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("\n");
}
