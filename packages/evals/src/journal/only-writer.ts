import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { isProcessAlive, type ProcessIdentity, processStartTime } from "@quire/config";
import { CodedError } from "@quire/protocol";

/** The right to write a file, until it is let go. A crash lets go as well. */
export interface OnlyWriter {
  /** May be called twice. */
  release(): void;
}

/**
 * Makes this process the only writer of `file`, or fails with `directory_unusable`. Everyone first makes a file of their
 * own beside it and then looks for those of others; whoever sees one of a living process withdraws, so two never write.
 */
export function onlyWriter(file: string): OnlyWriter {
  const self: ProcessIdentity = {
    pid: process.pid,
    startTime: processStartTime(process.pid),
    host: encodeURIComponent(os.hostname()),
  };
  const own = claimOf(file, self);
  fs.writeFileSync(own, "", { flag: "wx", mode: 0o600 });
  const release = (): void => fs.rmSync(own, { force: true });
  const rival = livingRival(file, own, self);
  if (rival === undefined) return { release };
  release();
  throw new CodedError("directory_unusable", `${file} is being written by process ${rival.pid}`, {
    nextStep: `Let that run end, or give another place with --out. If there is none, remove ${claimOf(file, rival)}.`,
  });
}

function claimOf(file: string, { pid, startTime, host }: ProcessIdentity): string {
  return `${file}~${pid}~${startTime || "0"}~${host}.lock`;
}

function livingRival(file: string, own: string, self: ProcessIdentity): ProcessIdentity | undefined {
  const prefix = `${path.basename(file)}~`;
  for (const name of fs.readdirSync(path.dirname(file))) {
    const other = path.join(path.dirname(file), name);
    const [, pid, startTime, host] = /^(\d+)~([^~]+)~([^~]+)\.lock$/.exec(name.slice(prefix.length)) ?? [];
    if (!name.startsWith(prefix) || other === own || startTime === undefined || host === undefined) continue;
    const owner = { pid: Number(pid), startTime: startTime === "0" ? "" : startTime, host };
    if (isProcessAlive(self, owner)) return owner;
    fs.rmSync(other, { force: true });
  }
  return undefined;
}
