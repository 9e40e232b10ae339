import { createHash, randomUUID } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { type KnownMemory, type MemoryContent, parseMemory, renderMemory } from "@quire/core/memories";
import { CodedError } from "@quire/protocol";
import * as z from "zod/mini";

/** A memory with its file. */
export interface StoredMemory extends KnownMemory {
  path: string;
  /** The project's root; null for `global`. */
  project: string | null;
  bytes: number;
}

const GLOBAL = "global";
const PROJECTS = "projects";
const STATE_FILE = ".state.json";
/** In a project's folder, beside its memories: which project it is. */
const ROOT_FILE = ".root";
const MOST_IN_A_FOLDER = 100;
const MOST_FILE_BYTES = 16_384;
const MOST_REMEMBERED = 2000;

const StateSchema = z.object({
  /** Logs that were looked at, by thread, with the time of their last change in Unix milliseconds. */
  threads: z.record(z.string(), z.number()),
  /** What people deleted by a command of ours: it does not come back. */
  forgotten: z.array(z.string()),
  /** When a memory was last shown, by id, in Unix milliseconds. */
  shown: z.record(z.string(), z.number()),
});
type State = z.infer<typeof StateSchema>;

/** The memories of a home: Markdown files in folders that people may change at any time. Holds nothing itself. */
export class MemoryStore {
  readonly folder: string;

  constructor(home: string) {
    this.folder = path.join(home, "memories");
  }

  /** Those that threads of a project see; all of them for null. A file that is no memory is passed over. */
  list(project: string | null): StoredMemory[] {
    const folders =
      project === null
        ? this.#subfolders(PROJECTS).map((name) => path.join(PROJECTS, name))
        : [projectFolder(project)];
    return [GLOBAL, ...folders].flatMap((folder) => this.#listFolder(folder));
  }

  find(id: string): StoredMemory | null {
    return this.list(null).find((memory) => memory.id === id) ?? null;
  }

  /**
   * Keeps a memory, unless the same text is there already or was forgotten. Makes room by deleting the oldest that no person
   * wrote; false when nothing was kept.
   */
  add(content: MemoryContent, project: string | null): boolean {
    const folder = project === null ? GLOBAL : projectFolder(project);
    const name = fileName(content.text);
    if (this.#state().forgotten.includes(name)) return false;
    const present = this.#listFolder(folder);
    if (present.some(({ path: file }) => path.basename(file) === `${name}.md`)) return false;
    const generated = present.filter(({ threadId }) => threadId !== null).toSorted(byAge);
    if (present.length >= MOST_IN_A_FOLDER) {
      const [oldest] = generated;
      if (oldest === undefined) return false;
      fs.rmSync(oldest.path, { force: true });
    }
    const directory = path.join(this.folder, folder);
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (project !== null) fs.writeFileSync(path.join(directory, ROOT_FILE), `${project}\n`, { mode: 0o600 });
    writeWhole(path.join(directory, `${name}.md`), renderMemory(content));
    return true;
  }

  /** Deletes a memory for good: it is not made again of the same words. False when there is none of this id. */
  forget(id: string): boolean {
    const memory = this.find(id);
    if (memory === null) return false;
    fs.rmSync(memory.path, { force: true });
    const name = path.basename(memory.path, ".md");
    this.#change((state) => ({ ...state, forgotten: [...state.forgotten, name].slice(-MOST_REMEMBERED) }));
    return true;
  }

  /** Deletes all of them, and what was noted about threads; returns how many there were. */
  reset(): number {
    const count = this.list(null).length;
    fs.rmSync(this.folder, { recursive: true, force: true });
    return count;
  }

  /** Whether a log was looked at since it was last changed. */
  isDone(threadId: string, modifiedMs: number): boolean {
    return (this.#state().threads[threadId] ?? -1) >= modifiedMs;
  }

  markDone(threadId: string, modifiedMs: number): void {
    this.#change((state) => ({ ...state, threads: newest({ ...state.threads, [threadId]: modifiedMs }) }));
  }

  /** Notes what was shown, and deletes what nobody wrote by hand and was not shown for so long. */
  noteShown(ids: readonly string[], project: string, atMs: number, maxUnusedMs: number): void {
    const { shown } = this.#state();
    for (const { id, path: file, threadId, createdMs } of this.list(project)) {
      const used = shown[id] ?? createdMs ?? atMs;
      if (threadId !== null && !ids.includes(id) && atMs - used > maxUnusedMs)
        fs.rmSync(file, { force: true });
    }
    const now = Object.fromEntries(ids.map((id) => [id, atMs]));
    this.#change((state) => ({ ...state, shown: newest({ ...state.shown, ...now }) }));
  }

  #listFolder(folder: string): StoredMemory[] {
    const directory = path.join(this.folder, folder);
    const project = folder === GLOBAL ? null : (readText(path.join(directory, ROOT_FILE))?.trim() ?? folder);
    return names(directory)
      .filter((name) => name.endsWith(".md") && !name.startsWith("."))
      .slice(0, MOST_IN_A_FOLDER * 2)
      .flatMap((name): StoredMemory[] => {
        const file = path.join(directory, name);
        const text = readText(file);
        const content = text === null ? null : parseMemory(text);
        if (text === null || content === null) return [];
        const id = `${folder}/${name.slice(0, -".md".length)}`;
        const scope = project === null ? "global" : "project";
        return [{ ...content, id, scope, project, path: file, bytes: Buffer.byteLength(text) }];
      });
  }

  #subfolders(folder: string): string[] {
    return names(path.join(this.folder, folder));
  }

  #state(): State {
    const empty: State = { threads: {}, forgotten: [], shown: {} };
    const text = readText(path.join(this.folder, STATE_FILE), 1_000_000);
    if (text === null) return empty;
    try {
      const parsed = StateSchema.safeParse(JSON.parse(text));
      return parsed.success ? parsed.data : empty;
    } catch {
      // It only saves work: without it threads are looked at again, and what is there already is not made twice.
      return empty;
    }
  }

