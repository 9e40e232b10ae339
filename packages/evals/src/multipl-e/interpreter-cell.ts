import { execFile } from "node:child_process";
import { CodedError } from "@quire/protocol";
import type { CellSpec } from "@quire/sandbox";
import { INTERPRETER_JUDGE_SOURCE } from "./interpreter-judge-source.ts";
import type { Interpreter } from "./languages.ts";

/** Where a cell looks for programs, which is where they must be. */
const CELL_PATH = "/usr/local/bin:/usr/bin:/bin";
const TEMPORARY_BYTES = 256 * 1024 ** 2;
const PROBE_MS = 20_000;

/** The cell of a worker that runs one sample as a file. `node`, absolute, runs the judging program; memory is a sample's. */
export function interpreterCell(
  { program, failureWord }: Interpreter,
  { node, memoryBytes }: { readonly node: string; readonly memoryBytes: number },
): CellSpec {
  const config = { interpreter: program, failureWord: failureWord ?? null };
  return {
    argv: [node, "-e", INTERPRETER_JUDGE_SOURCE, JSON.stringify(config)],
    visible: [node],
    temporaryBytes: TEMPORARY_BYTES,
    processes: true,
    environment: { PATH: CELL_PATH, HOME: "/tmp", LANG: "C.UTF-8" },
    limits: { processes: 64, fileSizeBytes: 64 * 1024 ** 2, openFiles: 256, memoryBytes },
  };
}

/** Asks whether it is there, with what the tests need. Fails with `usage_invalid`, naming what is missing. */
export function checkInterpreter({ program, probe, remedy }: Interpreter): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { env: { PATH: CELL_PATH }, timeout: PROBE_MS };
    execFile(program, [...probe], options, (error, _, stderr) => {
      if (error === null) return resolve();
      const [reason] = (stderr.trim() || error.message).split("\n");
      const what = `${program} ${probe.join(" ")} fails: ${reason}`;
      reject(new CodedError("usage_invalid", what, { cause: error, nextStep: remedy }));
    });
  });
}
