import { readKeyPath } from "./key-path.ts";

/** One statement of a TOML document. Offsets are into the source; lines start at 1. */
export interface TomlStatement {
  kind: "table" | "array-table" | "value";
  /** The whole path; for a value, the path of its table comes first. */
  path: string[];
  /** How many leading segments of `path` come from the table header above. */
  tableDepth: number;
  line: number;
  /** Start of the line that the statement begins on. */
  start: number;
  /** For a value: where the right-hand side starts and ends. For a header both are its end. */
  valueStart: number;
  valueEnd: number;
  /** Just behind the line break that ends the statement, or the end of the document. */
  end: number;
}

/**
 * Lists the statements of a document that the TOML parser has accepted: enough to find the line of a key and to edit
 * a value in place. What it cannot read it passes over a line at a time.
 */
export function scanToml(source: string): TomlStatement[] {
  const statements: TomlStatement[] = [];
  let table: string[] = [];
  let at = source.startsWith("\ufeff") ? 1 : 0;
  let line = 1;
  while (at < source.length) {
    const statement = readStatement(source, at, line, table);
    const end = statement?.end ?? lineEnd(source, at);
    if (statement !== null) {
      statements.push(statement);
      if (statement.kind !== "value") table = statement.path;
    }
    line += countBreaks(source, at, end);
    at = end;
  }
  return statements;
}

/**
 * The line on which a key is set: that of the key itself, else of the first thing below it, else of the nearest table
 * or inline value around it. Null when nothing of it is there.
 */
export function lineOfKey(source: string, path: readonly string[]): number | null {
  let around: TomlStatement | null = null;
  let within: TomlStatement | null = null;
  for (const statement of scanToml(source)) {
    const depth = Math.min(statement.path.length, path.length);
    if (!statement.path.slice(0, depth).every((part, index) => path[index] === part)) continue;
    if (statement.path.length > path.length) within ??= statement;
    else if (statement.path.length > (around?.path.length ?? 0)) around = statement;
  }
  const isExact = around?.path.length === path.length;
  return (isExact ? around : (within ?? around))?.line ?? null;
}

function readStatement(source: string, start: number, line: number, table: string[]): TomlStatement | null {
  let at = start;
  while (source[at] === " " || source[at] === "\t") at++;
  if (source[at] === "[") {
    const isArray = source[at + 1] === "[";
    const key = readKeyPath(source, at + (isArray ? 2 : 1));
    if (key === null) return null;
    const end = lineEnd(source, key.end);
    const kind = isArray ? "array-table" : "table";
    return { kind, path: key.path, tableDepth: 0, line, start, valueStart: end, valueEnd: end, end };
  }
  const key = readKeyPath(source, at);
  if (key === null || source[key.end] !== "=") return null;
  let valueStart = key.end + 1;
  while (source[valueStart] === " " || source[valueStart] === "\t") valueStart++;
  const valueEnd = skipValue(source, valueStart);
  return {
    kind: "value",
    path: [...table, ...key.path],
    tableDepth: table.length,
    line,
    start,
    valueStart,
    valueEnd,
    end: lineEnd(source, valueEnd),
  };
}

/** Behind the value at `start`: strings of all four kinds, brackets to any depth, or a bare word. */
function skipValue(source: string, start: number): number {
  let at = start;
  let depth = 0;
  while (at < source.length) {
    const char = source.charAt(at);
    if (char === '"' || char === "'") {
      at = skipString(source, at);
      if (depth === 0) return at;
      continue;
    }
    if (char === "#" || char === "\n" || char === "\r") {
      if (depth === 0) break;
      at = char === "#" ? lineEnd(source, at) : at + 1;
      continue;
    }
    if (char === "[" || char === "{") depth++;
    if (char === "]" || char === "}") {
      depth--;
      if (depth === 0) return at + 1;
    }
    at++;
  }
  while (at > start && /\s/.test(source.charAt(at - 1))) at--;
  return at;
}

function skipString(source: string, start: number): number {
  const quote = source.charAt(start);
  const long = quote.repeat(3);
  const isLong = source.startsWith(long, start);
  let at = start + (isLong ? 3 : 1);
  while (at < source.length) {
    if (quote === '"' && source[at] === "\\") {
      at += 2;
    } else if (isLong && source.startsWith(long, at)) {
      at += 3;
      // Up to two quotes may stand directly before the closing three.
      while (source[at] === quote) at++;
      return at;
    } else if (!isLong && (source[at] === quote || source[at] === "\n")) {
      return at + 1;
    } else {
      at++;
    }
  }
  return source.length;
}

function lineEnd(source: string, at: number): number {
  const lineBreak = source.indexOf("\n", at);
  return lineBreak < 0 ? source.length : lineBreak + 1;
}

function countBreaks(source: string, from: number, to: number): number {
  let breaks = 0;
  for (let at = source.indexOf("\n", from); at >= 0 && at < to; at = source.indexOf("\n", at + 1)) breaks++;
  return breaks;
}
