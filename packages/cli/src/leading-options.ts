import { EXEC_OPTIONS } from "./exec/exec-arguments.ts";

const BY_SHORT: ReadonlyMap<string, { type: string }> = new Map(
  Object.values(EXEC_OPTIONS).flatMap((option) =>
    "short" in option ? [[option.short, option] as const] : [],
  ),
);

/**
 * Moves options that stand before the command's name behind it, as in `quire -m MODEL exec "…"`. Null when the words
 * begin with something that is no option of a run.
 */
export function commandFirst(argv: readonly string[]): string[] | null {
  let index = 0;
  while (argv[index]?.startsWith("-")) {
    const takesValue = optionTakesValue(argv[index] ?? "");
    if (takesValue === null) return null;
    index += takesValue ? 2 : 1;
  }
  const name = argv[index];
  return name === undefined ? null : [name, ...argv.slice(0, index), ...argv.slice(index + 1)];
}

/** Whether the next word belongs to this one; null for a word that is no known option. */
function optionTakesValue(word: string): boolean | null {
  if (word.startsWith("--")) {
    const [name = "", value] = word.slice(2).split(/=(.*)/s);
    const option = Object.entries(EXEC_OPTIONS).find(([known]) => known === name)?.[1];
    return option === undefined ? null : option.type === "string" && value === undefined;
  }
  const option = BY_SHORT.get(word[1] ?? "");
  return option === undefined ? null : option.type === "string" && word.length === 2;
}
