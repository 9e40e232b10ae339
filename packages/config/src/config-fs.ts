import { closeSync, constants, openSync, readFileSync, realpathSync, statSync } from "node:fs";

/** What loading needs of a file system. Errors carry a `code` as those of `node:fs` do. */
export interface ConfigFs {
  readFile(path: string): Promise<Uint8Array>;
  /** Null when there is no such entry; a component that is not a directory is an error (ENOTDIR). */
  stat(path: string): Promise<FileFacts | null>;
  realpath(path: string): Promise<string>;
}

export interface FileFacts {
  isFile(): boolean;
  isDirectory(): boolean;
  size: number;
  /** Permission bits, as in `stat`. */
  mode: number;
}

/** A pipe put in the place of a file must not hold up the program. */
function readWithoutWaiting(path: string): Uint8Array {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    return readFileSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The real file system. The calls block underneath: loading reads a handful of small files at start-up, and waking
 * the thread pool for them costs several times what the reads do.
 */
export const realFs: ConfigFs = {
  readFile: async (path) => readWithoutWaiting(path),
  stat: async (path) => statSync(path, { throwIfNoEntry: false }) ?? null,
  realpath: async (path) => realpathSync.native(path),
};

/** The `code` of a file system error, such as "ENOENT"; empty when there is none. */
export function errnoOf(thrown: unknown): string {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return "";
  return typeof thrown.code === "string" ? thrown.code : "";
}

/** Whether the error says that there is nothing at that path. */
export function isAbsence(thrown: unknown): boolean {
  const code = errnoOf(thrown);
  return code === "ENOENT" || code === "ENOTDIR";
}

/** The real path, or null when the path cannot be resolved. */
export async function realpathOrNull(fs: ConfigFs, path: string): Promise<string | null> {
  try {
    return await fs.realpath(path);
  } catch {
    // Absent, not permitted or a link loop: in each case there is no real path to compare with.
    return null;
  }
}
