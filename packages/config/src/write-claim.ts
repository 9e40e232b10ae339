import { open, readdir, rm } from "node:fs/promises";
import os from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { CodedError } from "@quire/protocol";
import { errnoOf } from "./config-fs.ts";
import { isProcessAlive, type ProcessIdentity, processStartTime } from "./process-identity.ts";

const TRIES = 60;
const PRIVATE_FILE = 0o600;

/** The right to replace a file, held in the shape of the empty file that will replace it. */
export interface WriteClaim {
  /** Beside the target; write it, then rename it onto the target. */
  path: string;
}

/**
 * Waits until no other process rewrites `target`. Every contender first makes a file of its own and then looks for those
 * of others: whoever sees one of a living process withdraws and tries again, so two never hold the right at once. The
 * names hold process id, start time and host; what a crash has left behind therefore counts for nothing and is removed.
 * @throws CodedError `storage_failed` when a living process does not let go within about three seconds
 */
export async function claimWrite(target: string, signal: AbortSignal | undefined): Promise<WriteClaim> {
  const self: ProcessIdentity = {
    pid: process.pid,
    startTime: processStartTime(process.pid),
    host: encodeURIComponent(os.hostname()),
  };
  for (let attempt = 0; ; attempt++) {
    const { path, number } = await makeClaim(target, self);
    const rival = await liveRival(target, path, self);
    if (rival === null) return { path };
    await rm(path, { force: true });
    if (attempt >= TRIES) {
      throw new CodedError(
        "storage_failed",
        `${target} was not written: ${rival} has been there for seconds.`,
        {
          retryable: true,
          nextStep: `If no other Quire is writing its configuration, remove ${rival}.`,
        },
      );
    }
    // Writers wait differently long, or they would meet again and again.
    const wait = 15 + ((self.pid * 7 + attempt * 13 + number * 29) % 67);
    await delay(wait, undefined, signal === undefined ? {} : { signal });
  }
}

/** One process can rewrite a file from several places at once, so a number tells its claims apart. */
async function makeClaim(target: string, { pid, startTime, host }: ProcessIdentity) {
  for (let number = 0; ; number++) {
    const owner = [pid, startTime || "0", number, host].join("~");
    const path = join(dirname(target), `${basename(target)}~${owner}.lock`);
    try {
      await (await open(path, "wx", PRIVATE_FILE)).close();
      return { path, number };
    } catch (error) {
      if (errnoOf(error) !== "EEXIST") throw error;
    }
  }
}

async function liveRival(target: string, own: string, self: ProcessIdentity): Promise<string | null> {
  const folder = dirname(target);
  for (const name of await readdir(folder)) {
    const owner = ownerOf(name, basename(target));
    const path = join(folder, name);
    if (owner === null || path === own) continue;
    if (isProcessAlive(self, owner)) return path;
    await rm(path, { force: true });
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
