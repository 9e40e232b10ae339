import { CodedError } from "@quire/protocol";

export const MAX_KEY_LENGTH = 16 * 1024;

/** One API key, without the space around it. `where` it came is said in the error, in which the key is not. */
export function requireKey(text: string, { where, nextStep }: { where: string; nextStep: string }): string {
  const key = text.trim();
  if (key !== "" && key.length <= MAX_KEY_LENGTH && !/\s/.test(key)) return key;
  const wrong = key === "" ? `no key came ${where}` : `what came ${where} is not one key`;
  throw new CodedError("usage_invalid", wrong, { nextStep });
}
