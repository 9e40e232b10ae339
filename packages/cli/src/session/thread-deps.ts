import { isProcessAlive, type ProcessIdentity, processStartTime } from "@quire/config";
import { nodeRolloutFs, type ThreadLogDeps, uuidV7 } from "@quire/core";
import type { System } from "../system.ts";

/** What the thread log needs of this process. */
export function threadLogDeps(system: System, home: string): ThreadLogDeps {
  const self: ProcessIdentity = {
    pid: system.pid,
    startTime: processStartTime(system.pid),
    host: system.hostname,
  };
  return {
    home,
    rolloutFs: nodeRolloutFs,
    now: system.now,
    lock: {
      self,
      isAlive: (owner) => isProcessAlive(self, owner),
      random: system.random,
      sleep: system.sleep,
    },
  };
}

export function newId(system: System): string {
  return uuidV7(system.now(), system.randomBytes);
}
