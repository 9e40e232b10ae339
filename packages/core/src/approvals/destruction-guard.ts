import path from "node:path";
import type { Effect } from "@quire/tools";
import type { JudgeRules } from "./judge.ts";

const TEMPORARY = ["/tmp", "/var/tmp", "/dev/shm"];

/**
 * Where nothing confines commands: what would be deleted, moved or overwritten outside the workspace, as a sentence, or
 * null. Targets are resolved through links before they are compared; one that the text does not settle counts as outside.
 */
export async function destructionOutside(
  effect: Extract<Effect, { kind: "command" }>,
  rules: JudgeRules,
): Promise<string | null> {
  const { destructiveTargets } = await import("@quire/execpolicy");
  const { home, workspaceRoots } = rules.commands;
  const found = await destructiveTargets(effect.command, {
    cwd: effect.cwd,
    ...(home === undefined ? {} : { home }),
  });
  const inside = [...workspaceRoots, ...TEMPORARY].map(rules.realPath);
  for (const destruction of found) {
    if (destruction.kind === "permissions") continue;
    for (const target of destruction.targets) {
      const where = placeOf(target, destruction.folder, rules.realPath);
      const known = destruction.certain || isPatternInside(target, destruction.folder);
      if (known && where !== null && inside.some((root) => isWithin(where, root))) continue;
      const shown = where ?? target;
      return `This would ${destruction.kind} ${shown} outside the workspace (${destruction.program}).`;
    }
  }
  return null;
}

/** A pattern such as `build/*` cannot leave the folder it is written in. */
function isPatternInside(target: string, folder: string | null): boolean {
  return (
    folder !== null &&
    target !== "" &&
    !path.isAbsolute(target) &&
    !target.split("/").includes("..") &&
    !/[$`]/.test(target)
  );
}

function placeOf(target: string, folder: string | null, realPath: (path: string) => string): string | null {
  if (path.isAbsolute(target)) return realPath(path.normalize(target));
  return folder === null ? null : realPath(path.resolve(folder, target));
}

function isWithin(file: string, root: string): boolean {
  return file !== root && file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
}
