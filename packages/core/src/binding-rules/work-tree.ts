import type { TurnChange } from "./turn-state.ts";

/** What became of a working tree since it was remembered. */
export type TreeChanges =
  | { kind: "known"; changes: TurnChange[]; subjects: string[] }
  | { kind: "unknown"; why: string };

/** A working tree as it was at one moment. */
export interface RememberedTree {
  /** Everything that differs now, files that version control ignores left out. */
  changes(signal: AbortSignal): Promise<TreeChanges>;
  /** May be called twice. */
  close(): void;
}

/** Looks at the files that commands work on. Nothing rejects. */
export interface WorkTree {
  remember(signal: AbortSignal): Promise<RememberedTree | { kind: "unknown"; why: string }>;
}
