import type { ParseArgsConfig } from "node:util";
import type { CodedError } from "@quire/protocol";
import { parseWords as wordsOf, wrongUse as wrongWords } from "../words.ts";

const HELP_OPTION = { help: { type: "boolean", short: "h", default: false } } as const;

/** Reads the words behind a benchmark's name, `--help` among them; wrong ones fail with `usage_invalid`. */
export function parseWords<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  name: string,
  argv: readonly string[],
  options: Options,
) {
  return wordsOf(`eval ${name}`, argv, { ...options, ...HELP_OPTION });
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

/** Seconds, parts of them as well, of an hour at the most. */
export function someSeconds(name: string, option: string, text: string): number {
  const value = Number(text);
  if (/^\d*\.?\d+$/.test(text.trim()) && value > 0 && value <= 3600) return value;
  throw wrongUse(name, `${option} takes seconds up to 3600, not ${JSON.stringify(text.slice(0, 40))}`);
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
  return wrongWords(`eval ${name}`, message);
}
