/**
 * The options a program may get. Written as words separated by blanks:
 *
 * | form        | meaning |
 * |-------------|---------|
 * | `-abc`      | the single-letter options a, b and c, alone or bundled |
 * | `-n:`       | a letter that takes a value: `-n5` or `-n 5` |
 * | `-f@`       | the same, the value is a path that is read |
 * | `-w?`       | a letter whose value may only be attached: `-w16`; the word after it is something else |
 * | `--all`     | a long option without a value |
 * | `--max=`    | a long option with a value: `--max=3` or `--max 3` |
 * | `--list@`   | the same, the value is a path that is read |
 * | `--color?`  | a long option whose value may only follow `=` |
 * | `-#`        | a number as an option: `-20` |
 *
 * Long options are never abbreviated here, although the programs would accept that.
 */
export interface OptionSpec {
  flags: ReadonlySet<string>;
  values: ReadonlyMap<string, "text" | "path" | "optional">;
  numeric: boolean;
  /** The program does not read `-n5`: a letter with a value stands alone, its value is the next word. */
  separateValues: boolean;
}

/** Parses the notation above. A mistake in it is a defect of the table, so it throws. */
export function parseOptionSpec(notation: string, separateValues = false): OptionSpec {
  const flags = new Set<string>();
  const values = new Map<string, "text" | "path" | "optional">();
  let numeric = false;
  for (const entry of notation.split(/\s+/)) {
    if (entry === "") continue;
    if (entry === "-#") {
      numeric = true;
      continue;
    }
    const form = /^(?:(--[A-Za-z0-9][A-Za-z0-9-]*)([=@?]?)|-([A-Za-z0-9])([:@?])|-([A-Za-z0-9]+))$/.exec(
      entry,
    );
    if (!form)
      throw new Error(
        `option table entry ${JSON.stringify(entry)} is not in the notation of parseOptionSpec`,
      );
    const [, long, longKind, letter, letterKind, bundle] = form;
    if (long !== undefined) {
      if (longKind === "") flags.add(long);
      else values.set(long, kindOf(longKind));
    } else if (letter !== undefined) values.set(`-${letter}`, kindOf(letterKind));
    else for (const each of bundle ?? "") flags.add(`-${each}`);
  }
  return { flags, values, numeric, separateValues };
}

function kindOf(mark: string | undefined): "text" | "path" | "optional" {
  return mark === "@" ? "path" : mark === "?" ? "optional" : "text";
}

/** One accepted option of a command line, in order. */
export interface FoundOption {
  name: string;
  value: string | null;
}

export type OptionScan =
  | { kind: "accepted"; options: FoundOption[]; operands: string[]; paths: string[] }
  | { kind: "refused"; option: string };

/**
 * Splits arguments into options and operands. Options are recognised anywhere before `--`, as GNU programs do
 * unless POSIXLY_CORRECT is set; under that setting a late option is an operand, which is harmless unless the
 * program writes to an operand (those check the order themselves).
 */
export function scanOptions(args: readonly string[], spec: OptionSpec): OptionScan {
  const found: Extract<OptionScan, { kind: "accepted" }> = {
    kind: "accepted",
    options: [],
    operands: [],
    paths: [],
  };
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--") {
      found.operands.push(...args.slice(index + 1));
      break;
    }
    if (!arg.startsWith("-") || arg === "-") {
      found.operands.push(arg);
      continue;
    }
    if (spec.numeric && /^-[0-9]+$/.test(arg)) continue;
    const next = arg.startsWith("--")
      ? takeLong(arg, args, index, spec, found)
      : takeBundle(arg, args, index, spec, found);
    if (next === null) return { kind: "refused", option: arg };
    index = next;
  }
  return found;
}

type Accepted = Extract<OptionScan, { kind: "accepted" }>;

/** Each take function gives the index of the last argument it used, or null when it refuses. */
function takeLong(
  arg: string,
  args: readonly string[],
  index: number,
  spec: OptionSpec,
  into: Accepted,
): number | null {
  const equals = arg.indexOf("=");
  const name = equals < 0 ? arg : arg.slice(0, equals);
  const attached = equals < 0 ? null : arg.slice(equals + 1);
  if (attached === null && spec.flags.has(name)) {
    into.options.push({ name, value: null });
    return index;
  }
  const kind = spec.values.get(name);
  if (kind === undefined) return null;
  if (kind === "optional" || attached !== null) {
    record(into, name, attached, kind);
    return index;
  }
  const value = args[index + 1];
  if (value === undefined) return null;
  record(into, name, value, kind);
  return index + 1;
}

function takeBundle(
  arg: string,
  args: readonly string[],
  index: number,
  spec: OptionSpec,
  into: Accepted,
): number | null {
  for (let at = 1; at < arg.length; at++) {
    const name = `-${arg.charAt(at)}`;
    if (spec.flags.has(name)) {
      into.options.push({ name, value: null });
      continue;
    }
    const kind = spec.values.get(name);
    if (kind === undefined) return null;
    const attached = arg.slice(at + 1);
    if (spec.separateValues && arg.length !== 2) return null;
    if (attached !== "" || kind === "optional") {
      record(into, name, attached === "" ? null : attached, kind);
      return index;
    }
    const value = args[index + 1];
    if (value === undefined) return null;
    record(into, name, value, kind);
    return index + 1;
  }
  return index;
}

function record(
  into: Accepted,
  name: string,
  value: string | null,
  kind: "text" | "path" | "optional",
): void {
  into.options.push({ name, value });
  if (kind === "path" && value !== null) into.paths.push(value);
}
