/** A prompt that the user keeps in a file, `prompts/NAME.md`. */
export interface SavedPrompt {
  /** By which it is called: `/prompts:NAME`. */
  readonly name: string;
  readonly description: string | null;
  /** What to show behind the name, such as `FILE=<path>`. */
  readonly argumentHint: string | null;
  readonly body: string;
}

const FRONTMATTER = /^\ufeff?---[ \t]*\r?\n(?<head>[\s\S]*?)(?:^|\r?\n)---[ \t]*(?:\r?\n|$)/;
const NAME = /^[A-Za-z0-9][\w.:-]{0,63}$/;

/** Whether a prompt of this name can be called. */
export function isSavedPromptName(name: string): boolean {
  return NAME.test(name);
}

/** Takes a prompt's file apart. Of the frontmatter only the lines `description` and `argument-hint` count. */
export function parseSavedPrompt(name: string, text: string): SavedPrompt {
  const match = FRONTMATTER.exec(text);
  const head = match?.groups?.head ?? "";
  const body = match === null ? text.replace(/^\ufeff/, "") : text.slice(match[0].length);
  return {
    name,
    description: headLine(head, "description"),
    argumentHint: headLine(head, "argument-hint") ?? headLine(head, "argument_hint"),
    body: body.trim(),
  };
}

function headLine(head: string, key: string): string | null {
  const line = head.split(/\r?\n/).find((each) => each.startsWith(`${key}:`));
  if (line === undefined) return null;
  const value = line.slice(key.length + 1).trim();
  const quoted = /^(?<quote>["'])(?<text>.*)\k<quote>$/.exec(value);
  return (quoted?.groups?.text ?? value) || null;
}

/** The words of a call: `/prompts:NAME words`. Null when the text is no such call. */
export function savedPromptCall(text: string): { name: string; words: string } | null {
  const match = /^\/prompts:(?<name>[A-Za-z0-9][\w.:-]{0,63})(?:\s+(?<words>[\s\S]*))?$/.exec(text.trim());
  if (match?.groups?.name === undefined) return null;
  return { name: match.groups.name, words: match.groups.words?.trim() ?? "" };
}

export type ExpandedPrompt =
  | { readonly ok: true; readonly text: string }
  /** `missing`: the placeholders by name that the call gives no value. */
  | { readonly ok: false; readonly missing: readonly string[] };

const PLACEHOLDER = /\$(?:(?<dollar>\$)|(?<digit>[1-9])|(?<name>[A-Z][A-Z0-9_]*))/g;

/**
 * The prompt with its placeholders filled: `$1` to `$9` by place (nothing where the call has fewer words), `$ARGUMENTS`
 * by all words as they were written, `$NAME` by `NAME=value`, and `$$` by `$`. Values are not expanded again.
 */
export function expandSavedPrompt({ body }: Pick<SavedPrompt, "body">, words: string): ExpandedPrompt {
  const { places, names } = splitWords(words);
  const missing = new Set<string>();
  const text = body.replace(PLACEHOLDER, (whole, ...rest: unknown[]) => {
    const groups: unknown = rest.at(-1);
    const { dollar, digit, name } = isGroups(groups) ? groups : {};
    if (dollar !== undefined) return "$";
    if (digit !== undefined) return places[Number(digit) - 1] ?? "";
    if (name === "ARGUMENTS") return words;
    const value = name === undefined ? undefined : names.get(name);
    if (name !== undefined && value === undefined) missing.add(name);
    return value ?? whole;
  });
  return missing.size > 0 ? { ok: false, missing: [...missing] } : { ok: true, text };
}

function isGroups(value: unknown): value is Record<string, string | undefined> {
  return typeof value === "object" && value !== null;
}

/** Words between blanks; quotes hold one together. `NAME=value` is no place. */
function splitWords(text: string): { places: string[]; names: Map<string, string> } {
  const places: string[] = [];
  const names = new Map<string, string>();
  for (const [word] of text.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"']|["'])+/g)) {
    const plain = word.replace(/"([^"]*)"|'([^']*)'/g, (_, double, single) => String(double ?? single));
    const named = /^(?<name>[A-Z][A-Z0-9_]*)=(?<value>[\s\S]*)$/.exec(plain)?.groups;
    if (named?.name !== undefined) names.set(named.name, named.value ?? "");
    else places.push(plain);
  }
  return { places, names };
}
