import type { CommandContext, Requirement } from "./command-context.ts";
import { isWithin, joinPath, normalizePath } from "./lexical-path.ts";
import { type PlainCommand, type PlainOperator, type PlainWord, wordText } from "./plain/plain-command.ts";
import { VERSION_QUESTIONS } from "./programs/shell-words.ts";
import { programRule } from "./programs/table.ts";
import { picksSecretName, secrecyOf } from "./secret-paths.ts";

/** What the read-only tables say about one simple command. */
export type ReadOnlyVerdict = { kind: "safe"; requires: Requirement[] } | { kind: "ask"; why: string };

const ask = (why: string): ReadOnlyVerdict => ({ kind: "ask", why });

/** Folders in which a program named by its full path is taken to be the one everybody knows. */
const PROGRAM_FOLDER =
  /^\/(?:usr\/(?:local\/)?)?s?bin\/[^/]+$|^\/(?:opt\/homebrew\/bin|run\/current-system\/sw\/bin)\/[^/]+$/;
/** Files outside every workspace that hold nothing but public facts about the machine. */
const PUBLIC_FILE =
  /^(?:\/dev\/null|\/proc\/(?:cpuinfo|meminfo|version|loadavg|uptime)|\/(?:etc|usr\/lib)\/os-release|\/etc\/(?:debian_version|lsb-release))$/;
/** More than this many possible folders after `cd` is not worth following. */
const MAX_FOLDERS = 8;

/**
 * Follows the folders a chain of plain commands may be in and judges each command there. A failed `cd` leaves the
 * shell where it was, so after `;`, `||` and newlines every earlier folder stays possible.
 */
export class ReadOnlyJudge {
  readonly #context: CommandContext;
  readonly #roots: string[];
  #folders: Set<string>;
  #left = new Set<string>();

  constructor(context: CommandContext) {
    this.#context = context;
    this.#folders = new Set([context.cwd]);
    const roots = context.workspaceRoots.length > 0 ? context.workspaceRoots : [context.cwd];
    this.#roots = roots.map(normalizePath);
  }

