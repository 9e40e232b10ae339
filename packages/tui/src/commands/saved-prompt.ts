import type { PromptFile } from "../app/ports.ts";
import { lineOf } from "../text/styled-line.ts";
import type { SlashCommand } from "./command.ts";

/** A prompt that the user keeps in a file, as Codex has them: frontmatter, and a text with places to fill. */
export interface SavedPrompt {
  readonly name: string;
  readonly description: string;
  /** What to write behind the name; null when nothing was said. */
  readonly argumentHint: string | null;
  readonly body: string;
}

/** Reads a file: `description` and `argument-hint` between `---` lines at its beginning, then the text. */
export function savedPrompt({ name, text }: PromptFile): SavedPrompt {
  const normal = text.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const match = /^---[ \t]*\n([\s\S]*?)(?:^|\n)---[ \t]*(?:\n|$)/.exec(normal);
  const fields = new Map<string, string>();
  for (const line of match?.[1]?.split("\n") ?? []) {
    const field = /^([A-Za-z_-]+)\s*:\s*(.*)$/.exec(line);
    if (field)
      fields.set((field[1] ?? "").toLowerCase().replace("_", "-"), unquoted((field[2] ?? "").trim()));
  }
  const body = match === null ? normal : normal.slice(match[0].length);
  return {
    name,
    description: fields.get("description") || "a saved prompt",
    argumentHint: fields.get("argument-hint") || null,
    body: body.trim(),
  };
}

function unquoted(value: string): string {
  const match = /^(["'])([\s\S]*)\1$/.exec(value);
  return match === null ? value : (match[2] ?? "");
}

const PLACE = /\$(\$|[1-9]|ARGUMENTS\b|[A-Z][A-Z0-9_]*)/g;

/** The text with its places filled, or what is missing. */
export type Expansion = { readonly text: string } | { readonly missing: readonly string[] };

/**
 * Fills `$1` to `$9` and `$ARGUMENTS` with the words behind the name, `$NAME` with what stands there as `NAME=value`; `$$` is
 * a dollar sign. Quotes keep words together. A number without a word becomes nothing; a name without a value is missing.
 */
export function expandPrompt({ body }: Pick<SavedPrompt, "body">, argument: string): Expansion {
  const words = shellWords(argument);
  const named = new Map<string, string>();
  const positional: string[] = [];
  const names = namesOf(body);
  for (const word of words) {
    const match = /^([A-Z][A-Z0-9_]*)=([\s\S]*)$/.exec(word);
    if (match !== null && names.includes(match[1] ?? "")) named.set(match[1] ?? "", match[2] ?? "");
    else positional.push(word);
  }
  const missing = names.filter((name) => !named.has(name));
  if (missing.length > 0) return { missing };
  const text = body.replace(PLACE, (_whole, place: string) => {
    if (place === "$") return "$";
    if (place === "ARGUMENTS") return positional.join(" ");
    return /^[1-9]$/.test(place) ? (positional[Number(place) - 1] ?? "") : (named.get(place) ?? "");
  });
  // A prompt without a place for them is given the words all the same.
  const takesWords = /\$(?:[1-9]|ARGUMENTS\b)/.test(body.replaceAll("$$", ""));
  return { text: takesWords || positional.length === 0 ? text : `${text}\n\n${positional.join(" ")}` };
}

function namesOf(body: string): string[] {
  const names = [...body.matchAll(PLACE)].map((match) => match[1] ?? "");
  return [...new Set(names.filter((name) => name !== "ARGUMENTS" && /^[A-Z]/.test(name)))];
}

/** Words as a shell reads them, without anything that a shell would do; an open quotation goes to the end. */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === "\\" && quote !== "'" && at + 1 < text.length) {
      at += 1;
      word = (word ?? "") + text.charAt(at);
    } else if (quote !== null) {
      if (character === quote) quote = null;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (/\s/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? "") + character;
  }
  return word === null ? words : [...words, word];
}

/** The commands that send it: `/prompts:name`, and `/name` where no other command has that name. */
export function promptCommands(prompts: readonly SavedPrompt[], taken: ReadonlySet<string>): SlashCommand[] {
  return prompts.flatMap((prompt) => {
    const long = `prompts:${prompt.name}`;
    const names = taken.has(prompt.name) ? [long] : [prompt.name, long];
    return names.map((name) => promptCommand(name, prompt));
  });
}

function promptCommand(name: string, prompt: SavedPrompt): SlashCommand {
  const needsNames = namesOf(prompt.body);
  const argument = prompt.argumentHint ?? (needsNames.map((one) => `${one}=…`).join(" ") || "[WORDS]");
  return {
    name,
    help:
      prompt.argumentHint === null ? prompt.description : `${prompt.description} · ${prompt.argumentHint}`,
    // In brackets it is sent as soon as it is chosen; with names to fill it waits for them.
    argument: needsNames.length > 0 || argument.startsWith("[") ? argument : `[${argument}]`,
    whileRunning: true,
    async run(words, { say, send, setText }) {
      const expansion = expandPrompt(prompt, words);
      if ("text" in expansion) {
        send(expansion.text);
        return;
      }
      const example = expansion.missing.map((one) => `${one}="…"`).join(" ");
      say([
        lineOf(`This prompt needs ${expansion.missing.join(", ")}: /${name} ${example}`, { ink: "warn" }),
      ]);
      setText(`/${name} ${words}${words === "" ? "" : " "}`);
    },
  };
}
