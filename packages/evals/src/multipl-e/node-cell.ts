import { createRequire } from "node:module";
import { CodedError } from "@quire/protocol";
import type { CellSpec } from "@quire/sandbox";
import { NODE_JUDGE_SOURCE } from "./node-judge-source.ts";
import type { TypeScriptCompiler } from "./typescript-compiler.ts";

/** What Node itself takes types out with. */
const STRIPPER = "@swc/wasm-typescript";
/** Where the libraries stand in a cell. */
const STRIPPER_PLACE = "/library/stripper.js";
const COMPILER_PLACE = "/library/typescript";
/** For the interpreter and the libraries, beside what a sample may take. */
const OWN_BYTES = 512 * 1024 ** 2;
const TEMPORARY_BYTES = 256 * 1024 ** 2;

export interface NodeCellOptions {
  /** Absolute: the interpreter. */
  readonly node: string;
  /** Whether programs have types, and who checks them before they are taken out. */
  readonly types: "none" | "unchecked" | TypeScriptCompiler;
  /** Of one sample. */
  readonly memoryBytes: number;
}

/** The cell of a worker that judges JavaScript or TypeScript. Fails with `usage_invalid` without the library for types. */
export function nodeCell({ node, types, memoryBytes }: NodeCellOptions): CellSpec {
  const stripper = types === "unchecked" ? findStripper() : null;
  const compiler = typeof types === "string" ? null : types.folder;
  const config = {
    megabytes: Math.round(memoryBytes / 1024 ** 2),
    stripper: stripper && STRIPPER_PLACE,
    compiler: compiler && `${COMPILER_PLACE}/lib/typescript.js`,
  };
  return {
    argv: [node, "-e", NODE_JUDGE_SOURCE, JSON.stringify(config)],
    visible: [
      node,
      ...(stripper === null ? [] : [{ host: stripper, cell: STRIPPER_PLACE }]),
      ...(compiler === null ? [] : [{ host: compiler, cell: COMPILER_PLACE }]),
    ],
    temporaryBytes: TEMPORARY_BYTES,
    environment: { PATH: "/usr/bin:/bin", HOME: "/tmp", LANG: "C.UTF-8" },
    limits: {
      processes: 64,
      fileSizeBytes: 64 * 1024 ** 2,
      openFiles: 256,
      // Buffers are no part of the heap that an isolate is limited to.
      memoryBytes: memoryBytes + OWN_BYTES,
    },
  };
}

function findStripper(): string {
  try {
    return createRequire(import.meta.url).resolve(STRIPPER);
  } catch (cause) {
    throw new CodedError("usage_invalid", `the optional package ${STRIPPER} is not installed`, {
      cause,
      nextStep: "Install it beside quire, or give TypeScript's own compiler with --typescript DIR.",
    });
  }
}
