import type { NetworkHooks } from "./network-proxy/proxied-network.ts";

/** Facts about the process and the machine, given by the composition root. */
export interface SandboxDeps {
  /** The environment commands may inherit from, already that of a login shell where wanted. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDir: string;
  /** The program's own durable folder (`~/.quire`): hidden from commands, and never inside a writable root. */
  readonly stateDir: string;
  /**
   * Shared by all our processes of this user until the next boot, made 0700 when missing; hidden from commands. Holds
   * probe results, leases and session temporary files. Best below the system's temporary folder, named by user id.
   */
  readonly runtimeDir: string;
  readonly platform: NodeJS.Platform;
  /** As `process.arch`. */
  readonly arch: string;
  /** Effective user id; 0 changes which limits work. */
  readonly uid: number;
  /** Of this process. */
  readonly pid: number;
  /** As `os.release()`. */
  readonly kernelRelease: string;
  /** Milliseconds, any epoch. */
  readonly now: () => number;
  /** Makes a short name that is unique on this machine, of letters and digits. */
  readonly uniqueName: () => string;
  /** Used where the policy has network rules: whom to ask about a host and who hears of decisions. */
  readonly network?: NetworkHooks;
}
