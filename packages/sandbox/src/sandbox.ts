import type { CommandSpec, SandboxUnavailable, StartOutcome } from "./command.ts";
import type { SandboxMode } from "./policy.ts";

/** What confines commands now. It turns from `unproven` once, at the first command or prewarming. */
export interface SandboxStatus {
  readonly mode: SandboxMode;
  readonly backend: "bubblewrap" | "seatbelt" | "none";
  readonly state:
    | { readonly kind: "unproven" }
    | { readonly kind: "ready"; readonly version: string }
    | { readonly kind: "unavailable"; readonly reason: SandboxUnavailable };
  /** Weaknesses the user accepted, to be shown with the mode. */
  readonly weaknesses: readonly string[];
}

/** Starts commands under one policy. Many may run at once; each has its own namespaces. */
export interface Sandbox {
  readonly status: SandboxStatus;
  /** Never throws and never runs a command with less confinement than the policy asks for. */
  start(spec: CommandSpec, options?: { readonly signal?: AbortSignal }): Promise<StartOutcome>;
  /**
   * Makes one sandbox ready for a command in or near `cwd`, to be used once within a minute; from then on each command
   * is followed by preparing another. Does nothing where pointless. With `afterMs` it waits so long first, and does not
   * keep the process alive for it: what has ended by then has not paid for a sandbox.
   */
  prewarm(cwd: string, options?: { readonly afterMs?: number }): void;
  /** Ends every command and removes what was kept on disk. May be called twice. */
  close(): Promise<void>;
}
