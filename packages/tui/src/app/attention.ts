import type { AttentionKind } from "../preferences/fields.ts";
import type { Preferences } from "../preferences/preferences.ts";
import { attentionSequence, bellSequence } from "../terminal/modes.ts";
import { safeLine } from "../text/safe-text.ts";

/** The bytes that call the user to the terminal; empty when they do not want to be called, or look at it anyway. */
export function callSequence(
  { kinds, method, condition }: Preferences["notifications"],
  call: { kind: AttentionKind; text: string; hasFocus: boolean },
): string {
  if (!kinds.includes(call.kind)) return "";
  if (call.hasFocus && condition === "unfocused") return "";
  if (method === "bell") return bellSequence();
  const words = safeLine(call.text);
  return method === "osc9" ? attentionSequence(words) : attentionSequence(words) + bellSequence();
}
