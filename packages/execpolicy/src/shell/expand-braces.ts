const MAX_RESULTS = 64;

/** Expands `{a,b}` in a text the way bash does before anything else. Sequences such as `{1..3}` stay as they are. */
export function expandBraces(text: string): string[] {
  let pending = [text];
  const done: string[] = [];
  while (pending.length > 0 && done.length + pending.length <= MAX_RESULTS) {
    const next: string[] = [];
    for (const each of pending) {
      const alternatives = expandFirst(each);
      if (alternatives === null) done.push(each);
      else next.push(...alternatives);
    }
    pending = next;
  }
  return [...done, ...pending].slice(0, MAX_RESULTS);
}

function expandFirst(text: string): string[] | null {
  for (let open = text.indexOf("{"); open >= 0; open = text.indexOf("{", open + 1)) {
    const body = splitBody(text, open);
    if (body === null) continue;
    const before = text.slice(0, open);
    const after = text.slice(body.end + 1);
    return body.pieces.map((piece) => before + piece + after);
  }
  return null;
}

function splitBody(text: string, open: number): { pieces: string[]; end: number } | null {
  const pieces: string[] = [];
  let depth = 0;
  let start = open + 1;
  for (let at = open; at < text.length; at++) {
    const char = text[at];
    if (char === "{") depth += 1;
    else if (char === "," && depth === 1) {
      pieces.push(text.slice(start, at));
      start = at + 1;
    } else if (char === "}" && --depth === 0) {
      if (pieces.length === 0) return null;
      pieces.push(text.slice(start, at));
      return { pieces, end: at };
    }
  }
  return null;
}
