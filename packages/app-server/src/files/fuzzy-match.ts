const BOUNDARY = 10;
const CONSECUTIVE = 12;
const GAP = 4;
const IN_NAME = 6;
const EXACT_NAME = 60;
const SLASH = 47;

/**
 * How well a path fits a query, or -1 when the query's characters do not occur in it in this order. `query` and `lower`
 * are lower case; `original` keeps the case, for camel humps. Characters are looked for from the end, so that the file's
 * name counts before its folders; runs, beginnings of words and short paths score higher. Allocates nothing: it is asked
 * for every file of a repository at each key stroke.
 */
export function scorePath(query: string, lower: string, original: string): number {
  const nameStart = lower.lastIndexOf("/") + 1;
  const run = lower.lastIndexOf(query);
  let score = 0;
  let next = -1;
  let at = lower.length;
  for (let index = query.length - 1; index >= 0; index--) {
    at = run !== -1 ? run + index : before(lower, query.charCodeAt(index), at);
    if (at === -1) return -1;
    score += 1;
    if (next === at + 1) score += CONSECUTIVE;
    else if (next !== -1) score -= GAP;
    if (isBoundary(original, at)) score += BOUNDARY;
    if (at >= nameStart) score += IN_NAME;
    next = at;
  }
  if (run === nameStart) {
    score += run + query.length === lower.length ? EXACT_NAME : EXACT_NAME / 2;
  }
  return Math.max(0, score * 16 - lower.length);
}

/** Where the characters that `scorePath` counted stand, ascending. Empty when they do not all occur. */
export function matchedIndices(query: string, lower: string): number[] {
  const run = lower.lastIndexOf(query);
  if (run !== -1) return Array.from(query, (_, offset) => run + offset);
  const indices: number[] = [];
  let at = lower.length;
  for (let index = query.length - 1; index >= 0; index--) {
    at = before(lower, query.charCodeAt(index), at);
    if (at === -1) return [];
    indices.unshift(at);
  }
  return indices;
}

/** The last place of a character in front of `end`, or -1. */
function before(text: string, code: number, end: number): number {
  for (let at = end - 1; at >= 0; at--) if (text.charCodeAt(at) === code) return at;
  return -1;
}

function isBoundary(text: string, index: number): boolean {
  if (index === 0) return true;
  const previous = text.charCodeAt(index - 1);
  if (isSeparator(previous)) return true;
  return isUpper(text.charCodeAt(index)) && !isUpper(previous);
}

/** `/`, `\`, `-`, `_`, `.` and blank. */
function isSeparator(code: number): boolean {
  return code === SLASH || code === 92 || code === 45 || code === 95 || code === 46 || code === 32;
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90;
}
