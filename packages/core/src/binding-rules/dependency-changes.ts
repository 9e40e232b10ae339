import { basename } from "node:path";
import * as z from "zod/mini";
import { type ChangedText, linesOf } from "./changed-text.ts";
import { matchesAny } from "./path-pattern.ts";
import { LOCK_FILES } from "./recognise.ts";

const SECTIONS = [
  "dependencies",
  "devDependencies",
  "peerDependencies",
  "optionalDependencies",
  "bundledDependencies",
  "overrides",
  "resolutions",
  "require",
  "require-dev",
];

/** Says how a change of a manifest or lock file changes what a project depends on; null when it does not. */
export function dependencyChange({ path, before, after }: ChangedText): string | null {
  if (before === after) return null;
  const name = basename(path);
  if (matchesAny(LOCK_FILES, name)) return `${name} pins other versions`;
  if (name === "package.json" || name === "composer.json") return ofJson(before, after);
  if (name === "Cargo.toml" || name === "pyproject.toml" || name === "Pipfile")
    return differs(tomlLines(before), tomlLines(after));
  if (/^requirements[\w.-]*\.(?:txt|in)$/.test(name) || name === "Gemfile")
    return differs(plainLines(before), plainLines(after));
  if (name === "go.mod") return differs(goLines(before), goLines(after));
  if (/^build\.gradle(?:\.kts)?$/.test(name)) return differs(gradleLines(before), gradleLines(after));
  return null;
}

const ManifestSchema = z.record(z.string(), z.unknown());

function ofJson(before: string | null, after: string | null): string | null {
  const old = sectionsOf(before);
  const now = sectionsOf(after);
  if (old === null || now === null) return null;
  for (const section of SECTIONS) {
    if (JSON.stringify(old[section] ?? {}) !== JSON.stringify(now[section] ?? {}))
      return `"${section}" differs`;
  }
  return null;
}

/** Null for what is no JSON object: half a file says nothing of dependencies. */
function sectionsOf(text: string | null): Record<string, unknown> | null {
  if (text === null) return {};
  try {
    const parsed = ManifestSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    // Not JSON at all, which is for others to complain about.
    return null;
  }
}

function differs(old: readonly string[], now: readonly string[]): string | null {
  const [before, after] = [new Set(old), new Set(now)];
  const line = now.find((each) => !before.has(each)) ?? old.find((each) => !after.has(each));
  return line === undefined ? null : `"${line}" was added, changed or removed`;
}

/** Lines below a table of dependencies, and those of a list of them. */
function tomlLines(text: string | null): string[] {
  const found: string[] = [];
  let inTable = false;
  let inList = false;
  for (const line of linesOf(text).map((each) => each.replace(/\s+#.*$/, "").trim())) {
    const table = /^\[+\s*([^\]]+?)\s*\]+$/.exec(line)?.[1];
    if (table !== undefined && !inList) {
      inTable = /dependenc|^(?:dev-)?packages$/i.test(table);
      if (inTable) found.push(line);
    } else if (inTable || inList) {
      if (line !== "" && !line.startsWith("#") && line !== "]") found.push(line);
      if (inList && /\]$/.test(line)) inList = false;
    } else if (/^(?:dependencies|requires)\s*=\s*\[/.test(line)) {
      found.push(line);
      inList = !/\]$/.test(line);
    }
  }
  return found;
}

function plainLines(text: string | null): string[] {
  return linesOf(text)
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim())
    .filter((line) => line !== "");
}

function goLines(text: string | null): string[] {
  return linesOf(text)
    .map((line) => line.replace(/\/\/.*$/, "").trim())
    .filter((line) => /^(?:require\s+)?[\w.-]+\.[\w./-]+\s+v\d/.test(line) || /^replace\b/.test(line));
}

function gradleLines(text: string | null): string[] {
  return linesOf(text)
    .map((line) => line.trim())
    .filter((line) =>
      /^(?:\w*[iI]mplementation|api|compileOnly|runtimeOnly|\w*[cC]lasspath|kapt)\b/.test(line),
    );
}
