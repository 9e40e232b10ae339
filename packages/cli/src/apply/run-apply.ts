import fs from "node:fs";
import path from "node:path";
import { createPathGuard } from "@quire/apply-patch";
import type { StoredThread } from "@quire/core";
import { CodedError, type FileUpdateChange, visibleLine } from "@quire/protocol";
import { DEFAULT_PROTECTED_NAMES } from "@quire/sandbox";
import { EXIT } from "../exit-code.ts";
import { findGitRoot } from "../session/workspace.ts";
import type { System } from "../system.ts";
import { recordedChanges } from "./recorded-changes.ts";
import { type Problem, replayChanges } from "./replay-changes.ts";
import { writeFiles } from "./write-files.ts";

export interface ApplyRequest {
  thread: StoredThread;
  /** Canonical. */
  cwd: string;
  /** Only look whether it would work. */
  check: boolean;
}

/** Does a thread's file changes again in the tree around `cwd`: all of them, or none with every reason. */
export function applyThread({ thread, cwd, check }: ApplyRequest, system: System): number {
  const root = findGitRoot(cwd) ?? cwd;
  const changes = inThisTree(recordedChanges(thread), thread.cwd, root);
  if (changes.length === 0) {
    throw new CodedError("usage_invalid", `thread ${thread.id} changed no files with patches`, {
      nextStep: "Files that commands changed are not in its log; only patches are.",
    });
  }
  const { results, problems } = replayChanges(changes, { read: readFile });
  const refused = refusedPaths([...results.keys()], root);
  const all = [...refused, ...problems];
  if (all.length > 0) {
    for (const { path: file, reason } of all) {
      system.stderr.write(`${visibleLine(path.relative(root, file))}: ${reason}\n`);
    }
    throw new CodedError(
      "patch_does_not_apply",
      `the changes of thread ${thread.id} do not apply to ${root}`,
      {
        nextStep: "Nothing was changed. Fork the thread and ask for the change again on this state.",
      },
    );
  }
  const differing = [...results].filter(([file, text]) => readFile(file) !== text);
  const lines = differing.map(([file, text]) => {
    const letter = text === null ? "D" : readFile(file) === null ? "A" : "M";
    return `${letter} ${visibleLine(path.relative(root, file))}\n`;
  });
  if (!check) {
    writeFiles(new Map(differing), `quire-${Buffer.from(system.randomBytes(6)).toString("hex")}`);
  }
  system.stdout.write(lines.join(""));
  const nothing = differing.length === 0 ? "; the tree holds them already" : "";
  system.stderr.write(`${check ? "would apply" : "applied"} the changes of thread ${thread.id}${nothing}\n`);
  return EXIT.done;
}

/** Recorded paths are absolute. In another checkout of the project the same places are meant. */
function inThisTree(
  changes: readonly FileUpdateChange[],
  threadCwd: string,
  root: string,
): FileUpdateChange[] {
  const oldRoot = findGitRoot(threadCwd) ?? threadCwd;
  const moved = (file: string) => path.resolve(root, path.relative(oldRoot, file));
  return changes.map((change) => ({
    ...change,
    path: moved(change.path),
    kind:
      change.kind.type === "update" && change.kind.move_path !== null
        ? { type: "update", move_path: moved(change.kind.move_path) }
        : change.kind,
  }));
}

/** One character per byte, so that every file comes back as it was. */
function readFile(file: string): string | null {
  const facts = fs.lstatSync(file, { throwIfNoEntry: false });
  return facts?.isFile() ? fs.readFileSync(file, "latin1") : null;
}

function refusedPaths(files: readonly string[], root: string): Problem[] {
  const guard = createPathGuard({ root, protectedNames: DEFAULT_PROTECTED_NAMES });
  return files.flatMap((file) => {
    const decision = guard(file, "write");
    if (!decision.ok) return [{ path: file, reason: decision.reason }];
    return decision.path === file ? [] : [{ path: file, reason: "it leads through a link" }];
  });
}
