import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { errnoOf } from "./config-fs.ts";
import { isProcessAlive, type ProcessIdentity, processStartTime } from "./process-identity.ts";

const PRIVATE_FILE = 0o600;

/** What says that this process means to write a file: an empty file of its own beside that one. */
export interface FileClaim {
  readonly path: string;
  /** Tells the claims of one process apart, which can write a file from several places at once. */
  readonly number: number;
  /** May be called twice. */
  release(): void;
}

/** A claim of a process that runs now. */
export interface RivalClaim {
  readonly path: string;
  readonly pid: number;
}

/**
 * Makes a claim on `target` and looks for those of others. Every contender does it in this order and lets go when it sees
 * one of a living process, so two never both stay. The names hold process id, start time and host; what a crash has left
 * behind therefore counts for nothing and is removed.
 */
export function claimFile(target: string): { claim: FileClaim; rival: RivalClaim | null } {
  const self: ProcessIdentity = {
    pid: process.pid,
    startTime: processStartTime(process.pid),
    host: encodeURIComponent(os.hostname()),
  };
  const claim = makeClaim(target, self);
  try {
    return { claim, rival: liveRival(target, claim.path, self) };
  } catch (error) {
    claim.release();
    throw error;
  }
}

function makeClaim(target: string, { pid, startTime, host }: ProcessIdentity): FileClaim {
  for (let number = 0; ; number++) {
    const file = `${target}~${[pid, startTime || "0", number, host].join("~")}.lock`;
    try {
      fs.writeFileSync(file, "", { flag: "wx", mode: PRIVATE_FILE });
      return { path: file, number, release: () => fs.rmSync(file, { force: true }) };
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
    }
  }
}

function liveRival(target: string, own: string, self: ProcessIdentity): RivalClaim | null {
  const folder = path.dirname(target);
  for (const name of fs.readdirSync(folder)) {
    const owner = ownerOf(name, path.basename(target));
    const file = path.join(folder, name);
    if (owner === null || file === own) continue;
    if (isProcessAlive(self, owner)) return { path: file, pid: owner.pid };
    fs.rmSync(file, { force: true });
  }
  return null;
}

/** Null for files that are no claim on this target. */
function ownerOf(name: string, target: string): ProcessIdentity | null {
  if (!name.startsWith(`${target}~`) || !name.endsWith(".lock")) return null;
  const match = /^(\d+)~(\d+)~\d+~([^~]*)$/.exec(name.slice(target.length + 1, -".lock".length));
  if (match === null) return null;
  const [, pid = "", startTime = "", host = ""] = match;
  return { pid: Number(pid), startTime: startTime === "0" ? "" : startTime, host };
}
