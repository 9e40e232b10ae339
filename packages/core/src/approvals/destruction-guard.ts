import path from "node:path";
import { isWithin } from "@quire/protocol";
import type { Effect } from "@quire/tools";
import type { JudgeRules } from "./judge-rules.ts";

const TEMPORARY = ["/tmp", "/var/tmp", "/dev/shm"];

/**
 * What a command would delete, move or overwrite outside the workspace, as a sentence, or null. Targets are resolved
 * through links before they are compared. One that the text does not settle counts as outside where nothing confines the
 * command (`confined` false); inside the sandbox it cannot reach anything and is let through.
 */
export async function destructionOutside(
  effect: Extract<Effect, { kind: "command" }>,
  rules: JudgeRules,
  confined: boolean,
): Promise<string | null> {
  const { destructiveTargets } = await import("@quire/execpolicy");
  const { home, workspaceRoots } = rules.commands;
  const place = { cwd: effect.cwd, ...(home === undefined ? {} : { home }) };
  const found = await destructiveTargets(effect.command, place);
  const inside = [...workspaceRoots, ...TEMPORARY].map(rules.realPath);
  for (const destruction of found) {
    if (destruction.kind === "permissions") continue;
    if (destruction.fed && !confined) {
      return `This would ${destruction.kind} whatever another program names (${destruction.program}). Write the paths out.`;
    }
    for (const target of destruction.targets) {
      const settled = destruction.certain || isPatternInside(target, destruction.folder);
      if (!settled && confined) continue;
      const where = placeOf(target, destruction.folder, rules.realPath);
      if (settled && where !== null && inside.some((root) => where !== root && isWithin(where, root)))
        continue;
      // Nothing is lost where nothing is; a new file outside is no destruction.
      if (destruction.certain && destruction.kind === "overwrite" && where !== null && !rules.exists(where))
        continue;
      return settled
        ? `This would ${destruction.kind} ${where ?? target}, which is outside the workspace (${destruction.program}).`
        : `This would ${destruction.kind} something that the text does not settle: ${target} (${destruction.program}). Write the path out.`;
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
