import type { EditorState } from "./editor.ts";

/** The word under the cursor that something can be suggested for. */
export interface Trigger {
  /** What begins it: a command, a file, a skill. */
  readonly sign: "/" | "@" | "$";
  /** What stands after the sign, up to the cursor. */
  readonly query: string;
  /** Where the sign stands, and where the word ends. */
  readonly start: number;
  readonly end: number;
}

/** One thing to choose. */
export interface Suggestion {
  /** What is shown and, after the sign, put into the text. */
  readonly value: string;
  readonly hint: string;
  /** Commands that take words wait for them; others run when they are chosen. */
  readonly isComplete: boolean;
}

/** What is suggested for a trigger, and which line is chosen. */
export interface SuggestionList {
  readonly trigger: Trigger;
  readonly items: readonly Suggestion[];
  readonly chosen: number;
  /** Put away with Esc; comes back when the word changes. */
  readonly isHidden: boolean;
}

/** The trigger that the cursor stands in: a slash only at the very beginning, a sign only at the beginning of a word. */
export function triggerAt({ text, cursor }: EditorState): Trigger | null {
  const start = Math.max(text.lastIndexOf(" ", cursor - 1), text.lastIndexOf("\n", cursor - 1)) + 1;
  const sign = text[start];
  if (cursor <= start || (sign !== "/" && sign !== "@" && sign !== "$")) return null;
  if (sign === "/" && start !== 0) return null;
  const rest = /[\s]/.exec(text.slice(cursor));
  const end = rest === null ? text.length : cursor + rest.index;
  return { sign, query: text.slice(start + 1, cursor), start, end };
}

/** Those whose letters contain the query's in order; what begins with it comes first, then the shorter ones. */
export function matching(items: readonly Suggestion[], query: string): Suggestion[] {
  const wanted = query.toLowerCase();
  return items
    .map((item) => ({ item, rank: rankOf(item.value.toLowerCase(), wanted) }))
    .filter(({ rank }) => rank !== null)
    .sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0) || a.item.value.localeCompare(b.item.value))
    .map(({ item }) => item);
}

function rankOf(value: string, wanted: string): number | null {
  if (value === wanted) return 0;
  if (value.startsWith(wanted)) return 1;
  if (value.includes(wanted)) return 2;
  let at = 0;
  for (const letter of wanted) {
    at = value.indexOf(letter, at) + 1;
    if (at === 0) return null;
  }
  return 3;
}
