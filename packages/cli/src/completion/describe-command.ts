/** An option as the help of its command tells of it. */
export interface OptionDescription {
  /** Every spelling, dashes included: `-C`, `--cd`. */
  names: readonly string[];
  summary: string;
  value: OptionValue;
}

export type OptionValue =
  | { kind: "none" }
  | { kind: "file" }
  | { kind: "directory" }
  | { kind: "one-of"; words: readonly string[] }
  | { kind: "anything" };

export interface CommandDescription {
  name: string;
  summary: string;
  /** Words that may follow the name, such as `resume`. */
  actions: readonly string[];
  options: readonly OptionDescription[];
}

/**
 * Reads a command's help. The help is the one description of commands and options: what people read is what completes.
 * Options stand at the beginning of an indented line, in `[…]` or behind an action in the usage lines.
 */
export function describeCommand(name: string, summary: string, help: string): CommandDescription {
  const usage = help.split("\n").filter((line) => /^(Usage:)?\s+(.*\| )?quire /.test(line));
  const actions = usage.flatMap((line) => {
    const [, action] = line.match(new RegExp(`quire ${name} ([a-z][a-z-]*)\\b`)) ?? [];
    return action === undefined ? [] : [action];
  });
  const listed = help.split("\n").flatMap(optionOfLine);
  const known = new Set(listed.flatMap(({ names }) => names));
  const inUsage = [...usage.join(" ").matchAll(/(--[a-z][a-z-]*)(?:[ =]([A-Z]+)\b)?/g)]
    .filter(([, option = ""]) => !known.has(option))
    .map(([, option = "", value]) => ({ names: [option], summary: "", value: optionValue(value, "") }));
  const options = [...listed, ...inUsage.filter((one, index) => firstOf(inUsage, one) === index)];
  return { name, summary, actions: [...new Set(actions)], options };
}

function firstOf(options: readonly OptionDescription[], wanted: OptionDescription): number {
  return options.findIndex(({ names }) => names[0] === wanted.names[0]);
}

function optionOfLine(line: string): OptionDescription[] {
  const [, left = "", right = ""] = line.match(/^ {2,8}(-\S.*?)(?: {2,}(.*))?$/) ?? [];
  const names = left.match(/(?<=^|[ ,])--?[A-Za-z][A-Za-z-]*/g) ?? [];
  if (names.length === 0) return [];
  const argument = left.match(/ ([A-Z][A-Z=]*)$/)?.[1];
  return [{ names, summary: right, value: optionValue(argument, right) }];
}

function optionValue(argument: string | undefined, summary: string): OptionValue {
  switch (argument) {
    case undefined:
      return { kind: "none" };
    case "DIR":
      return { kind: "directory" };
    case "FILE":
    case "F":
      return { kind: "file" };
    default: {
      const words = /^[\w-]+(?: \| [\w-]+)+/.exec(summary)?.[0].split(" | ");
      return words === undefined ? { kind: "anything" } : { kind: "one-of", words };
    }
  }
}