  /** Judges the next command of the chain. `before` is the operator in front of it. */
  judge(command: PlainCommand, before: PlainOperator): ReadOnlyVerdict {
    if (before !== null && before !== "&&" && before !== "|") {
      for (const folder of this.#left) this.#folders.add(folder);
      this.#left.clear();
    }
    if (this.#folders.size > MAX_FOLDERS) return ask("too many changes of folder to follow");
    for (const redirect of command.redirects) {
      if (redirect.kind !== "input") continue;
      const reason = this.#unreadable([redirect.path]);
      if (reason !== null) return ask(reason);
    }
    const [program, ...words] = command.argv;
    const name = program === undefined ? null : wordText(program, {});
    if (name === null) return ask("the program name is not fixed");
    if (name === "cd")
      return this.#judgeCd(words, before === "|" || command.operatorAfter === "|", command.operatorAfter);
    return this.#judgeProgram(name, words);
  }

  #judgeCd(words: PlainWord[], inPipeline: boolean, after: PlainOperator): ReadOnlyVerdict {
    const targets = words.filter((word) => wordText(word, {}) !== "--");
    const [target, ...others] = targets;
    if (target === undefined || others.length > 0 || target.glob)
      return ask("cd needs exactly one fixed folder");
    const next = new Set<string>();
    for (const folder of this.#folders) {
      const text = wordText(target, this.#variables(folder));
      if (text === null || text === "" || text.startsWith("-"))
        return ask("cd to a folder that is not fixed");
      next.add(joinPath(folder, text));
    }
    const reason = this.#unreadable([target]);
    if (reason !== null) return ask(reason);
    if (!inPipeline) {
      for (const folder of this.#folders) (after === "&&" ? this.#left : next).add(folder);
      this.#folders = next;
    }
    return { kind: "safe", requires: [] };
  }

  #judgeProgram(invoked: string, words: PlainWord[]): ReadOnlyVerdict {
    const located = this.#locate(invoked);
    if (located.kind === "ask") return located;
    const { name } = located;
    let requires: Requirement[] = [];
    const globs = words.map((word) => word.glob);
    for (const folder of this.#folders) {
      const args: string[] = [];
      for (const word of words) {
        const text = wordText(word, this.#variables(folder));
        if (text === null) return ask("the home folder is not known");
        args.push(text);
      }
      if (
        args.length === 1 &&
        globs[0] === false &&
        VERSION_QUESTIONS[name]?.includes(args[0] ?? "") === true
      )
        continue;
      const rule = programRule(name);
      if (!rule) return ask(`${name} is not on the list of programs that only read`);
      const ended = args.indexOf("--");
      const risky = words.findIndex((word, index) => word.leadingGlob && (ended < 0 || index < ended));
      if (risky >= 0 && !rule.anyOptionHarmless)
        return ask("a pattern could expand to a name that is taken as an option");
      const verdict = rule.judge(args, globs);
      if (verdict.kind === "ask") return verdict;
      const reason = verdict.paths
        .map((path) => this.#unreadablePath(path, folder))
        .find((each) => each !== null);
      if (reason !== undefined && reason !== null) return ask(reason);
      requires = verdict.requires === undefined ? [] : [verdict.requires];
    }
    if (requires.includes("git-hardening") && this.#context.gitHardening !== true) {
      return ask(
        "git runs programs named in the repository's configuration, and the runner does not prevent that",
      );
    }
    return { kind: "safe", requires };
  }

  /** Finds out which well-known program a name leads to. */
  #locate(invoked: string): { kind: "found"; name: string } | { kind: "ask"; why: string } {
    const absolute = invoked.startsWith("/");
    const name = absolute ? invoked.slice(invoked.lastIndexOf("/") + 1) : invoked;
    if (invoked.includes("/") && !(absolute && PROGRAM_FOLDER.test(invoked))) {
      return { kind: "ask", why: `${invoked} is a program outside the system folders` };
    }
    if (programRule(name) === undefined && !Object.hasOwn(VERSION_QUESTIONS, name)) {
      return { kind: "ask", why: `${name} is not on the list of programs that only read` };
    }
    if (!absolute && programRule(name)?.builtin === true) return { kind: "found", name };
    const resolved = this.#context.resolveProgram(invoked);
    if (resolved === null) return { kind: "ask", why: `${invoked} was not found on the PATH` };
    if (typeof resolved !== "string")
      return { kind: "ask", why: `${invoked} leads to a file the agent can change` };
    return resolved.startsWith("/")
      ? { kind: "found", name }
      : { kind: "ask", why: `${invoked} has no fixed place` };
  }

  #unreadable(words: readonly PlainWord[]): string | null {
    for (const folder of this.#folders) {
      for (const word of words) {
        const text = wordText(word, this.#variables(folder));
        const reason = text === null ? "the home folder is not known" : this.#unreadablePath(text, folder);
        if (reason !== null) return reason;
      }
    }
    return null;
  }

  /** Why a path may not be read without asking, or null. Patterns are judged by their text. */
  #unreadablePath(path: string, folder: string): string | null {
    if (path === "") return null;
    const joined = joinPath(folder, path);
    const normal = normalizePath(joined);
    if (PUBLIC_FILE.test(normal)) return null;
    const { context, roots } = { context: this.#context, roots: this.#roots };
    if (secrecyOf(normal, context.home) !== null || context.isReadDenied?.(joined) === true) {
      return `${path} may hold secrets`;
    }
    if (mayMatchSecrets(path)) {
      return `${path} is a pattern that may match secrets`;
    }
    const outside = context.isOutsideWorkspace?.(joined) ?? !roots.some((root) => isWithin(normal, root));
    return outside ? `${path} is outside the workspace` : null;
  }

  #variables(folder: string): { HOME?: string; PWD?: string } {
    const { home } = this.#context;
    return home === undefined ? { PWD: folder } : { HOME: home, PWD: folder };
  }
}

/** A pattern for hidden files, one that picks a well-known secret, or one that picks folders starting from the root. */
function mayMatchSecrets(path: string): boolean {
  const segments = path.split("/");
  if (segments.some((segment) => segment.startsWith(".") && /[*?[]/.test(segment))) return true;
  if (picksSecretName(segments[segments.length - 1] ?? "")) return true;
  return path.startsWith("/") && segments.slice(0, -1).some((segment) => /[*?[]/.test(segment));
}
