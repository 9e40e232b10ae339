import { type CellSpec, singleProcessFilter } from "@quire/sandbox";
import type { PythonInstallation } from "./find-python.ts";
import { JUDGE_SOURCE } from "./judge-source.ts";

const TEMPORARY_BYTES = 256 * 1024 ** 2;
/** Locks and queues of `multiprocessing`, of which threads make use as well, lie there. */
const SHARED_MEMORY_BYTES = 16 * 1024 ** 2;

export interface PythonCellOptions {
  readonly python: PythonInstallation;
  /** Imported once per worker, so that no sample pays for them. */
  readonly modules: readonly string[];
  /** Of one sample's process, and of a whole worker where control groups can be made. */
  readonly memoryBytes: number;
  /** As `process.arch`. */
  readonly arch: string;
}

/** The cell of a worker that judges Python programs. */
export function pythonCell({ python, modules, memoryBytes, arch }: PythonCellOptions): CellSpec {
  const config = {
    modules,
    paths: python.modulePaths,
    filter: singleProcessFilter(arch)?.toString("hex") ?? "",
    memory: memoryBytes,
  };
  return {
    argv: [python.executable, "-I", "-S", "-B", "-c", JUDGE_SOURCE, JSON.stringify(config)],
    visible: python.folders,
    temporaryBytes: TEMPORARY_BYTES,
    sharedMemoryBytes: SHARED_MEMORY_BYTES,
    environment: {
      PATH: "/usr/bin:/bin",
      HOME: "/tmp",
      LANG: "C.UTF-8",
      OMP_NUM_THREADS: "1",
      OPENBLAS_NUM_THREADS: "1",
      // Each more would take 64 MB of what a sample may address, and threads ask for them.
      MALLOC_ARENA_MAX: "1",
    },
    // Threads count as processes. What a program may usually open where that harness runs, it may open here.
    limits: { processes: 1024, fileSizeBytes: TEMPORARY_BYTES, openFiles: 1024, memoryBytes },
  };
}
