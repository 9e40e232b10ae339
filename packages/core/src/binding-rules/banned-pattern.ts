import type { BannedPattern } from "./binding-rule.ts";

const TYPESCRIPT = ["ts", "tsx", "mts", "cts"];
const JAVASCRIPT = [...TYPESCRIPT, "js", "jsx", "mjs", "cjs", "vue", "svelte"];
const PYTHON = ["py", "pyi"];
const ANY_TYPE = String.raw`(?:(?<![:|&])[:<|&]|\bas)\s*any\b(?!\s*\()|,\s*any\s*[,>]|\bany\[\]|^\s*type\s.*=\s*any\b`;

/** Words whose plain appearance says nothing: how they look where they are used. */
const KNOWN: Readonly<Record<string, Omit<BannedPattern, "label">>> = {
  any: { source: ANY_TYPE, over: "code", extensions: TYPESCRIPT },
  var: { source: String.raw`(?:^|[;{(\s])var\s+[\w$[{]`, over: "code", extensions: JAVASCRIPT },
  let: { source: String.raw`(?:^|[;{(\s])let\s+[\w$[{]`, over: "code", extensions: JAVASCRIPT },
  print: { source: String.raw`(?<![.\w])print\s*\(`, over: "code", extensions: PYTHON },
  eval: { source: String.raw`(?<![.\w])eval\s*\(`, over: "code", extensions: null },
  debugger: { source: String.raw`^\s*debugger\b`, over: "code", extensions: JAVASCRIPT },
  ...Object.fromEntries(
    ["ignore", "expect-error", "nocheck"].map((name) => [
      `@ts-${name}`,
      { source: `@ts-${name}`, over: "text" as const, extensions: JAVASCRIPT },
    ]),
  ),
  "eslint-disable": { source: "eslint-disable", over: "text", extensions: JAVASCRIPT },
  "# type: ignore": { source: "#\\s*type:\\s*ignore", over: "text", extensions: PYTHON },
  "# noqa": { source: "#\\s*noqa", over: "text", extensions: PYTHON },
  "default export": { source: String.raw`^\s*export\s+default\b`, over: "code", extensions: JAVASCRIPT },
  enum: { source: String.raw`(?:^|[;{\s])enum\s+\w+`, over: "code", extensions: null },
  unwrap: { source: String.raw`\.unwrap\(`, over: "code", extensions: ["rs"] },
  todo: { source: String.raw`\bTODO\b`, over: "text", extensions: null },
  fixme: { source: String.raw`\bFIXME\b`, over: "text", extensions: null },
};

const ALIASES: Readonly<Record<string, string>> = {
  "default exports": "default export",
  "export default": "default export",
  "console.log statements": "console.log",
  enums: "enum",
  todos: "todo",
  fixmes: "fixme",
  "unwrap()": "unwrap",
  ".unwrap()": "unwrap",
  "eval()": "eval",
  "print()": "print",
};

/**
 * What a word in a ban stands for; null where it cannot be told from ordinary text. `quoted`: it stood in backticks.
 * Unquoted words count only when they could be nothing but code.
 */
export function bannedWord(word: string, quoted: boolean): BannedPattern | null {
  const key = ALIASES[word.toLowerCase()] ?? (Object.hasOwn(KNOWN, word) ? word : word.toLowerCase());
  const known = Object.hasOwn(KNOWN, key) ? KNOWN[key] : undefined;
  const isNamed = /^(?:default exports?|enums?|todos?|fixmes?|debugger|@ts-\w+|export default)$/i.test(word);
  if (known && (quoted || isNamed)) return { label: word, ...known };
  if (!quoted && !/^[A-Za-z_$][\w$]*(?:(?:\.|::)[A-Za-z_$][\w$]*)+(?:\(\))?$/.test(word)) return null;
  if (!quoted && /^[a-z]+\.[a-z]{1,4}$/.test(word) && !word.startsWith("console.")) return null;
  if (word.length < 2 || !/\w/.test(word) || /^\d+$/.test(word)) return null;
  return { label: word, source: literalSource(word.replace(/\(\)$/, "(")), over: "code", extensions: null };
}

/** Whether a word has a pattern of its own here, such as `any` or `eval`. */
export function isKnownBan(word: string): boolean {
  const key = word.toLowerCase();
  return Object.hasOwn(KNOWN, key) || Object.hasOwn(ALIASES, key);
}

/** The text itself, as a whole word where it begins or ends in one; blanks may be any number. */
function literalSource(text: string): string {
  const escaped = text
    .split(/\s+/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"))
    .join("\\s+");
  return `${/^[\w$]/.test(text) ? "(?<![\\w$])" : ""}${escaped}${/[\w$]$/.test(text) ? "(?![\\w$])" : ""}`;
}

/**
 * A regular expression from a document, or why it is not taken. A repository must not be able to make the harness hang,
 * so nothing is accepted whose matching could take more than polynomial time of a low degree.
 */
export function safePattern(
  source: string,
): { ok: true; pattern: BannedPattern } | { ok: false; why: string } {
  if (source.length > 200) return { ok: false, why: "the expression is longer than 200 characters" };
  if (/\\[1-9]|\\k</.test(source)) return { ok: false, why: "references to groups are not taken" };
  const bare = source.replace(/\\./g, "x").replace(/\[[^\]]*\]/g, "x");
  if (/\)(?:[*+]|\{\d+,)/.test(bare)) return { ok: false, why: "a repeated group can take for ever" };
  if ((bare.match(/[*+]|\{\d*,\d*\}/g)?.length ?? 0) > 3)
    return { ok: false, why: "more than three repetitions" };
  try {
    new RegExp(source, "u");
  } catch {
    return { ok: false, why: "it is not a regular expression" };
  }
  return { ok: true, pattern: { label: `/${source}/`, source, over: "text", extensions: null } };
}
