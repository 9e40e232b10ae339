import { createHash } from "node:crypto";
import {
  closeSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { withFolderLock } from "./folder-lock.ts";
import { Guardian } from "./guardian.ts";
import { entryAt } from "./paths.ts";
import { isAlive, processIdentity } from "./process-identity.ts";
import { openVerified } from "./verified-folder.ts";

const LINGER_MS = 500;

/**
 * The empty folders that stand in the workspace for protected names that do not exist, while commands run.
 *
 * Removing such a folder silently uncovers the name inside every running sandbox, so all processes that share the
 * runtime folder count their users here: `holders/<process>` lists the paths one of them relies on, `made/<hash>` records
 * a folder we created, and whoever lets go last removes it, if it is still empty and still the same folder.
 */
export class MountPoints {
  readonly #folder: string;
  readonly #holder: string;
  readonly #held = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #guardian: Guardian | undefined;

  /** `unique` tells several users in one process apart. */
  constructor(runtimeDir: string, pid: number, unique: string) {
    this.#folder = join(runtimeDir, "mount-points");
    this.#holder = join(this.#folder, "holders", `${processIdentity(pid) ?? `${pid}.0.0`}.${unique}`);
  }

  /**
   * Makes every path an existing folder that stays until the returned function is called, once. It then lingers for a
   * moment, because the next command usually wants the same.
   */
  acquire(paths: readonly string[]): () => void {
    if (paths.length === 0) return () => undefined;
    // A folder we hold can be gone again: `git clean` takes empty ones.
    const fresh = paths.filter((path) => !this.#held.has(path) || entryAt(path) === undefined);
    for (const path of paths) this.#held.set(path, (this.#held.get(path) ?? 0) + 1);
    if (fresh.length > 0) {
      this.#update(() => {
        for (const path of fresh) this.#make(path);
      });
    }
    let released = false;
    return () => {
      if (!released) this.#release(paths);
      released = true;
    };
  }

  /** From now on what is acquired is removed even when this process is killed. The first time this starts a process. */
  async guard(sh: string): Promise<void> {
    this.#guardian ??= new Guardian(sh, this.#folder, this.#holder);
    await this.#guardian.start();
  }

  async close(): Promise<void> {
    this.flush();
    await this.#guardian?.stop();
  }

  /** Removes what processes that were killed left behind. */
  sweep(): void {
    if (entryAt(this.#folder) !== undefined) this.#update(() => this.#removeUnheld(this.#allMade()));
  }

  /** Removes at once what nobody needs any more. */
  flush(): void {
    clearTimeout(this.#timer);
    const last = [...this.#held].filter(([, users]) => users === 0).map(([path]) => path);
    if (last.length === 0) return;
    for (const path of last) this.#held.delete(path);
    this.#update(() => this.#removeUnheld(last));
  }

  #release(paths: readonly string[]): void {
    for (const path of paths) this.#held.set(path, (this.#held.get(path) ?? 1) - 1);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), LINGER_MS);
  }

  #update(change: () => void): void {
    mkdirSync(join(this.#folder, "holders"), { recursive: true, mode: 0o700 });
    mkdirSync(join(this.#folder, "made"), { recursive: true, mode: 0o700 });
    withFolderLock(join(this.#folder, "lock"), () => {
      if (this.#held.size === 0) rmSync(this.#holder, { force: true });
      else writeFileSync(this.#holder, `${[...this.#held.keys()].join("\n")}\n`, { mode: 0o600 });
      change();
    });
  }

  #make(path: string): void {
    // Not through a link that took the workspace's name: the sandbox will not be made there either.
    const parent = openVerified(dirname(path));
    if (parent === undefined) return;
    try {
      mkdirSync(`/proc/self/fd/${parent}/${basename(path)}`, { mode: 0o755 });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
      throw error;
    } finally {
      closeSync(parent);
    }
    writeFileSync(this.#record(path), `${identityOf(path)}\n${path}\n`, { mode: 0o600 });
  }

  #removeUnheld(paths: readonly string[]): void {
    const relied = this.#reliedUpon();
    for (const path of paths) {
      if (relied.has(path)) continue;
      const record = this.#record(path);
      const made = readRecord(record);
      if (made === undefined) continue;
      if (identityOf(path) === made.identity) removeIfEmpty(path);
      rmSync(record, { force: true });
    }
  }

  /** Paths some living process needs; forgets processes that are gone. */
  #reliedUpon(): Set<string> {
    const relied = new Set<string>();
    const holders = join(this.#folder, "holders");
    for (const identity of readdirSync(holders)) {
      const file = join(holders, identity);
      if (!isAlive(identity)) rmSync(file, { force: true });
      else for (const path of readFileSync(file, "utf8").split("\n")) relied.add(path);
    }
    return relied;
  }

  #allMade(): string[] {
    const made = join(this.#folder, "made");
    return readdirSync(made).flatMap((name) => readRecord(join(made, name))?.path ?? []);
  }

  #record(path: string): string {
    return join(this.#folder, "made", createHash("sha256").update(path).digest("hex").slice(0, 32));
  }
}

/** Device, number and time of birth: a number alone is given to the next folder soon. */
function identityOf(path: string): string | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats && `${stats.dev} ${stats.ino} ${stats.birthtimeNs}`;
}

function readRecord(file: string): { identity: string; path: string } | undefined {
  try {
    const [identity = "", path = ""] = readFileSync(file, "utf8").split("\n");
    return path === "" ? undefined : { identity, path };
  } catch {
    // Not one of ours, or already given back.
    return undefined;
  }
}

function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Someone put a file into it on the host: then it is theirs now.
  }
}
