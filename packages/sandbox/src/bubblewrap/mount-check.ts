import { readFileSync } from "node:fs";
import { isWithin } from "@quire/protocol";
import type { RunPlan } from "./run-plan.ts";

/**
 * Whether nothing is writable in a finished sandbox except what the plan says. Bubblewrap mounts by name, so a command
 * that swaps a folder for a link at the right moment could have a mount end up elsewhere; this looks at where they are.
 * `firstProcess` is the sandbox's first process, still without a command.
 */
export function isMountedAsPlanned(firstProcess: number, plan: RunPlan): boolean {
  const own = new Set(plan.containment.mounts.filter((mount) => isOwn(mount.kind)).map(({ path }) => path));
  const roots = [...plan.view.writable, "/dev"];
  const points = writableMountPoints(readFileSync(`/proc/${firstProcess}/mountinfo`, "utf8"));
  return points.every((path) => own.has(path) || roots.some((root) => isWithin(path, root)));
}

/** Folders of the sandbox's own memory, and its /proc and /tmp. */
function isOwn(kind: RunPlan["containment"]["mounts"][number]["kind"]): boolean {
  return kind === "empty-folder" || kind === "fresh" || kind === "bind-as";
}

/** Parses the kernel's list; a line is `id parent device root point options … - type source superblock-options`. */
export function writableMountPoints(mountInfo: string): string[] {
  return mountInfo.split("\n").flatMap((line) => {
    const [, , , , point = "", options = ""] = line.split(" ");
    return options.split(",").includes("rw") ? [decodeEscapes(point)] : [];
  });
}

/** Spaces, tabs, newlines and backslashes are written as octal numbers. */
function decodeEscapes(text: string): string {
  const bytes = Buffer.from(text, "utf8").toString("latin1");
  const plain = bytes.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return Buffer.from(plain, "latin1").toString("utf8");
}
