import fs from "node:fs";
import path from "node:path";
import { CodedError, type ExecEvent, type UserInput } from "@quire/protocol";
import { readImage } from "../session/session-tools.ts";
import { findGitRoot } from "../session/workspace.ts";
import type { System } from "../system.ts";

/**
 * What `--experimental-json` changes. That is the flag with which Codex's SDK starts the program, and its users compare
 * whole events: so `thread.started` and `usage` hold the fields that Codex documents and no others. Items and errors keep
 * what we say beyond that.
 */
export function sdkLine(event: ExecEvent): ExecEvent {
  switch (event.type) {
    case "thread.started":
      return { type: event.type, thread_id: event.thread_id };
    case "turn.completed":
      return { type: event.type, usage: codexUsage(event.usage) };
    case "turn.failed":
      return { type: event.type, error: event.error };
    default:
      return event;
  }
}

type Usage = Extract<ExecEvent, { type: "turn.completed" }>["usage"];

function codexUsage(usage: Usage): Usage {
  const { turn: _turn, cost: _cost, turn_cost: _turnCost, ...counts } = usage;
  return counts;
}

/** Programs that use the SDK count on being refused outside a repository, whatever the sandbox. */
export function refuseOutsideRepository(cwd: string): void {
  if (findGitRoot(cwd) !== null) return;
  throw new CodedError(
    "not_a_repository",
    `Not inside a trusted directory: ${cwd} is in no git repository and --skip-git-repo-check was not given`,
    { nextStep: "Run git init there, or set skipGitRepoCheck." },
  );
}

/** Directories that are not there are passed over with a word on stderr: a program gives the same list everywhere. */
export function existingDirs(addDirs: readonly string[], system: System): readonly string[] {
  return addDirs.filter((directory) => {
    if (fs.existsSync(path.resolve(system.cwd, directory))) return true;
    system.stderr.write(
      `! there is no directory ${JSON.stringify(directory)} to add; it is passed over [directory_unusable]\n`,
    );
    return false;
  });
}

/** The same input with a note to the model in the place of every image that cannot be shown to it. */
export async function withReadableImages(input: readonly UserInput[]): Promise<UserInput[]> {
  const readable = input.map(async (part): Promise<UserInput> => {
    if (part.type !== "localImage") return part;
    try {
      await readImage(part.path);
      return part;
    } catch (thrown) {
      if (!(thrown instanceof CodedError)) throw thrown;
      return { type: "text", text: `[An image was left out: ${thrown.message}]` };
    }
  });
  return Promise.all(readable);
}
