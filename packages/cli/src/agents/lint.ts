import fs from "node:fs";
import path from "node:path";
import type { BindingRule } from "@quire/core";
import { estimateTokens } from "@quire/tools";
import type { System } from "../system.ts";
import type { AgentsFiles } from "./agents-files.ts";
import type { Finding } from "./finding.ts";
import { missingCommand } from "./named-commands.ts";

/** What a file should not exceed, so that it is read and not skimmed. */
const GUIDE_TOKENS = 2000;

/** Everything that is worth saying about the files, in their order. Reads files; runs nothing. */
export function lintAgents(files: AgentsFiles, system: System): Finding[] {
  const findings = [...fromLoading(files), ...fromStatements(files), ...contradictions(files.rules.rules)];
  for (const document of files.docs.documents) findings.push(...fromText(document, files, system));
  const order = files.docs.documents.map((document) => document.path);
  return findings.toSorted((a, b) => order.indexOf(a.file) - order.indexOf(b.file) || a.line - b.line);
}

function fromLoading({ docs }: AgentsFiles): Finding[] {
  const found = docs.warnings.map((warning): Finding => {
    const isHidden = warning.code === "invisible_removed";
    return {
      severity: "error",
      code: isHidden ? "hidden_characters" : warning.code === "cut" ? "too_long" : "unreadable",
      file: warning.file,
      line: 0,
      message: warning.message,
    };
  });
  for (const { path: file, text } of docs.documents) {
    const tokens = estimateTokens(Buffer.byteLength(text));
    if (tokens <= GUIDE_TOKENS) continue;
    const message = `about ${tokens} tokens; every request carries them. Keep it below ${GUIDE_TOKENS}.`;
    found.push({ severity: "warning", code: "too_long", file, line: 0, message });
  }
  return found;
}

const DIRECTIVE = /^(?:never|always|do not|don't|must|only|no|you must|make sure|ensure|all .* must)\b/i;

function fromStatements({ rules }: AgentsFiles): Finding[] {
  const seen = new Map<string, { file: string; line: number }>();
  return rules.statements.flatMap(({ file, line, text, standing, why }): Finding[] => {
    if (standing === "invalid")
      return [{ severity: "error", code: "invalid_rule", file, line, message: `${text}: ${why}` }];
    const found: Finding[] = [];
    const key = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}/*.]+/gu, " ")
      .trim();
    const first = seen.get(key);
    if (first !== undefined && key.length >= 20) {
      const message = `says again what ${first.file}:${first.line} says`;
      found.push({ severity: "warning", code: "duplicate", file, line, message });
    } else if (first === undefined) seen.set(key, { file, line });
    if (standing === "prose" && DIRECTIVE.test(text)) {
      const message = `nothing checks this (${why}): ${text.slice(0, 100)}`;
      found.push({ severity: "note", code: "not_checkable", file, line, message });
    }
    if (standing === "partly") {
      found.push({
        severity: "note",
        code: "not_checkable",
        file,
        line,
        message: `${text.slice(0, 100)}: ${why}`,
      });
    }
    return found;
  });
}

/** Pairs of rules that cannot both be kept, within a file or between levels. */
function contradictions(rules: readonly BindingRule[]): Finding[] {
  return rules.flatMap((rule, index) =>
    rules.slice(0, index).flatMap((other): Finding[] => {
      const why = clash(other, rule) ?? clash(rule, other);
      if (why === null) return [];
      const { file, line } = rule.source;
      const message = `contradicts ${other.source.file}:${other.source.line} (${other.source.text.slice(0, 80)}): ${why}`;
      return [{ severity: "error", code: "contradiction", file, line, message }];
    }),
  );
}

function clash(
  { check: one, root }: BindingRule,
  { check: other, root: otherRoot }: BindingRule,
): string | null {
  if (one.kind === "never_command" && other.kind === "run_command") {
    return `${other.command} `.startsWith(`${one.command} `)
      ? `${other.command} must and must not run`
      : null;
  }
  if (one.kind === "commit_format" && other.kind === "commit_format") {
    return one.source === other.source ? null : "two forms for commit messages";
  }
  if (one.kind === "only_paths" && (other.kind === "only_paths" || other.kind === "never_paths")) {
    const mine = one.paths.map((name) => normal(root, name));
    const theirs = other.paths.map((name) => normal(otherRoot, name));
    const covered = (name: string, by: readonly string[]) =>
      by.some((each) => name === each || name.startsWith(`${each}/`));
    if (other.kind === "never_paths") {
      return mine.every((name) => covered(name, theirs)) ? "no path is left that may be changed" : null;
    }
    const apart =
      mine.every((name) => !covered(name, theirs)) && theirs.every((name) => !covered(name, mine));
    const nested = otherRoot.startsWith(root) || root.startsWith(otherRoot);
    return apart && nested ? "no path is in both lists" : null;
  }
  return null;
}

function normal(root: string, name: string): string {
  return path.join(root, name.replace(/\/?\*\*$/, "")).replace(/\/+$/, "");
}

function fromText(
  { path: file, text }: { path: string; text: string },
  files: AgentsFiles,
  system: System,
): Finding[] {
  const folders = [...new Set([path.dirname(file), files.docs.root, files.cwd])];
  const found: Finding[] = [];
  let fence: string | null = null;
  for (const [index, raw] of text.split("\n").entries()) {
    const mark = /^\s*(?:```+|~~~+)\s*([\w-]*)/.exec(raw);
    if (mark) {
      fence = fence === null ? (mark[1] ?? "") : null;
      continue;
    }
    const commands =
      fence === null
        ? spans(raw)
        : /^(?:sh|bash|shell|console)$/.test(fence)
          ? [raw.replace(/^\s*\$\s+/, "").trim()]
          : [];
    for (const code of commands) {
      const missing = missingCommand(code, folders, system.env.PATH ?? "");
      if (missing !== null) {
        found.push({ severity: "warning", code: "command_missing", file, line: index + 1, message: missing });
      } else if (fence === null && isDeadPath(code, folders)) {
        found.push({
          severity: "warning",
          code: "path_missing",
          file,
          line: index + 1,
          message: `there is no ${code}`,
        });
      }
    }
  }
  return found;
}

function spans(line: string): string[] {
  return [...line.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.trim());
}

/** Only what can be nothing but a path inside the project: placeholders, patterns, URLs and packages are left alone. */
function isDeadPath(code: string, folders: readonly string[]): boolean {
  if (
    !/^(?:\.\/)?[\w.-]+(?:\/[\w.-]+)+\/?$/.test(code) ||
    /\b(?:x|foo|bar|name|example|path|NAME)\b/.test(code)
  )
    return false;
  if (
    /^[\w-]+\.(?:com|org|io|dev|net)\//.test(code) ||
    /^(?:application|text|image|origin|feat|fix)\//.test(code)
  )
    return false;
  const looksReal =
    code.endsWith("/") ||
    /\.[a-z]{1,5}$/.test(code) ||
    code.startsWith("./") ||
    folders.some((folder) => fs.existsSync(path.join(folder, code.replace(/^\.\//, "").split("/")[0] ?? "")));
  return looksReal && !folders.some((folder) => fs.existsSync(path.join(folder, code)));
}
