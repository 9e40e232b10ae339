import fs from "node:fs";
import path from "node:path";
import type { CommitSummary } from "@quire/git";
import * as z from "zod/mini";
import { readText } from "../agents/manifests.ts";
import { packageManager } from "./find-commands.ts";

/** A statement for the file, and how it is known, for the person. */
export interface Fact {
  text: string;
  known: string;
}

const LANGUAGES: Readonly<Record<string, string>> = {
  ts: "TypeScript",
  tsx: "TypeScript",
  mts: "TypeScript",
  js: "JavaScript",
  jsx: "JavaScript",
  mjs: "JavaScript",
  cjs: "JavaScript",
  py: "Python",
  go: "Go",
  rs: "Rust",
  java: "Java",
  kt: "Kotlin",
  rb: "Ruby",
  php: "PHP",
  c: "C",
  h: "C",
  cc: "C++",
  cpp: "C++",
  cs: "C#",
  swift: "Swift",
  scala: "Scala",
  sh: "Shell",
  sql: "SQL",
  ex: "Elixir",
  exs: "Elixir",
  vue: "Vue",
  svelte: "Svelte",
};
const MOST_FOLDERS = 14;

const DescribedSchema = z.object({
  name: z.optional(z.string()),
  description: z.optional(z.string()),
  engines: z.optional(z.record(z.string(), z.string())),
});

/** What the project says it is: the description of a manifest, else the first paragraph of its README. */
export function overview(root: string): Fact | null {
  const described = manifestOf(root)?.description?.trim();
  if (described) return { text: sentence(described), known: "description in package.json" };
  for (const manifest of ["pyproject.toml", "Cargo.toml"]) {
    const text = /^description\s*=\s*"([^"\n]+)"/m.exec(readText(root, manifest))?.[1];
    if (text) return { text: sentence(text), known: `description in ${manifest}` };
  }
  const paragraph = readText(root, "README.md")
    .replace(/```[\s\S]*?```/g, "")
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .find((part) => /^[A-Za-z*_"]/.test(part) && !part.startsWith("#"));
  return paragraph === undefined
    ? null
    : { text: sentence(paragraph), known: "first paragraph of README.md" };
}

function manifestOf(root: string): z.infer<typeof DescribedSchema> | null {
  try {
    const parsed = DescribedSchema.safeParse(JSON.parse(readText(root, "package.json")));
    return parsed.success ? parsed.data : null;
  } catch {
    // No manifest, or not JSON.
    return null;
  }
}

function sentence(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= 300 ? line : `${line.slice(0, 300).replace(/\s\S*$/, "")} …`;
}

/** Languages by number of files, the package manager and what the manifest demands. */
export function stack(root: string, files: readonly string[]): Fact[] {
  const counts = new Map<string, number>();
  for (const file of files) {
    const language = LANGUAGES[path.extname(file).slice(1).toLowerCase()];
    if (language !== undefined) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  const top = [...counts].sort(([, a], [, b]) => b - a).slice(0, 4);
  const facts: Fact[] = [];
  if (top.length > 0) {
    facts.push({
      text: top.map(([language, count]) => `${language} (${count} files)`).join(", "),
      known: `counted in ${files.length} files`,
    });
  }
  if (fs.existsSync(path.join(root, "package.json"))) {
    const node = manifestOf(root)?.engines?.node;
    const manager = packageManager(root);
    facts.push({
      text: `Packages: ${manager}${node === undefined ? "" : `; Node ${node}`}`,
      known: "package.json and lock files",
    });
  }
  return facts;
}

/** Top folders with what is in them, by number of files. */
export function layout(files: readonly string[]): Fact[] {
  const folders = new Map<string, Map<string, number>>();
  for (const file of files) {
    const slash = file.indexOf("/");
    if (slash < 0) continue;
    const folder = file.slice(0, slash);
    const kinds = folders.get(folder) ?? new Map<string, number>();
    folders.set(folder, kinds);
    const kind = path.extname(file) || "no ending";
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const size = (kinds: ReadonlyMap<string, number>) =>
    [...kinds.values()].reduce((sum, count) => sum + count, 0);
  return [...folders]
    .sort(([, a], [, b]) => size(b) - size(a))
    .slice(0, MOST_FOLDERS)
    .map(([folder, kinds]) => {
      const most = [...kinds]
        .sort(([, a], [, b]) => b - a)
        .slice(0, 2)
        .map(([kind]) => kind);
      const total = size(kinds);
      return {
        text: `\`${folder}/\`: ${total} ${total === 1 ? "file" : "files"}, mostly ${most.join(" and ")}`,
        known: "counted",
      };
    });
}

const TOOLS: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/^\.prettierrc|^prettier\.config\./, "Prettier formats"],
  [/^biome\.jsonc?$/, "Biome lints and formats"],
  [/^eslint\.config\.|^\.eslintrc/, "ESLint lints"],
  [/^\.editorconfig$/, "EditorConfig sets indentation and line ends"],
  [/^\.?ruff\.toml$/, "Ruff lints"],
  [/^rustfmt\.toml$|^\.rustfmt\.toml$/, "rustfmt formats"],
  [/^\.golangci\.ya?ml$/, "golangci-lint lints"],
  [/^\.clang-format$/, "clang-format formats"],
  [/^\.pre-commit-config\.yaml$/, "pre-commit runs checks"],
];

/** Formatters and linters whose configuration is there. */
export function conventions(root: string, files: readonly string[]): Fact[] {
  const top = files.filter((file) => !file.includes("/"));
  const facts = TOOLS.flatMap(([pattern, name]): Fact[] => {
    const file = top.find((each) => pattern.test(each));
    return file === undefined ? [] : [{ text: `${name}: \`${file}\`.`, known: `${file} is there` }];
  });
  const pyproject = readText(root, "pyproject.toml");
  for (const tool of ["ruff", "black", "mypy"]) {
    if (new RegExp(`^\\[tool\\.${tool}\\b`, "m").test(pyproject))
      facts.push({
        text: `${tool} is configured: \`pyproject.toml\`.`,
        known: `[tool.${tool}] in pyproject.toml`,
      });
  }
  if (/"strict"\s*:\s*true/.test(readText(root, "tsconfig.json")))
    facts.push({ text: "TypeScript is strict: `tsconfig.json`.", known: '"strict" in tsconfig.json' });
  return facts;
}

const CONVENTIONAL = /^(feat|fix|docs|style|refactor|perf|test|build|ci|chore|revert)(\([^()]+\))?!?: \S/;
const TICKET = /^[A-Z][A-Z0-9]+-\d+:? \S/;
/** Below this many commits, or this share of them, there is no form to speak of. */
const FEWEST_COMMITS = 5;
const SHARE = 0.8;

/** The form of commit messages, where nearly all of the last ones have one. Merges do not count. */
export function commitForm(commits: readonly Pick<CommitSummary, "subject" | "parents">[]): Fact | null {
  const subjects = commits.filter(({ parents }) => parents.length < 2).map(({ subject }) => subject);
  if (subjects.length < FEWEST_COMMITS) return null;
  const count = (form: RegExp) => subjects.filter((subject) => form.test(subject)).length;
  const known = (number: number) => `${number} of the last ${subjects.length} commits`;
  const conventional = count(CONVENTIONAL);
  if (conventional >= subjects.length * SHARE)
    return { text: "Commit messages follow Conventional Commits.", known: known(conventional) };
  const tickets = count(TICKET);
  return tickets >= subjects.length * SHARE
    ? { text: "Commit messages: `ABC-123: what changed`.", known: known(tickets) }
    : null;
}
