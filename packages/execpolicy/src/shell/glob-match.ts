/**
 * True when a shell pattern may match a name. A bracket expression counts as "any one character". Runs in
 * pattern length times name length, whatever the pattern is.
 */
export function mayMatchGlob(pattern: string, name: string): boolean {
  const simple = withoutBrackets(pattern).replace(/\*+/g, "*");
  let at = 0;
  let position = 0;
  let star = -1;
  let retry = 0;
  while (position < name.length) {
    const char = simple[at];
    if (char === "*") {
      star = at;
      retry = position;
      at += 1;
    } else if (char === "?" || char === name[position]) {
      at += 1;
      position += 1;
    } else if (star >= 0) {
      at = star + 1;
      retry += 1;
      position = retry;
    } else return false;
  }
  return /^\**$/.test(simple.slice(at));
}

function withoutBrackets(pattern: string): string {
  let out = "";
  for (let at = 0; at < pattern.length; at++) {
    const close = pattern[at] === "[" ? pattern.indexOf("]", at + 1) : -1;
    if (pattern[at] === "[" && close < 0) return out + pattern.slice(at);
    out += close < 0 ? pattern.charAt(at) : "?";
    if (close >= 0) at = close;
  }
  return out;
}
