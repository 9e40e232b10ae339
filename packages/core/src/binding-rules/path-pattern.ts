const MOST_BRANCHES = 16;

/**
 * Whether a path (relative, with slashes) is what a pattern names or lies below it. `*` and `?` stay within a name, `**`
 * spans folders, `{a,b}` is either. A pattern without a slash that holds `*` counts at every depth; a plain name, like
 * everything else, from the rule's folder on. Time grows with the product of the lengths, whatever the pattern.
 */
function matchesPath(pattern: string, path: string): boolean {
  return alternatives(pattern).some((each) => matchesOne(each, path));
}

export function matchesAny(patterns: readonly string[], path: string): boolean {
  return patterns.some((pattern) => matchesPath(pattern, path));
}

/** Whether a text can be a pattern: relative, inside its folder, not too long. */
export function isPathPattern(text: string): boolean {
  if (text === "" || text.length > 200 || /[\s\\:;"'`<>|&$()!]/.test(text) || text.startsWith("~"))
    return false;
  return !text.split("/").includes("..") && !text.startsWith("/");
}

function matchesOne(pattern: string, path: string): boolean {
  const names = path.split("/").filter((name) => name !== "" && name !== ".");
  const trimmed = pattern.replace(/^\.\//, "").replace(/\/+$/, "");
  if (trimmed === "" || trimmed === ".") return true;
  const anywhere = !trimmed.includes("/") && trimmed.includes("*");
  const wanted = [...(anywhere ? ["**"] : []), ...trimmed.split("/")];
  // What lies below a match counts too, so the pattern goes on with anything.
  return sequenceMatches([...wanted, "**"], names, (want, name) =>
    want === "**" ? null : sequenceMatches([...want], [...name], characterMatches),
  );
}

function characterMatches(want: string, character: string): boolean | null {
  if (want === "*") return null;
  return want === "?" || want === character;
}

/** Greedy matching with one point of return; `fits` answers null for a wildcard that takes any number. */
function sequenceMatches(
  wanted: readonly string[],
  given: readonly string[],
  fits: (want: string, one: string) => boolean | null,
): boolean {
  let at = 0;
  let want = 0;
  let wildcard = -1;
  let resumeAt = 0;
  while (at < given.length) {
    const answer = want < wanted.length ? fits(wanted[want] ?? "", given[at] ?? "") : false;
    if (answer === null) {
      wildcard = want++;
      resumeAt = at;
    } else if (answer) {
      at++;
      want++;
    } else if (wildcard >= 0) {
      want = wildcard + 1;
      at = ++resumeAt;
    } else return false;
  }
  while (want < wanted.length && fits(wanted[want] ?? "", "") === null) want++;
  return want === wanted.length;
}

function alternatives(pattern: string): string[] {
  let all = [pattern];
  for (;;) {
    const next = all.flatMap((each) => {
      const braces = /^(.*?)\{([^{}]*)\}(.*)$/.exec(each);
      if (!braces) return [each];
      const [, before = "", choices = "", after = ""] = braces;
      return choices.split(",").map((choice) => `${before}${choice}${after}`);
    });
    if (next.length === all.length || next.length > MOST_BRANCHES) return all;
    all = next;
  }
}
