import type { ResourceLimits } from "../policy.ts";

/** A host path that is seen at another one, for what may lie below /tmp, which is a cell's own. Both absolute. */
export interface PlacedPath {
  readonly host: string;
  readonly cell: string;
}

/** One program in a small world of its own. */
export interface CellSpec {
  /** `argv[0]` absolute, in a visible place. */
  readonly argv: readonly string[];
  /** Absolute host files and folders it may read; what is not listed does not exist for it. */
  readonly visible: ReadonlyArray<string | PlacedPath>;
  /** The size of /tmp, a place to write to; it is in memory and vanishes with the cell. */
  readonly temporaryBytes: number;
  /** The size of /dev/shm, the only other one, where there is to be one. */
  readonly sharedMemoryBytes?: number;
  /**
   * Whether there is /proc, of the cell's own processes, which shells and their /dev/fd need. Then a process there may
   * look into and change every other one, the first included.
   */
  readonly processes?: boolean;
  /** All of it: nothing is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** `memoryBytes` holds for the whole cell where a control group can be made. */
  readonly limits: ResourceLimits;
}
