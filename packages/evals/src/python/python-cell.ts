import { type CellSpec, singleProcessFilter } from "@quire/sandbox";
import type { PythonInstallation } from "./find-python.ts";
import { JUDGE_SOURCE } from "./judge-source.ts";

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
    temporaryBytes: 256 * 1024 ** 2,
    environment: {
      PATH: "/usr/bin:/bin",
      HOME: "/tmp",
      LANG: "C.UTF-8",
      OMP_NUM_THREADS: "1",
      OPENBLAS_NUM_THREADS: "1",
    },
    limits: { processes: 64, fileSizeBytes: 64 * 1024 ** 2, openFiles: 256, memoryBytes },
  };
}
