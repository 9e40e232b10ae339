import type { SandboxNotice } from "../command.ts";

/** What a kind of sandbox knows about the processes of one command. */
export interface ProcessLifetime {
  /** Sends a signal to every process of the command, best effort. */
  signal(signal: "SIGTERM" | "SIGKILL"): void;
  /** Resolves when no process of the command is left, ending any that outlived it. */
  settle(): Promise<void>;
  /** What the outer process's end means for the command. */
  interpret(code: number | null, signal: NodeJS.Signals | null): ProcessEnd;
  /** Looks at what the command left behind and gives back what the run had reserved. */
  finish(): Promise<readonly SandboxNotice[]>;
}

export type ProcessEnd =
  | { readonly kind: "exited"; readonly code: number }
  | { readonly kind: "signaled"; readonly signal: string }
  | { readonly kind: "failed" };
