import { isRealTestScript } from "@quire/test-report";
import * as z from "zod/mini";
import { isTestPath, languageOf } from "../source/language.ts";

/** What a first look at the workspace finds. Paths are relative to it. */
export interface Inspection {
  /** Programs that can be started, `pytest` when Python can import it, `venv` for an interpreter of the workspace. */
  tools: ReadonlySet<string>;
  sources: readonly string[];
  tests: readonly string[];
  /** What tells, in a test file, which runner it is written for: pieces of its text. */
  written: ReadonlyMap<string, string>;
  /** Folders with a manifest, "" for the workspace itself, and the scripts of their package.json. */
  projects: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Recipe of the `test` target of a Makefile, null without one. */
  makeRecipe: string | null;
}

/** More code files than this are not listed. */
export const MOST_FILES = 800;

const CODE = "\\.(py|[cm]?[jt]sx?)$";
const MANIFEST = "(^|/)(package\\.json|pyproject\\.toml|setup\\.py|setup\\.cfg|requirements\\.txt)$";
const WRITTEN_FOR =
  "^(import|from) (unittest|pytest)|unittest\\.TestCase|^(async )?def test_|^class Test|['\\\"]node:test['\\\"]|^ *(describe|it|test|suite)\\(";
const FALLBACK =
  "find . -maxdepth 6 \\( -name node_modules -o -name .git -o -name .venv -o -name venv \\) -prune -o -type f -print | sed 's|^\\./||'";

/** The shell command of the first look: one listing, files of the named paths first; no program of the workspace runs. */
export function inspectCommand(named: readonly string[]): string {
  return `# offline repair: what is here
mark() { printf '== %s\\n' "$1"; }
mark tools
for tool in python3 node npm make timeout; do command -v "$tool" >/dev/null 2>&1 && echo "$tool"; done
[ -x .venv/bin/python ] && echo venv
python=python3; [ -x .venv/bin/python ] && python=.venv/bin/python
"$python" -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("pytest") is None)' 2>/dev/null && echo pytest
files=$(git -c core.fsmonitor=false ls-files -co --exclude-standard 2>/dev/null || ${FALLBACK})
all() { for path in ${named.slice(0, 20).join(" ")} ''; do printf '%s\\n' "$files" | grep -v node_modules/ | grep -F -e "$path"; done; }
code=$(all | grep -E '${CODE}' | head -n ${MOST_FILES})
mark files; printf '%s\\n' "$code"
mark written
printf '%s\\n' "$code" | grep -Ei 'test|spec' | head -n 300 | tr '\\n' '\\0' | xargs -0 grep -oE "${WRITTEN_FOR}" /dev/null 2>/dev/null | sort -u
mark makefile; sed -n '/^test *:/,/^[^[:space:]]/p' Makefile makefile 2>/dev/null | head -n 8
{ echo package.json; all | grep /; } | grep -E '${MANIFEST}' | head -n 24 | while read -r file; do
  mark "manifest $file"; case "$file" in *.json) head -c 5000 "$file" 2>/dev/null; echo;; esac
done
exit 0`;
}

/** Reads the output of `inspectCommand`. Damaged or missing sections count as empty. */
export function parseInspection(output: string): Inspection {
  const sections = new Map<string, string[]>();
  for (const section of output.split(/^== /m).slice(1)) {
    const [title = "", ...lines] = section.split("\n");
    sections.set(title, lines);
  }
  const linesOf = (title: string) => [
    ...new Set((sections.get(title) ?? []).map((line) => line.trim()).filter((line) => line !== "")),
  ];
  const files = linesOf("files").filter((path) => languageOf(path) !== null);
  const written = new Map<string, string>();
  for (const line of linesOf("written")) {
    const [path = "", ...piece] = line.split(":");
    written.set(path, `${written.get(path) ?? ""}${piece.join(":")}\n`);
  }
  const projects = new Map<string, ReadonlyMap<string, string>>();
  for (const [title, lines] of sections) {
    const [, folder = ""] = /^manifest (?:(.*)\/)?/.exec(title) ?? [];
    if (title.endsWith("package.json")) projects.set(folder, scriptsOf(lines.join("\n")));
    else if (title.startsWith("manifest ") && !projects.has(folder)) projects.set(folder, new Map());
  }
  const recipe = (sections.get("makefile") ?? []).filter((line) => line.startsWith("\t"));
  return {
    tools: new Set(linesOf("tools")),
    sources: files.filter((path) => !isTestPath(path)),
    tests: files.filter(isTestPath),
    written,
    projects,
    makeRecipe: recipe.map((line) => line.trim().replace(/^[@-]+/, "")).join(" && ") || null,
  };
}

const Manifest = z.object({ scripts: z.record(z.string(), z.string()) });

function scriptsOf(text: string): Map<string, string> {
  try {
    const { scripts } = Manifest.parse(JSON.parse(text));
    return new Map(Object.entries(scripts).filter(([, script]) => isRealTestScript(script)));
  } catch {
    return new Map(); // no package.json, none with scripts, or one that npm could not read either
  }
}
