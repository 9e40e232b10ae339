import type { HLJSApi, LanguageFn } from "highlight.js";
import { safeLine } from "../text/safe-text.ts";
import type { Ink, Span, StyledLine } from "../text/styled-line.ts";

/** Colours code by its language; without the language it stays as it is. */
export interface SyntaxColours {
  /** A line each, in the order of the code. `language` is a name or a file's extension. */
  lines(code: string, language: string): StyledLine[];
}

const LOADERS: Readonly<Record<string, () => Promise<{ default: LanguageFn }>>> = {
  bash: () => import("highlight.js/lib/languages/bash"),
  c: () => import("highlight.js/lib/languages/c"),
  cpp: () => import("highlight.js/lib/languages/cpp"),
  csharp: () => import("highlight.js/lib/languages/csharp"),
  css: () => import("highlight.js/lib/languages/css"),
  diff: () => import("highlight.js/lib/languages/diff"),
  go: () => import("highlight.js/lib/languages/go"),
  ini: () => import("highlight.js/lib/languages/ini"),
  java: () => import("highlight.js/lib/languages/java"),
  javascript: () => import("highlight.js/lib/languages/javascript"),
  json: () => import("highlight.js/lib/languages/json"),
  kotlin: () => import("highlight.js/lib/languages/kotlin"),
  markdown: () => import("highlight.js/lib/languages/markdown"),
  php: () => import("highlight.js/lib/languages/php"),
  python: () => import("highlight.js/lib/languages/python"),
  ruby: () => import("highlight.js/lib/languages/ruby"),
  rust: () => import("highlight.js/lib/languages/rust"),
  sql: () => import("highlight.js/lib/languages/sql"),
  swift: () => import("highlight.js/lib/languages/swift"),
  typescript: () => import("highlight.js/lib/languages/typescript"),
  xml: () => import("highlight.js/lib/languages/xml"),
  yaml: () => import("highlight.js/lib/languages/yaml"),
};

/** Loaded at once, since an answer that is printed is not coloured later. */
const COMMON = ["bash", "diff", "javascript", "json", "python", "typescript"];

const ALIASES: Readonly<Record<string, string>> = {
  cc: "cpp",
  console: "bash",
  cs: "csharp",
  h: "c",
  hpp: "cpp",
  html: "xml",
  js: "javascript",
  jsonc: "json",
  jsx: "javascript",
  kt: "kotlin",
  mjs: "javascript",
  md: "markdown",
  patch: "diff",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "bash",
  shell: "bash",
  svg: "xml",
  toml: "ini",
  ts: "typescript",
  mts: "typescript",
  tsx: "typescript",
  yml: "yaml",
  zsh: "bash",
};

/** Without colours, for as long as the languages load and for terminals that show none. */
export const NO_SYNTAX: SyntaxColours = { lines: (code) => plainLines(code) };

/** Loads the highlighter; a language is loaded when it is first met and counts from then on. */
export async function loadSyntaxColours(onLoaded: () => void): Promise<SyntaxColours> {
  const { default: highlighter } = await import("highlight.js/lib/core");
  const wanted = new Set<string>();
  const isReady = (name: string): boolean => {
    if (highlighter.getLanguage(name)) return true;
    const load = LOADERS[name];
    if (load && !wanted.has(name)) {
      wanted.add(name);
      void load().then(({ default: language }) => {
        highlighter.registerLanguage(name, language);
        onLoaded();
      });
    }
    return false;
  };
  for (const name of COMMON) isReady(name);
  return {
    lines(code, language) {
      const name = languageName(language);
      return name !== null && isReady(name) ? colouredLines(highlighter, code, name) : plainLines(code);
    },
  };
}

/** Which language a name or an extension stands for; null when it is none of ours. */
function languageName(given: string): string | null {
  const lower = given.toLowerCase();
  const name = Object.hasOwn(ALIASES, lower) ? ALIASES[lower] : lower;
  return name !== undefined && Object.hasOwn(LOADERS, name) ? name : null;
}

function plainLines(code: string): StyledLine[] {
  return code.split("\n").map((line) => codeLine([{ text: safeLine(line), ink: "code" }]));
}

const INKS: Readonly<Record<string, Ink>> = {
  addition: "added",
  attr: "name",
  attribute: "name",
  built_in: "type",
  bullet: "keyword",
  class: "type",
  code: "code",
  comment: "comment",
  deletion: "removed",
  doctag: "keyword",
  keyword: "keyword",
  literal: "number",
  meta: "comment",
  name: "keyword",
  number: "number",
  property: "name",
  quote: "comment",
  regexp: "string",
  section: "heading",
  selector: "name",
  string: "string",
  subst: "text",
  symbol: "string",
  tag: "keyword",
  title: "name",
  type: "type",
  variable: "name",
};

const MARKUP = /<span class="([^"]*)">|<\/span>|([^<]+)/g;
const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#x27;": "'",
};

/** The highlighter writes HTML: spans of a class, and text in which five characters are written as entities. */
function colouredLines(highlighter: HLJSApi, code: string, language: string): StyledLine[] {
  const { value } = highlighter.highlight(code, { language, ignoreIllegals: true });
  const lines: Span[][] = [[]];
  const inks: (Ink | undefined)[] = [];
  for (const [, classes, text] of value.matchAll(MARKUP)) {
    if (classes !== undefined) inks.push(inkOf(classes) ?? inks.at(-1));
    else if (text === undefined) inks.pop();
    else addText(lines, unescaped(text), inks.at(-1));
  }
  return lines.map(codeLine);
}

function addText(lines: Span[][], text: string, ink: Ink | undefined): void {
  text.split("\n").forEach((part, index) => {
    if (index > 0) lines.push([]);
    if (part !== "") lines.at(-1)?.push({ text: safeLine(part), ...(ink === undefined ? {} : { ink }) });
  });
}

function inkOf(classes: string): Ink | undefined {
  const name = /^hljs-([a-z_]+)/.exec(classes)?.[1]?.replace(/-.*/, "");
  return name === undefined ? undefined : INKS[name];
}

function unescaped(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => ENTITIES[entity] ?? entity);
}

function codeLine(spans: readonly Span[]): StyledLine {
  return { spans: spans.filter((span) => span.text !== ""), verbatim: true };
}
