import type { CellSpec } from "@quire/sandbox";
import { NODE_JUDGE_SOURCE } from "./node-judge-source.ts";

/** The cell of a worker that judges JavaScript programs with the interpreter at `node`. */
export function nodeCell(node: string, memoryBytes: number): CellSpec {
  return {
    argv: [node, "-e", NODE_JUDGE_SOURCE, String(Math.round(memoryBytes / 1024 ** 2))],
    visible: [node],
    temporaryBytes: 256 * 1024 ** 2,
    environment: { PATH: "/usr/bin:/bin", HOME: "/tmp", LANG: "C.UTF-8" },
    limits: { processes: 64, fileSizeBytes: 64 * 1024 ** 2, openFiles: 256 },
  };
}