  #change(change: (state: State) => State): void {
    fs.mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeWhole(path.join(this.folder, STATE_FILE), JSON.stringify(change(this.#state())));
  }
}

/** The folder of a project's memories, below that of all. */
function projectFolder(root: string): string {
  const hash = createHash("sha256").update(root).digest("hex").slice(0, 8);
  const name =
    path
      .basename(root)
      .replace(/[^\w.-]+/g, "-")
      .replace(/^\.+/, "")
      .slice(0, 40) || "root";
  return path.join(PROJECTS, `${name}-${hash}`);
}

/** The words say what it is about, the hash that it is this text. */
function fileName(text: string): string {
  const words = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 40)
    .replace(/-+$/, "");
  const key = text.replace(/\s+/g, " ").trim().toLowerCase();
  return `${words || "memory"}-${createHash("sha256").update(key).digest("hex").slice(0, 8)}`;
}

function byAge(a: StoredMemory, b: StoredMemory): number {
  return (a.createdMs ?? 0) - (b.createdMs ?? 0);
}

function newest(times: Record<string, number>): Record<string, number> {
  const entries = Object.entries(times);
  if (entries.length <= MOST_REMEMBERED) return times;
  return Object.fromEntries(entries.toSorted((a, b) => b[1] - a[1]).slice(0, MOST_REMEMBERED));
}

function names(directory: string): string[] {
  try {
    return fs.readdirSync(directory).toSorted();
  } catch (thrown) {
    if (isMissing(thrown)) return [];
    throw storageFault(directory, thrown);
  }
}

/** Null for what is not there, not a file, or too large to be one of these. */
function readText(file: string, mostBytes = MOST_FILE_BYTES): string | null {
  try {
    const stat = fs.lstatSync(file);
    return stat.isFile() && stat.size <= mostBytes ? fs.readFileSync(file, "utf8") : null;
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw storageFault(file, thrown);
  }
}

function writeWhole(file: string, text: string): void {
  const draft = `${file}.${randomUUID().slice(0, 8)}`;
  fs.writeFileSync(draft, text, { mode: 0o600 });
  fs.renameSync(draft, file);
}

function isMissing(thrown: unknown): boolean {
  return (
    thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR")
  );
}

function storageFault(file: string, cause: unknown): CodedError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new CodedError("storage_failed", `memories could not be read (${file}): ${why}`, { cause });
}
