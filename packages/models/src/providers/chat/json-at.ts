/** A JSON object or list that begins at `start`; null when none does or it is not complete. `end` is behind it. */
export function jsonAt(text: string, start: number): { value: unknown; end: number } | null {
  const first = text[start];
  if (first !== "{" && first !== "[") return null;
  const end = endOfJson(text, start);
  if (end === null) return null;
  try {
    return { value: JSON.parse(text.slice(start, end)), end };
  } catch {
    // Brackets that match and no JSON inside: the caller treats it as text.
    return null;
  }
}

function endOfJson(text: string, start: number): number | null {
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === "\\") at++;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      depth--;
      if (depth === 0) return at + 1;
    }
  }
  return null;
}

/** The first place at or after `start` that is no white space. */
export function skipSpace(text: string, start: number): number {
  let at = start;
  while (at < text.length && /\s/.test(text[at] ?? "")) at++;
  return at;
}
