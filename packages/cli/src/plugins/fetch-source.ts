import fs from "node:fs";
import path from "node:path";
import { findGit } from "@quire/git";
import { CodedError, isWithin, visibleLine } from "@quire/protocol";
import type { System } from "../system.ts";

/** What was named on the command line, here on this machine. */
export interface FetchedSource {
  readonly folder: string;
  /** Where it came from, for the record. */
  readonly source: string;
  /** Of the repository; null for a plain folder. */
  readonly commit: string | null;
  /** Removes what was fetched. */
  dispose(): void;
}

const REMOTE = /^(?:https:\/\/|ssh:\/\/|git@[\w.-]+:)/;

/**
 * Makes a folder of what the user named: a folder, a git repository here, or an address of one; `#FOLDER` behind it
 * names a folder inside. A repository is fetched as it was committed, and what changes there later changes nothing here.
 */
export async function fetchSource(
  word: string,
  ref: string | null,
  { system, home }: { system: System; home: string },
): Promise<FetchedSource> {
  const [place = "", inside = ""] = word.split("#", 2);
  const remote = REMOTE.test(place);
  const source = remote ? place : path.resolve(system.cwd, place);
  if (!remote && !fs.statSync(source, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CodedError(
      "usage_invalid",
      `${visibleLine(source)} is neither a folder nor an https or ssh address`,
      {
        nextStep:
          "Name a folder, or a git repository as https://host/path, with #FOLDER for a folder inside.",
      },
    );
  }
  if (!remote && !fs.existsSync(path.join(source, ".git"))) {
    return { folder: within(source, inside), source: word, commit: null, dispose: () => undefined };
  }
  const parent = path.join(home, "tmp");
  fs.mkdirSync(parent, { recursive: true, mode: 0o700 });
  const scratch = fs.mkdtempSync(path.join(parent, "fetch-"));
  const dispose = () => fs.rmSync(scratch, { recursive: true, force: true });
  try {
    const { cloneRepository } = await import("@quire/git");
    const gitProgram = findGit(system.env.PATH, [system.cwd]);
    if (gitProgram === undefined) throw new CodedError("usage_invalid", "git was not found");
    const folder = path.join(scratch, "checkout");
    const cloned = await cloneRepository({ gitProgram, source, ref, folder, env: system.env });
    if (cloned.kind === "failed") throw new CodedError("usage_invalid", visibleLine(cloned.message));
    return {
      folder: within(folder, inside),
      source: remote ? word : `${source}${inside ? `#${inside}` : ""}`,
      commit: cloned.value,
      dispose,
    };
  } catch (thrown) {
    dispose();
    throw thrown;
  }
}

function within(root: string, inside: string): string {
  const folder = path.resolve(root, inside);
  const real = fs.existsSync(folder) ? fs.realpathSync(folder) : null;
  const top = fs.realpathSync(root);
  if (real === null || !isWithin(real, top)) {
    throw new CodedError(
      "usage_invalid",
      `there is no folder ${visibleLine(inside)} in ${visibleLine(root)}`,
    );
  }
  return real;
}

/** Copies a folder without `.git`; one with links that lead out, or too large, is refused before. */
export function copyFolder(from: string, to: string): void {
  fs.cpSync(from, to, {
    recursive: true,
    errorOnExist: true,
    filter: (name) => path.basename(name) !== ".git",
  });
}
