import { ClientError } from "@quire/client";
import { noticeBlock } from "../blocks/message.ts";
import type { StyledLine } from "../text/styled-line.ts";

/** What went wrong with something the user asked for: the words, the code, and what to do next where that is known. */
export function failureLines(thrown: unknown): StyledLine[] {
  if (thrown instanceof ClientError) {
    return [
      ...noticeBlock("bad", thrown.message, thrown.code),
      ...(thrown.nextStep === null ? [] : noticeBlock("quiet", thrown.nextStep, null)),
    ];
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return noticeBlock("bad", message, null);
}
