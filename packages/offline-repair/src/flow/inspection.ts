import { isRealTestScript } from "@quire/test-report";
import { isTestPath, languageOf } from "../source/token.ts";

/** What a first look at the workspace finds. Paths are relative to it. */
export interface Inspection {
  /** Programs that can be started, and `pytest` when Python can import it. */
  tools: ReadonlySet<string>;
  sources: readonly string[];
  tests: readonly string[];
  /** `scripts` of package.json, empty without one. */
  scripts: ReadonlyMap<string, string>;
  /** Recipe of the `test` target of a Makefile, null without one. */
  makeRecipe: string | null;
  /** Test files by what they are written for. */
  marks: Readonly<Record<Mark, ReadonlySet<string>>>;
}

const MARKS = ["unittest", "functions", "plain", "main", "node:test", "runner"] as const;
export type Mark = (typeof MARKS)[number];

const CODE = "\\.(py|[cm]?[jt]sx?)$";
const FALLBACK =
  "find . -maxdepth 6 \\( -name node_modules -o -name .git -o -name .venv -o -name venv \\) -prune -o -type f -print | sed 's|^\\./||'";

/** The shell command of the first look: one listing, no program of the workspace runs. */
export const INSPECT_COMMAND = `# offline repair: what is here
mark() { printf '== %s\\n' "$1"; }
mark tools
for tool in python3 node npm make timeout; do command -v "$tool" >/dev/null 2>&1 && echo "$tool"; done
[ -x .venv/bin/python ] && echo venv
python=python3; [ -x .venv/bin/python ] && python=.venv/bin/python
"$python" -c 'import pytest' 2>/dev/null && echo pytest
mark files
files=$(git -c core.fsmonitor=false ls-files -co --exclude-standard 2>/dev/null || ${FALLBACK})
code=$(printf '%s\\n' "$files" | grep -E '${CODE}' | grep -v node_modules/ | head -n 800)
printf '%s\\n' "$code"
tests=$(printf '%s\\n' "$code" | grep -Ei 'test|spec' | head -n 300)
grep_tests() { printf '%s\\n' "$tests" | tr '\\n' '\\0' | xargs -0 grep -lE "$1" /dev/null 2>/dev/null; }
mark unittest; grep_tests '^(import|from) unittest|unittest\\.TestCase'
mark functions; grep_tests '^(async )?def test_|^class Test|^(import|from) pytest'
mark plain; grep_tests '^(async )?def test_|^(import|from) pytest'
mark main; grep_tests '__main__'
mark node:test; grep_tests "['\\"]node:test['\\"]"
mark runner; grep_tests '^ *(describe|it|test|suite)\\('
mark makefile; sed -n '/^test *:/,/^[^[:space:]]/p' Makefile makefile 2>/dev/null | head -n 8
mark package.json; head -c 20000 package.json 2>/dev/null
exit 0`;

/** Reads the output of `INSPECT_COMMAND`. Damaged or missing sections count as empty. */
export function parseInspection(output: string): Inspection {
  const sections = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of output.split("\n")) {
    const title = /^== (\S+)$/.exec(line)?.[1];
    if (title !== undefined) {
      current = [];
      sections.set(title, current);
    } else current.push(line);
  }
  const linesOf = (title: string) =>
    (sections.get(title) ?? []).map((line) => line.trim()).filter((line) => line !== "");
  const files = linesOf("files").filter(
    (path) => languageOf(path) !== null && !/(^|\/)node_modules\//.test(path),
  );
  const marks = Object.fromEntries(MARKS.map((mark) => [mark, new Set(linesOf(mark))]));
  return {
    tools: new Set(linesOf("tools")),
    sources: files.filter((path) => !isTestPath(path)),
    tests: files.filter(isTestPath),
    scripts: scriptsOf((sections.get("package.json") ?? []).join("\n")),
    makeRecipe: recipeOf(sections.get("makefile") ?? []),
    marks: marks as Record<Mark, Set<string>>, // built from MARKS one line above
  };
}

function scriptsOf(text: string): Map<string, string> {
  try {
    const parsed: unknown = JSON.parse(text);
    const scripts =
      parsed !== null && typeof parsed === "object" && "scripts" in parsed ? parsed.scripts : null;
    const entries = Object.entries(scripts !== null && typeof scripts === "object" ? scripts : {});
    return new Map(entries.filter(([, script]) => typeof script === "string" && isRealTestScript(script)));
  } catch {
    return new Map(); // no package.json, or one that npm could not read either
  }
}

function recipeOf(lines: readonly string[]): string | null {
  const recipe = lines
    .slice(1)
    .filter((line) => /^\t/.test(line))
    .map((line) => line.trim().replace(/^[@-]+/, ""));
  return recipe.length === 0 ? null : recipe.join(" && ");
}
