import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { isWithin } from "@quire/protocol";
import { canonicalPath } from "./protect/paths.ts";

/** Programs we run on the host, so never a file that a command could have written. */
export interface HostPrograms {
  readonly bwrap: string | undefined;
  readonly sh: string | undefined;
  /** Gives a command its controlling terminal; needed for those only. */
  readonly setsid: string | undefined;
  /** Makes pipes that can be opened by name; sockets take their place without it. */
  readonly mkfifo: string | undefined;
  /** Makes the door to the network proxy; needed for that only. */
  readonly perl: string | undefined;
}

const SYSTEM_FOLDERS = [
  "/usr/bin",
  "/bin",
  "/usr/sbin",
  "/sbin",
  "/usr/local/bin",
  "/run/current-system/sw/bin",
];

/** Looks each program up once: in the system's folders first, then on PATH, but never below a writable root. */
export function findHostPrograms(path: string | undefined, writable: readonly string[]): HostPrograms {
  const folders = [...SYSTEM_FOLDERS, ...(path ?? "").split(":").filter(isAbsolute)];
  const find = (name: string): string | undefined => {
    for (const folder of folders) {
      const program = trustedProgram(join(folder, name), writable);
      if (program !== undefined) return program;
    }
    return undefined;
  };
  return {
    bwrap: find("bwrap"),
    sh: find("sh"),
    setsid: find("setsid"),
    mkfifo: find("mkfifo"),
    perl: find("perl"),
  };
}

function trustedProgram(candidate: string, writable: readonly string[]): string | undefined {
  const file = canonicalPath(candidate);
  if (file === undefined || writable.some((root) => isWithin(file, root) || isWithin(candidate, root))) {
    return undefined;
  }
  try {
    if (!statSync(file).isFile()) return undefined;
    accessSync(file, constants.X_OK);
    // Not the resolved name: busybox and others decide by the name they are called by.
    return candidate;
  } catch {
    // Not ours to run; the next folder may have a usable one.
    return undefined;
  }
}

/** Prefix that starts a program as the leader of a new session whose terminal is its standard input. */
export function terminalCommand(setsid: string): string[] {
  return [setsid, "--ctty"];
}
