import { findDeletes, findStarts } from "./forbid/find-deletes.ts";
import { parseShellText, scanScript } from "./forbid/scan-script.ts";
import { normalizePath } from "./lexical-path.ts";
import type { EffectiveCommand } from "./shell/effective-command.ts";
import { fixedWord, isFixed, type ShellWord } from "./shell/script-model.ts";
import {
  argumentTargets,
  hasOption,
  operandsOf,
  optionValues,
  redirectTargets,
} from "./shell/write-targets.ts";

/** What happens to the targets. `permissions` covers mode and owner. */
export type DestructionKind = "delete" | "move" | "overwrite" | "permissions";

/** One thing a command would destroy or replace. */
export interface Destruction {
  kind: DestructionKind;
  /** Base name of the program; `>` for a redirection. */
  program: string;
  /** Words as the program would get them; `~`, `$HOME` and `$PWD` are filled in, patterns are not expanded. */
  targets: string[];
  /** Absolute folder the targets are relative to; null when the text does not tell. */
  folder: string | null;
  /** False when a target depends on a pattern, a variable, a substitution or another program's output. */
  certain: boolean;
  /** Whether `xargs` or the like adds targets that the text does not hold. */
  fed: boolean;
}

/**
 * Lists what a command text would delete, move away or overwrite, as far as the text tells, so that the caller can
 * resolve the targets and guard those outside the workspace. Sees through wrappers, substitutions and nested
 * shells. Programs that write in ways of their own (compilers, scripts) are not in it.
 */
export async function destructiveTargets(
  command: string,
  place: { cwd: string; home?: string },
): Promise<Destruction[]> {
  const cwd = normalizePath(place.cwd);
  const around = {
    cwd,
    home: place.home === undefined ? "/home/\ue003" : normalizePath(place.home),
    roots: [cwd],
  };
  const scan = await scanScript(await parseShellText(command, around), around);
  const found: Destruction[] = [];
  for (const { command: simple, effective } of scan.commands) {
    const redirected = redirectTargets({
      ...simple,
      redirects: simple.redirects.filter((each) => each.operator !== ">>" && each.operator !== "&>>"),
    });
    const files = redirected.filter(
      (word) => !/^\/dev\/(?:null|stdout|stderr|tty|fd\/[0-9]+)$/.test(word.text),
    );
    if (files.length > 0) found.push(describe("overwrite", ">", files, simple.cwd, true));
    for (const each of effective) {
      const own = ofProgram(each);
      if (own.length > 0) found.push(...handedOnByFind(each));
      found.push(...own);
    }
  }
  return found;
}

function describe(
  kind: DestructionKind,
  program: string,
  words: readonly ShellWord[],
  folder: string | null,
  certain: boolean,
  fed = false,
): Destruction {
  return {
    kind,
    program,
    targets: words.map((word) => word.text.replace(/[\ue000\ue001]/g, "")),
    folder,
    certain: certain && words.every((word) => isFixed(word) && !word.globbed),
    fed,
  };
}

const KINDS: Readonly<Record<string, { kind: DestructionKind; valued: string; skip?: number }>> = {
  rm: { kind: "delete", valued: "" },
  rmdir: { kind: "delete", valued: "" },
  unlink: { kind: "delete", valued: "" },
  shred: { kind: "overwrite", valued: "ns" },
  srm: { kind: "delete", valued: "" },
  wipe: { kind: "delete", valued: "" },
  mv: { kind: "move", valued: "St" },
  chmod: { kind: "permissions", valued: "", skip: 1 },
  chown: { kind: "permissions", valued: "", skip: 1 },
  chgrp: { kind: "permissions", valued: "", skip: 1 },
};

function ofProgram(effective: EffectiveCommand): Destruction[] {
  const { name, args, command, wrappers } = effective;
  const fed = wrappers.includes("xargs") || wrappers.includes("parallel");
  // What `find` hands on lies below its start paths, which are judged by themselves.
  const settled = !fed && !wrappers.includes("find");
  const known = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
  if (known) {
    const words = operandsOf(args, known.valued).slice(
      hasOption(args, "", "--reference") ? 0 : (known.skip ?? 0),
    );
    const into = name === "mv" ? optionValues(args, "t", "--target-directory") : [];
    return [describe(known.kind, name, [...words, ...into], command.cwd, settled, fed)];
  }
  if (name === "find") {
    const written = args.filter((_, at) => /^-(?:fprint0?|fprintf|fls)$/.test(args[at - 1]?.text ?? ""));
    return [
      ...(findDeletes(args) ? [describe("delete", name, startsOf(args), command.cwd, true)] : []),
      ...(written.length > 0 ? [describe("overwrite", name, written, command.cwd, true)] : []),
    ];
  }
  if (name === "git") return ofGit(effective);
  if (name === "tee" && hasOption(args, "a", "--append")) return [];
  if (name === "touch") return [];
  const targets = name === "rsync" ? operandsOf(args, "eBfM").slice(-1) : argumentTargets(effective);
  const local = targets.filter((word) => !/^(?:\/dev\/null|-|[^/:]+:.*)$/.test(word.text));
  return local.length > 0 ? [describe("overwrite", name, local, command.cwd, settled, fed)] : [];
}

/** `find` may hand files on to any program that destroys them; then it is its start paths that are at stake. */
function handedOnByFind({ wrappers, command }: EffectiveCommand): Destruction[] {
  if (!wrappers.includes("find")) return [];
  const at = command.words.findIndex((word) => /(?:^|\/)find$/.test(word.text));
  const args = command.words.slice(at + 1);
  if (findDeletes(args)) return [];
  return [describe("overwrite", "find", startsOf(args), command.cwd, true)];
}

function startsOf(args: readonly ShellWord[]): readonly ShellWord[] {
  const starts = findStarts(args);
  return starts.length > 0 ? starts : [fixedWord(".")];
}

function ofGit({ args, command }: EffectiveCommand): Destruction[] {
  const [folder] = optionValues(args, "C");
  const words = operandsOf(args, "Cc");
  const [verb, ...rest] = words;
  const separator = args.findIndex((arg) => arg.text === "--");
  const named = separator >= 0 ? args.slice(separator + 1) : rest;
  const here = folder ?? fixedWord(".");
  const paths = (list: readonly ShellWord[]): ShellWord[] => (list.length > 0 ? [...list] : [here]);
  const destruction = (kind: DestructionKind, list: readonly ShellWord[]): Destruction[] => [
    describe(kind, "git", paths(list), command.cwd, folder === undefined || list.length === 0),
  ];
  switch (verb?.text) {
    case "clean":
      return hasOption(args, "n", "--dry-run") ? [] : destruction("delete", named);
    case "rm":
      return hasOption(args, "n", "--cached", "--dry-run") ? [] : destruction("delete", named);
    case "reset":
      return hasOption(args, "", "--hard", "--merge", "--keep") ? destruction("overwrite", []) : [];
    case "restore":
      return hasOption(args, "", "--staged") && !hasOption(args, "W", "--worktree")
        ? []
        : destruction("overwrite", named);
    case "checkout":
    case "switch":
      if (separator >= 0 || rest.some((word) => word.text === "."))
        return destruction(
          "overwrite",
          named.filter((word) => word.text !== "HEAD"),
        );
      return hasOption(args, "f", "--force", "--discard-changes") ? destruction("overwrite", []) : [];
    case "stash":
      return rest[0]?.text === "drop" || rest[0]?.text === "clear" ? destruction("delete", []) : [];
    case "worktree":
      return rest[0]?.text === "remove" ? destruction("delete", rest.slice(1)) : [];
    default:
      return [];
  }
}
