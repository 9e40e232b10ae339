import type { ResourceLimits } from "../policy.ts";

/** One program in a small world of its own. */
export interface CellSpec {
  /** `argv[0]` absolute, in a visible place. */
  readonly argv: readonly string[];
  /** Absolute host files and folders it may read, at the same place; what is not listed does not exist for it. */
  readonly visible: readonly string[];
  /** The size of /tmp, the only place to write to; it is in memory and vanishes with the cell. */
  readonly temporaryBytes: number;
  /** All of it: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** `memoryBytes` holds for the whole cell where a control group can be made. */
  readonly limits: ResourceLimits;
}
