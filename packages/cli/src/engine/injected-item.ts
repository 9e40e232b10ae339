import { CodedError, type ResponseItem, ResponseItemSchema } from "@quire/protocol";

/** An item that a client puts into the history. Fails with `usage_invalid`. */
export function injectedItem(value: unknown, index: number): ResponseItem {
  const parsed = ResponseItemSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = [`items.${index}`, ...(issue?.path ?? []).map(String)].join(".");
  throw new CodedError("usage_invalid", `${where} is no item of the Responses API: ${issue?.message ?? ""}`, {
    nextStep:
      'Send items such as {"type":"message","role":"user","content":[{"type":"input_text","text":"…"}]}.',
  });
}
