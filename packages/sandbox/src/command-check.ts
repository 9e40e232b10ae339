import { isAbsolute } from "node:path";
import type { CommandSpec, StartOutcome } from "./command.ts";
import { canonicalPath, entryAt } from "./protect/paths.ts";

/** A command that can be started, with its folder free of links. */
export interface CheckedCommand {
  readonly spec: CommandSpec;
  readonly cwd: string;
}

type Failed = Extract<StartOutcome, { kind: "failed" }>;

/** Finds what would make a start fail, or mean something else than it says. */
export function checkCommand(spec: CommandSpec): CheckedCommand | Failed {
  const strings = [...spec.argv, spec.cwd, ...Object.entries(spec.env ?? {}).flat()];
  if (!spec.argv[0])
    return failure("bad-command", "the command is empty; give the program as the first word");
  if (spec.argv[0].startsWith("-")) {
    return failure("bad-command", `"${spec.argv[0]}" cannot be the name of a program; give its path`);
  }
  if (strings.some((text) => text.includes("\0"))) {
    return failure("bad-command", "the command, its folder or its variables contain a NUL character");
  }
  const badName = Object.keys(spec.env ?? {}).find((name) => name === "" || name.includes("="));
  if (badName !== undefined) return failure("bad-command", `"${badName}" cannot be the name of a variable`);
  if (!isAbsolute(spec.cwd)) return failure("bad-command", `the folder ${spec.cwd} is not an absolute path`);
  const cwd = canonicalPath(spec.cwd);
  if (cwd === undefined || !entryAt(cwd)?.isDirectory()) {
    return failure("cwd-missing", `the folder ${spec.cwd} does not exist; name an existing one`);
  }
  return { spec, cwd };
}

function failure(code: Failed["code"], message: string): Failed {
  return { kind: "failed", code, message };
}
