import fs from "node:fs";
import { join } from "node:path";
import type { ProcessIdentity } from "@quire/config";
import { CodedError } from "@quire/protocol";

export interface ThreadLockDeps {
  self: ProcessIdentity;
  /** Whether this process is running now. Processes of other hosts count as running. */
  isAlive: (owner: ProcessIdentity) => boolean;
  random: () => number;
  sleep: (ms: number) => Promise<void>;
}

export interface ThreadLock {
  release(): void;
}

const MAX_ATTEMPTS = 12;

/**
 * Makes this process the only writer of a thread, or fails with `thread_busy`.
 *
 * Every contender first creates a file of its own and then looks at the others: whoever sees a live one withdraws. Of
 * two that start together at least one sees the other, so two never hold the lock; if both withdraw they try again
 * after a random pause. Nothing has to be cleaned up after a crash: the file of a dead process does not count and the
 * next contender removes it.
 */
export async function lockThread(
  directory: string,
  threadId: string,
  deps: ThreadLockDeps,
): Promise<ThreadLock> {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (let attempt = 0; ; attempt++) {
    const tag = `${deps.self.pid}-${Math.floor(deps.random() * 2 ** 40).toString(36)}`;
    const claim = join(directory, `${threadId}.${tag}.claim`);
    fs.writeFileSync(claim, JSON.stringify(deps.self), { mode: 0o600, flag: "wx" });
    const rival = findLiveRival(directory, threadId, tag, deps);
    if (!rival) {
      const held = join(directory, `${threadId}.${tag}.held`);
      fs.renameSync(claim, held);
      return { release: () => fs.rmSync(held, { force: true }) };
    }
    fs.rmSync(claim, { force: true });
    if (rival.held || attempt >= MAX_ATTEMPTS) {
      throw new CodedError(
        "thread_busy",
        `thread ${threadId} is in use by process ${rival.owner.pid} on ${rival.owner.host}`,
        { nextStep: `Wait for it to finish, or work on a copy: quire exec fork ${threadId} "…"` },
      );
    }
    await deps.sleep(5 + deps.random() * 20);
  }
}

function findLiveRival(
  directory: string,
  threadId: string,
  ownTag: string,
  deps: ThreadLockDeps,
): { owner: ProcessIdentity; held: boolean } | null {
  for (const name of fs.readdirSync(directory)) {
    if (!name.startsWith(`${threadId}.`) || name.startsWith(`${threadId}.${ownTag}.`)) continue;
    const path = join(directory, name);
    const owner = readOwner(path);
    if (owner === "gone") continue;
    // A file without readable contents is one that is being written at this moment, or the rest of a crash: its name
    // still holds the pid.
    const identity = owner ?? {
      pid: Number(/\.(\d+)-/.exec(name)?.[1] ?? 0),
      startTime: "",
      host: deps.self.host,
    };
    if (deps.isAlive(identity)) return { owner: identity, held: name.endsWith(".held") };
    fs.rmSync(path, { force: true });
  }
  return null;
}

function readOwner(path: string): ProcessIdentity | "gone" | null {
  let text: string;
  try {
    text = fs.readFileSync(path, "utf8");
  } catch {
    // Released between the listing and the look.
    return "gone";
  }
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return null;
    const { pid, startTime, host } = value as Record<string, unknown>;
    if (typeof pid !== "number" || typeof startTime !== "string" || typeof host !== "string") return null;
    return { pid, startTime, host };
  } catch {
    return null;
  }
}
