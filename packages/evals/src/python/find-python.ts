import { execFile } from "node:child_process";
import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";

/** An interpreter and what it must be able to read. */
export interface PythonInstallation {
  /** Absolute, not a launcher script. */
  readonly executable: string;
  /** For example `3.11.7`. */
  readonly version: string;
  /** Folders outside the system's that hold it and its installed packages. */
  readonly folders: readonly string[];
  /** Its `sys.path`, with what `site` adds: a worker that leaves `site` out forks twice as fast. */
  readonly modulePaths: readonly string[];
}

const FactsSchema = z.object({
  executable: z.string(),
  version: z.string(),
  folders: z.array(z.string()),
  modulePaths: z.array(z.string()),
});

const ASK = `
import json, os, sys
here = {os.path.realpath(sys.prefix), sys.prefix, os.path.realpath(sys.base_prefix), sys.base_prefix}
paths = {path for path in sys.path if path and os.path.isdir(path)}
outside = {path for path in paths if not any(path == top or path.startswith(top + "/") for top in here)}
print(json.dumps({
    "executable": os.path.realpath(sys.executable) if sys.prefix == sys.base_prefix else sys.executable,
    "version": ".".join(map(str, sys.version_info[:3])),
    "folders": sorted(here | outside),
    "modulePaths": [path for path in sys.path if path],
}))
`;

/** Folders a cell shows anyway, or that would show everything. */
const SYSTEM = new Set(["/", "/usr"]);

/** Asks the interpreter where it lives. `program` is a name on PATH or a path; fails with `usage_invalid`. */
export async function findPython(
  program: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<PythonInstallation> {
  const output = await new Promise<string>((resolve, reject) => {
    execFile(program, ["-I", "-c", ASK], { env: { ...env }, timeout: 20_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(missing(program, stderr.trim().split("\n").at(-1) || error.message, error));
    });
  });
  const facts = FactsSchema.parse(JSON.parse(output));
  return { ...facts, folders: facts.folders.filter((folder) => !SYSTEM.has(folder)) };
}

function missing(program: string, reason: string, cause: unknown): CodedError {
  return new CodedError("usage_invalid", `${program} does not run: ${reason}`, {
    cause,
    nextStep: "Install Python 3.8 or newer, or name the interpreter with --python.",
  });
}
