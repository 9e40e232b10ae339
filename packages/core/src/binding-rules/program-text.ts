/** How the languages whose files a ban on code is looked for in mark comments. */
const SLASH = new Set(
  "js jsx mjs cjs ts tsx mts cts java kt kts scala go rs c h cc cpp cxx hpp cs swift php dart groovy gradle proto vue svelte scss less css".split(
    " ",
  ),
);
const HASH = new Set("py pyi rb sh bash zsh fish pl pm r jl ex exs nix tf".split(" "));

export function extensionOf(path: string): string {
  return /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
}

/** Whether a file holds a program, by its name. */
export function isProgramFile(path: string): boolean {
  const extension = extensionOf(path);
  return SLASH.has(extension) || HASH.has(extension);
}

/**
 * The lines of a program without comments and without what stands in strings; lines that import keep theirs. As many lines
 * as before. It is a scanner and no parser: what confuses it (a quote in a regular expression) ends with the line.
 */
export function programLines(path: string, text: string): string[] {
  const extension = extensionOf(path);
  const marks: Marks = HASH.has(extension)
    ? { line: "#", block: null, quotes: `"'`, triple: extension.startsWith("py") }
    : { line: "//", block: ["/*", "*/"], quotes: extension === "rs" ? '"' : `"'`, triple: false };
  const lines: string[] = [];
  let open: string | null = null;
  for (const line of text.split(/\r?\n/)) {
    const scanned = scanLine(line, open, marks);
    open = scanned.open;
    const imports =
      /^\s*(?:import\b|from\b|export\b.*\bfrom\b|use\b|require\b|#include\b)|\brequire\s*\(|\bimport\s*\(/.test(
        scanned.code,
      );
    lines.push(imports ? scanned.withStrings : scanned.code);
  }
  return lines;
}

interface Marks {
  line: string;
  block: readonly [string, string] | null;
  quotes: string;
  /** Whether three quotes open a text over several lines. */
  triple: boolean;
}

/** `open`: what ends the comment or text that an earlier line began. */
function scanLine(
  line: string,
  open: string | null,
  marks: Marks,
): { code: string; withStrings: string; open: string | null } {
  let code = "";
  let withStrings = "";
  let until = open;
  for (let at = 0; at < line.length; ) {
    if (until !== null) {
      const end = line.indexOf(until, at);
      if (end < 0) return { code, withStrings, open: until };
      at = end + until.length;
      until = null;
      continue;
    }
    const rest = line.slice(at, at + 3);
    if (rest.startsWith(marks.line) && (marks.line !== "#" || at === 0 || /\s/.test(line[at - 1] ?? "")))
      break;
    if (marks.block && rest.startsWith(marks.block[0])) {
      until = marks.block[1];
      at += 2;
      continue;
    }
    if (marks.triple && (rest === '"""' || rest === "'''")) {
      until = rest;
      at += 3;
      continue;
    }
    const character = line[at] ?? "";
    if (marks.quotes.includes(character) || (character === "`" && marks.line === "//")) {
      const end = endOfString(line, at, character);
      // A template may span lines; what it holds then counts as code, which is the safe side.
      if (end === null && character === "`") {
        code += character;
        withStrings += character;
        at++;
        continue;
      }
      const text = line.slice(at, end ?? line.length);
      code += `${character}${character}`;
      withStrings += text;
      at += text.length;
      continue;
    }
    code += character;
    withStrings += character;
    at++;
  }
  return { code, withStrings, open: until };
}

function endOfString(line: string, from: number, quote: string): number | null {
  for (let at = from + 1; at < line.length; at++) {
    if (line[at] === "\\") at++;
    else if (line[at] === quote) return at + 1;
  }
  return null;
}
