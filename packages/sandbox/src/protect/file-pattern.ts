/** One part of a glob at a time. */
const PART = /\*\*\/|\*\*|\*|\?|\[[!^]?\]?[^\]/]+\]|[^*?[]+|\[/gs;

/** A glob as an expression over a path relative to where the glob starts. A bracket that is never closed is a character. */
export function globExpression(pattern: string): RegExp {
  return new RegExp(`^${(pattern.match(PART) ?? []).map(expressionOf).join("")}$`, "s");
}

function expressionOf(part: string): string {
  switch (part) {
    case "**/":
      return "(?:[^/]+/)*";
    case "**":
      return ".*";
    case "*":
      return "[^/]*";
    case "?":
      return "[^/]";
  }
  const [, negated, members] = /^\[([!^]?)(\]?[^\]/]+)\]$/s.exec(part) ?? [];
  if (members === undefined) return part.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  return `(?!/)[${negated ? "^" : ""}${members.replace(/[\\\]^[]/g, "\\$&")}]`;
}
