/** One sentence of a document, with what stands above it. */
export interface Sentence {
  line: number;
  text: string;
  /** The heading, or the line ending in a colon, that it stands under; empty when there is none. */
  under: string;
  isListItem: boolean;
}

/** Lines of a fenced block with our own language name. */
export interface RulesBlock {
  line: number;
  lines: string[];
}

interface Block {
  line: number;
  text: string;
  isListItem: boolean;
}

const FENCE = /^\s{0,3}(`{3,}|~{3,})\s*(\S*)/;
const LIST_ITEM = /^\s*(?:[-*+•]|\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?/;
const HEADING = /^\s{0,3}#{1,6}\s+(.*?)\s*#*$/;

/**
 * Reads Markdown as sentences. Code blocks, quotations, tables, comments and indented code say nothing that binds, except
 * a block that is marked `quire-rules`.
 */
export function readStatements(markdown: string): { sentences: Sentence[]; blocks: RulesBlock[] } {
  const sentences: Sentence[] = [];
  const blocks: RulesBlock[] = [];
  let under = "";
  let heading = "";
  let open: Block | null = null;
  let fence: { mark: string; block: RulesBlock | null } | null = null;
  let inComment = false;
  const flush = (): void => {
    if (open === null) return;
    const text = open.text.trim();
    if (text.endsWith(":") && !open.isListItem) under = plain(text.slice(0, -1));
    else {
      if (!open.isListItem) under = heading;
      for (const sentence of splitSentences(open)) sentences.push({ ...sentence, under });
    }
    open = null;
  };
  for (const [index, raw] of markdown.split(/\r?\n/).entries()) {
    const line = index + 1;
    const mark = FENCE.exec(raw);
    if (fence !== null) {
      if (mark?.[1]?.startsWith(fence.mark) && mark[2] === "") fence = null;
      else fence.block?.lines.push(raw);
      continue;
    }
    const hadComment = inComment;
    const text = inComment || raw.includes("<!--") ? withoutComment(raw, inComment) : raw;
    if (hadComment ? raw.includes("-->") : raw.includes("<!--")) {
      inComment = raw.lastIndexOf("<!--") > raw.lastIndexOf("-->");
    }
    if (mark && !hadComment) {
      flush();
      const block = mark[2] === "quire-rules" ? { line: line + 1, lines: [] } : null;
      if (block) blocks.push(block);
      fence = { mark: mark[1] ?? "```", block };
      continue;
    }
    if (text.trim() === "") {
      flush();
      continue;
    }
    const title = HEADING.exec(text);
    if (title) {
      flush();
      heading = plain(title[1] ?? "");
      under = heading;
      continue;
    }
    if (/^\s*[>|]/.test(text) || (open === null && /^(?: {4}|\t)/.test(text) && !LIST_ITEM.test(text))) {
      flush();
      continue;
    }
    if (LIST_ITEM.test(text)) {
      flush();
      open = { line, text: text.replace(LIST_ITEM, ""), isListItem: true };
    } else if (open === null) open = { line, text: text.trim(), isListItem: false };
    else (open as Block).text += `\n${text.trim()}`;
  }
  flush();
  return { sentences, blocks };
}

function withoutComment(raw: string, inside: boolean): string {
  const rest = inside ? raw.replace(/^.*?-->/, "") : raw;
  if (inside && rest === raw) return "";
  return rest.replace(/<!--.*?-->/g, "").replace(/<!--.*$/, "");
}

/** Without emphasis and typographic marks; what is in backticks stays as it is. */
function plain(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part.replace(/\*\*|__|(?<=^|\s)[*_](?=\w)|(?<=\w)[*_](?=$|[\s.,])/g, "").replaceAll("’", "'"),
    )
    .join("")
    .replace(/\s+/g, " ")
    .trim();
}

function splitSentences(block: Block): Omit<Sentence, "under">[] {
  const found: Omit<Sentence, "under">[] = [];
  let from = 0;
  let inCode = false;
  const { text } = block;
  const add = (to: number): void => {
    const piece = text.slice(from, to);
    const lead = piece.length - piece.trimStart().length;
    const line = block.line + (text.slice(0, from + lead).match(/\n/g)?.length ?? 0);
    const words = plain(piece);
    if (words !== "") found.push({ line, text: words, isListItem: block.isListItem });
    from = to;
  };
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "`") inCode = !inCode;
    if (
      inCode ||
      !/[.!?]/.test(character ?? "") ||
      !/^(?:\*\*|[)"”'_])?\s+["“(]?[A-Z`*]/.test(text.slice(at + 1))
    )
      continue;
    if (/\b(?:e\.g|i\.e|etc|vs|cf|approx)$/i.test(text.slice(Math.max(0, at - 8), at))) continue;
    add(at + 1);
  }
  add(text.length);
  return found;
}
