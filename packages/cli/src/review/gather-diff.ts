import fs from "node:fs";
import path from "node:path";
import type { Git } from "@quire/git";
import { CodedError } from "@quire/protocol";
import type { ReviewTarget } from "@quire/protocol/app-server";
import { answerOf } from "./open-repository.ts";

/** What a review looks at. */
export interface ReviewSubject {
  /** Unified diff with `a/` and `b/`; empty when nothing differs. */
  patch: string;
  /** In words, for the reviewer and for people: "the uncommitted changes". */
  description: string;
  /** Files that are too large or not text, left out of the patch. */
  leftOut: readonly string[];
}

/** git's name for a tree without files, the base of a first commit. */
const EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const MAX_UNTRACKED_BYTES = 256 * 1024;
const MAX_UNTRACKED_FILES = 200;

/** Reads the changes on the host. Fails with `usage_invalid` when a branch or commit is not there. */
export async function gatherDiff(git: Git, target: ReviewTarget): Promise<ReviewSubject> {
  switch (target.type) {
    case "uncommittedChanges":
    case "custom":
      return uncommitted(git);
    case "baseBranch": {
      const base = await mergeBaseWith(git, target.branch);
      const patch = answerOf(await git.diff({ base })).patch.toString("utf8");
      const description = `the changes since the merge base ${base.slice(0, 12)} with ${target.branch}`;
      return { patch, description, leftOut: [] };
    }
    case "commit": {
      const head = await commitOf(git, target.sha);
      const parent = await git.resolveRef(`${head}^`);
      const base = parent.kind === "ok" ? parent.value : EMPTY_TREE;
      const patch = answerOf(await git.diff({ base, head })).patch.toString("utf8");
      return { patch, description: `the commit ${head.slice(0, 12)}`, leftOut: [] };
    }
  }
}

/** Where this work left a branch. Fails with `usage_invalid` when there is no such branch or no such place. */
export async function mergeBaseWith(git: Git, branch: string): Promise<string> {
  const base = answerOf(await git.mergeBase(branch, "HEAD"));
  if (base !== null) return base;
  throw new CodedError(
    "usage_invalid",
    `${JSON.stringify(branch)} shares no history with HEAD, so there is nothing to compare`,
    { nextStep: "Name the branch that this work will be merged into." },
  );
}

/** Fails with `usage_invalid` when there is no such commit. */
export async function commitOf(git: Git, name: string): Promise<string> {
  return answerOf(await git.resolveRef(name));
}

async function uncommitted(git: Git): Promise<ReviewSubject> {
  const head = await git.resolveRef("HEAD");
  const base = head.kind === "ok" ? head.value : EMPTY_TREE;
  const tracked = answerOf(await git.diff({ base })).patch.toString("utf8");
  const leftOut: string[] = [];
  const added: string[] = [];
  const files = answerOf(await git.untrackedFiles());
  for (const file of files.slice(0, MAX_UNTRACKED_FILES)) {
    const text = readText(path.join(git.root, file));
    if (text === null) leftOut.push(file);
    else added.push(newFilePatch(file, text));
  }
  leftOut.push(...files.slice(MAX_UNTRACKED_FILES));
  return { patch: tracked + added.join(""), description: "the uncommitted changes", leftOut };
}

function readText(file: string): string | null {
  const facts = fs.lstatSync(file, { throwIfNoEntry: false });
  if (!facts?.isFile() || facts.size > MAX_UNTRACKED_BYTES) return null;
  const bytes = fs.readFileSync(file);
  return bytes.includes(0) ? null : bytes.toString("utf8");
}

function newFilePatch(file: string, text: string): string {
  const lines = text.split("\n");
  const ends = lines.at(-1) === "";
  if (ends) lines.pop();
  const head = `diff --git a/${file} b/${file}\nnew file mode 100644\n--- /dev/null\n+++ b/${file}\n`;
  if (lines.length === 0) return head;
  const body = lines.map((line) => `+${line}\n`).join("");
  return `${head}@@ -0,0 +1,${lines.length} @@\n${body}${ends ? "" : "\\ No newline at end of file\n"}`;
}
