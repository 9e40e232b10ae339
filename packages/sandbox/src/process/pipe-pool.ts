import { execFile } from "node:child_process";
import { constants, mkdirSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";

const BATCH = 32;
/** Below this many a new batch is made while commands run. */
const LOW_WATER = 8;

/** The two ends of a pipe, both ours to close. Reading never blocks. */
export interface Pipe {
  readonly read: number;
  readonly write: number;
}

/**
 * Real pipes. Node gives a child sockets, and those cannot be opened through /dev/stdout or /dev/stderr, as scripts
 * do. Node cannot make a pipe either, so they are made as named ones, many at a time, and their names removed on use.
 * Input stays a socket: opening a named pipe to read waits for a writer, and ours may be done by then.
 */
export class PipePool {
  readonly #folder: string;
  readonly #mkfifo: string | undefined;
  readonly #uniqueName: () => string;
  #names: string[] = [];
  #filling: Promise<void> | undefined;

  /** `mkfifo` is the host's program; without one there are no pipes. */
  constructor(runtimeDir: string, mkfifo: string | undefined, uniqueName: () => string) {
    this.#folder = join(runtimeDir, "pipes", uniqueName());
    this.#mkfifo = mkfifo;
    this.#uniqueName = uniqueName;
  }

  /** Makes sure that `count` pipes can be taken, if pipes can be made at all. */
  async ready(count: number): Promise<void> {
    if (this.#names.length < count) await this.#fill();
    else if (this.#names.length < LOW_WATER) void this.#fill();
  }

  /** A pipe for a command's output; undefined when there is none. */
  take(): Pipe | undefined {
    const path = this.#names.pop();
    if (path === undefined) return undefined;
    try {
      const read = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
      return { read, write: openSync(path, constants.O_WRONLY) };
    } catch {
      // Someone cleaned up the folder; a socket does as well.
      return undefined;
    } finally {
      rmSync(path, { force: true });
    }
  }

  async close(): Promise<void> {
    await this.#filling;
    this.#names = [];
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #fill(): Promise<void> {
    this.#filling ??= this.#make().finally(() => {
      this.#filling = undefined;
    });
    return this.#filling;
  }

  async #make(): Promise<void> {
    const mkfifo = this.#mkfifo;
    if (mkfifo === undefined) return;
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    const names = Array.from({ length: BATCH }, () => join(this.#folder, this.#uniqueName()));
    const made = await new Promise<boolean>((resolve) => {
      execFile(mkfifo, ["-m", "600", ...names], { env: {} }, (error) => resolve(error === null));
    });
    if (made) this.#names.push(...names);
  }
}
