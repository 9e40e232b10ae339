import { mkdirSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { SandboxDeps } from "../deps.ts";
import { isAlive, processIdentity } from "../protect/process-identity.ts";

/** A folder on the host that one session's commands see as /tmp. Made when first asked for. */
export class TemporaryFolder {
  readonly #deps: SandboxDeps;
  #path: string | undefined;

  constructor(deps: SandboxDeps) {
    this.#deps = deps;
  }

  /** Also removes the folders of sessions that were killed. */
  get path(): string {
    if (this.#path === undefined) {
      const parent = join(this.#deps.runtimeDir, "tmp");
      mkdirSync(parent, { recursive: true, mode: 0o700 });
      for (const name of readdirSync(parent)) {
        if (!isAlive(name)) void removeTree(join(parent, name));
      }
      this.#path = join(parent, `${processIdentity(this.#deps.pid) ?? "0.0.0"}.${this.#deps.uniqueName()}`);
      mkdirSync(this.#path, { mode: 0o700 });
    }
    return this.#path;
  }

  async close(): Promise<void> {
    const path = this.#path;
    this.#path = undefined;
    if (path !== undefined) await removeTree(path);
  }
}

async function removeTree(path: string): Promise<void> {
  // What a command made unremovable stays until the next session tries; it is inside our own folder.
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}
