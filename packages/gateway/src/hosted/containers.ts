import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { type ConfinedRead, readConfined } from "../store/confined-read.ts";

export interface ContainersDeps {
  nowMs: () => number;
  randomName: () => string;
}

/** A folder in which hosted tools work. Only this user can enter it. */
export interface Container {
  id: string;
  folder: string;
}

export interface ContainerFile {
  /** Stays the same as long as the path does. */
  id: string;
  /** Relative to the container. */
  path: string;
  bytes: number;
  createdAt: number;
  changedMs: number;
}

/** An unused container lives this long, as OpenAI's do. */
const CONTAINER_IDLE_MS = 20 * 60 * 1000;
const MAX_CONTAINERS = 64;
const MAX_FILES = 1_000;
const MAX_DEPTH = 8;
const MAX_DOWNLOAD = 64 * 1024 * 1024;
const ID = /^cntr_[0-9a-f]{16,64}$/;

/** The folders of hosted tools. They are outside the program's state, which commands must not see. */
export class Containers {
  readonly #root: string;
  readonly #deps: ContainersDeps;
  readonly #used = new Map<string, { usedMs: number; holders: number }>();

  constructor(root: string, deps: ContainersDeps) {
    this.#root = root;
    this.#deps = deps;
  }

  /** A new container, or the one of that id; null when there is none. The caller releases it. */
  hold(id: string | null): Container | null {
    this.sweep();
    if (id !== null && (!ID.test(id) || !fs.existsSync(path.join(this.#root, id)))) return null;
    const name = id ?? `cntr_${this.#deps.randomName()}`;
    const folder = path.join(this.#root, name);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const used = this.#used.get(name);
    this.#used.set(name, { usedMs: this.#deps.nowMs(), holders: (used?.holders ?? 0) + 1 });
    return { id: name, folder: fs.realpathSync(folder) };
  }

  release(id: string): void {
    const used = this.#used.get(id);
    if (used !== undefined) this.#used.set(id, { usedMs: this.#deps.nowMs(), holders: used.holders - 1 });
  }

  find(id: string): Container | null {
    const folder = path.join(this.#root, id);
    return ID.test(id) && fs.existsSync(folder) ? { id, folder: fs.realpathSync(folder) } : null;
  }

  /** Regular files, links left out. */
  files(container: Container): ContainerFile[] {
    const found: ContainerFile[] = [];
    const look = (folder: string, depth: number) => {
      for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
        if (found.length >= MAX_FILES) return;
        const place = path.join(folder, entry.name);
        if (entry.isDirectory() && depth < MAX_DEPTH) look(place, depth + 1);
        if (!entry.isFile()) continue;
        const stat = fs.lstatSync(place, { throwIfNoEntry: false });
        if (stat === undefined) continue;
        const relative = path.relative(container.folder, place);
        found.push({
          id: `cfile_${createHash("sha256").update(relative).digest("hex").slice(0, 32)}`,
          path: relative,
          bytes: stat.size,
          createdAt: Math.floor(stat.birthtimeMs / 1000),
          changedMs: stat.mtimeMs,
        });
      }
    };
    look(container.folder, 0);
    return found.sort((one, other) => (one.path < other.path ? -1 : 1));
  }

  read(container: Container, file: ContainerFile): ConfinedRead {
    return readConfined(container.folder, path.join(container.folder, file.path), MAX_DOWNLOAD);
  }

  /** Puts a file of a request into the container under its bare name. */
  put(container: Container, name: string, content: Buffer): string {
    const bare = path.basename(name).replace(/[^\w. -]/g, "_");
    const safe = bare === "" || bare.startsWith(".") ? `file${bare}` : bare;
    fs.writeFileSync(path.join(container.folder, safe), content, { mode: 0o600, flag: "w" });
    return safe;
  }

  /** Removes what nobody has used for a while, and the oldest of too many; never what is in use. */
  sweep(): void {
    if (!fs.existsSync(this.#root)) return;
    const now = this.#deps.nowMs();
    const idle = fs.readdirSync(this.#root).flatMap((name) => {
      if (!ID.test(name) || (this.#used.get(name)?.holders ?? 0) > 0) return [];
      const stat = fs.statSync(path.join(this.#root, name), { throwIfNoEntry: false });
      if (stat === undefined) return [];
      return [{ name, usedMs: Math.max(stat.mtimeMs, this.#used.get(name)?.usedMs ?? 0) }];
    });
    idle.sort((one, other) => other.usedMs - one.usedMs);
    for (const [index, { name, usedMs }] of idle.entries()) {
      if (index < MAX_CONTAINERS && now - usedMs < CONTAINER_IDLE_MS) continue;
      fs.rmSync(path.join(this.#root, name), { recursive: true, force: true });
      this.#used.delete(name);
    }
  }
}
