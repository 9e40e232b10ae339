import { buildKeymap, type Keymap } from "../keys/keymap.ts";
import {
  ATTENTION_KINDS,
  type AttentionKind,
  STATUS_ALIASES,
  STATUS_FIELDS,
  type StatusField,
  TITLE_ALIASES,
  TITLE_FIELDS,
  type TitleField,
} from "./fields.ts";

/** How the user wants this interface: `[tui]` of config.toml, read once. */
export interface Preferences {
  readonly keymap: Keymap;
  readonly vim: boolean;
  readonly statusLine: readonly StatusField[];
  /** Empty leaves the title of the window alone. */
  readonly title: readonly TitleField[];
  readonly notifications: {
    readonly kinds: readonly AttentionKind[];
    readonly method: "auto" | "osc9" | "bell";
    /** Whether the user is called while they look at the terminal, too. */
    readonly condition: "unfocused" | "always";
  };
  /** Null takes the one that suits the terminal. */
  readonly theme: string | null;
  readonly screenReader: boolean;
  /** What is wrong with the settings, a line each; what is wrong is as if it were not there. */
  readonly problems: readonly string[];
}

const NOTIFICATION_METHODS = ["auto", "osc9", "bell"] as const;
const CONDITIONS = ["unfocused", "always"] as const;

/** `table` is `[tui]` in the words of the file. */
export function readPreferences(table: Readonly<Record<string, unknown>>): Preferences {
  const problems: string[] = [];
  const keymap = buildKeymap(table.keymap ?? {});
  const oneOf = <T extends string>(key: string, known: readonly T[], otherwise: T): T => {
    const value = table[key];
    const found = known.find((each) => each === value);
    if (value !== undefined && found === undefined)
      problems.push(`tui.${key} = ${JSON.stringify(value)} is none of: ${known.join(", ")}`);
    return found ?? otherwise;
  };
  const flag = (key: string): boolean => table[key] === true;
  const preferences: Preferences = {
    keymap,
    vim: flag("vim_mode") || flag("vim_mode_default"),
    statusLine: fieldsOf("status_line", table, STATUS_FIELDS, STATUS_ALIASES, STATUS_FIELDS, problems),
    title: fieldsOf(
      "terminal_title",
      table,
      TITLE_FIELDS,
      TITLE_ALIASES,
      ["status", "app", "thread"],
      problems,
    ),
    notifications: {
      kinds: kindsOf(table.notifications, problems),
      method: oneOf("notification_method", NOTIFICATION_METHODS, "auto"),
      condition: oneOf("notification_condition", CONDITIONS, "unfocused"),
    },
    theme: typeof table.theme === "string" ? table.theme : null,
    screenReader: flag("screen_reader"),
    problems,
  };
  return { ...preferences, problems: [...problems, ...keymap.problems] };
}

/** A list of fields, with names of Codex's put in ours; null, absent and wrong lists are the default. */
function fieldsOf<T extends string>(
  key: string,
  table: Readonly<Record<string, unknown>>,
  known: readonly T[],
  aliases: Readonly<Record<string, readonly T[]>>,
  otherwise: readonly T[],
  problems: string[],
): readonly T[] {
  const value = table[key];
  if (value === undefined || value === null) return otherwise;
  if (!Array.isArray(value)) {
    problems.push(`tui.${key} must be a list of: ${known.join(", ")}`);
    return otherwise;
  }
  const fields = value.flatMap((name: unknown): readonly T[] => {
    const field = known.find((each) => each === name);
    if (field !== undefined) return [field];
    if (typeof name === "string" && Object.hasOwn(aliases, name)) return aliases[name] ?? [];
    problems.push(`tui.${key} has no field ${JSON.stringify(name)}; there are: ${known.join(", ")}`);
    return [];
  });
  return [...new Set(fields)];
}

function kindsOf(value: unknown, problems: string[]): readonly AttentionKind[] {
  if (value === undefined || value === true) return ATTENTION_KINDS;
  if (value === false) return [];
  if (!Array.isArray(value)) {
    problems.push(`tui.notifications must be true, false or a list of: ${ATTENTION_KINDS.join(", ")}`);
    return ATTENTION_KINDS;
  }
  return value.flatMap((name: unknown) => {
    const kind = ATTENTION_KINDS.find((each) => each === name);
    if (kind === undefined)
      problems.push(
        `tui.notifications has no kind ${JSON.stringify(name)}; there are: ${ATTENTION_KINDS.join(", ")}`,
      );
    return kind ?? [];
  });
}
