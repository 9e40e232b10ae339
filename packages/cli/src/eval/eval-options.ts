import { CodedError } from "@quire/protocol";

/** Reads the words behind a benchmark's name; what is wrong with them becomes `usage_invalid`. */
export function readOptions<Parsed>(name: string, parse: () => Parsed): Parsed {
  try {
    return parse();
  } catch (cause) {
    throw wrongUse(name, cause instanceof Error ? cause.message : String(cause));
  }
}

/** A whole number from 1 to `most`. */
export function wholeNumber(name: string, option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text.trim()) && value >= 1 && value <= most) return value;
  throw wrongUse(
    name,
    `${option} takes whole numbers from 1 to ${most}, not ${JSON.stringify(text.slice(0, 40))}`,
  );
}

/** `1,10,100`. */
export function numberList(name: string, option: string, text: string): number[] {
  return text.split(",").map((part) => wholeNumber(name, option, part, 1_000_000));
}

/** One of the words that are allowed; undefined when none was given. */
export function oneOf<Word extends string>(
  name: string,
  option: string,
  text: string | undefined,
  words: readonly Word[],
): Word | undefined {
  if (text === undefined) return undefined;
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw wrongUse(name, `${option} is one of ${words.join(", ")}, not ${JSON.stringify(text.slice(0, 40))}`);
}

export function wrongUse(name: string, message: string): CodedError {
  return new CodedError("usage_invalid", message, { nextStep: `See: quire eval ${name} --help` });
}
