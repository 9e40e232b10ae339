import { groupedDigits, visibleLine } from "@quire/protocol";
import type { MapContent, MapFile } from "./map-content.ts";
import { SKIP_REASONS } from "./skip-rules.ts";

/** Bytes of an answer. */
export const DEFAULT_BUDGET_BYTES = 8 * 1024;
export const LEAST_BUDGET_BYTES = 512;
export const MOST_BUDGET_BYTES = 64 * 1024;

const LONGEST_PATH = 200;
const LONGEST_LINE = 160;
/** What folders may take of the budget. */
const FOLDER_SHARE = 0.15;

/** What was shown, for those who want to know it without reading the text. */
export interface RenderedMap {
  text: string;
  shownFiles: readonly string[];
  /** Files whose declarations have to be read before the text is whole; empty when it is. */
  unread: readonly string[];
}

/** Bytes that a file takes on average, when the first ones are shown in full. */
const USUAL_FILE_BYTES = 250;

/** The map as text, never more than `budgetBytes` (at least `LEAST_BUDGET_BYTES`). Nothing in it moves a terminal. */
export function renderMap(content: MapContent, place: string, budgetBytes: number): RenderedMap {
  const budget = Math.max(LEAST_BUDGET_BYTES, Math.floor(budgetBytes));
  const page = createPage(budget);
  for (const line of headLines(content, place)) page.add(line);
  const folders = folderLines(content, budget * FOLDER_SHARE);
  for (const line of folders) page.add(line);
  const shownFiles: string[] = [];
  let tooLong = 0;
  for (const [index, file] of content.ranked.entries()) {
    if (file.symbols === null) {
      const wanted = content.ranked.slice(index, index + Math.ceil(page.room() / USUAL_FILE_BYTES));
      const unread = wanted.flatMap(({ path, symbols }) => (symbols === null ? [path] : []));
      return { text: page.text(), shownFiles, unread };
    }
    if (showFile(page, file, symbolRoom(shownFiles.length))) shownFiles.push(file.path);
    // A long name further up must not keep short ones out, and the search must end.
    else if (++tooLong > 20) break;
  }
  return { text: page.text(), shownFiles, unread: [] };
}

/** The first files are shown in full; of those behind them a few lines say enough. */
function symbolRoom(position: number): number {
  return position < 10 ? 10 : position < 40 ? 5 : 3;
}

interface Page {
  /** False when there is no room for it. */
  add(line: string): boolean;
  room(): number;
  text(): string;
}

function createPage(budget: number): Page {
  const lines: string[] = [];
  let used = 0;
  return {
    add(line) {
      const bytes = Buffer.byteLength(line) + 1;
      if (used + bytes > budget) return false;
      used += bytes;
      lines.push(line);
      return true;
    },
    room: () => budget - used,
    text: () => `${lines.join("\n")}\n`,
  };
}

function showFile(page: Page, { path, symbols, moreSymbols }: MapFile, most: number): boolean {
  const name = safe(path, LONGEST_PATH);
  const all = symbols ?? [];
  const shown = all.slice(0, most).sort((a, b) => a.line - b.line);
  const hidden = moreSymbols + all.length - shown.length;
  const lines = [
    name,
    ...shown.map(({ line, depth, signature }) =>
      safe(`${"  ".repeat(depth + 1)}${line}: ${signature}`, LONGEST_LINE),
    ),
    ...(hidden > 0 ? [`  … ${hidden} more`] : []),
  ];
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
  if (bytes <= page.room()) {
    for (const line of lines) page.add(line);
    return true;
  }
  return page.add(name);
}

function headLines(content: MapContent, place: string): string[] {
  const { files, codeFiles, skipped, hasGrammars } = content;
  const lines = [
    `Map of ${safe(place, LONGEST_PATH)}: ${groupedDigits(files)} files, ${groupedDigits(codeFiles)} with code. Most used and latest first.`,
  ];
  if (!hasGrammars)
    lines.push("File names only: the optional package @vscode/tree-sitter-wasm is not installed.");
  const left = SKIP_REASONS.flatMap((reason) => {
    const count = skipped[reason] ?? 0;
    return count === 0 ? [] : [`${groupedDigits(count)} ${reason}`];
  });
  if (left.length > 0) lines.push(`Left out: ${left.join(", ")}.`);
  return lines;
}

function folderLines({ folders }: MapContent, room: number): string[] {
  let line = "Folders:";
  for (const [folder, files] of folders) {
    const next = `${line} ${safe(folder, 80)}/ (${groupedDigits(files)})`;
    if (Buffer.byteLength(next) > room) break;
    line = next;
  }
  return line === "Folders:" ? [] : [line];
}

function safe(text: string, longest: number): string {
  const cut = text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
  return visibleLine(cut);
}
