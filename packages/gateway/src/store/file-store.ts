import fs from "node:fs";
import path from "node:path";
import * as z from "zod";
import { readIfThere, writeFileAtomically } from "./atomic-file.ts";
import { type ConfinedRead, readConfined } from "./confined-read.ts";

export interface FileLimits {
  /** Of one file. */
  maxFileBytes: number;
  maxFiles: number;
  /** Of all files together. */
  maxTotalBytes: number;
}

export const DEFAULT_FILE_LIMITS: FileLimits = Object.freeze({
  maxFileBytes: 8 * 1024 * 1024,
  maxFiles: 1_000,
  maxTotalBytes: 1024 ** 3,
});

const StoredFileSchema = z.object({
  version: z.literal(1),
  id: z.string(),
  /** Only ever shown; no path is made of it. */
  filename: z.string(),
  purpose: z.string(),
  bytes: z.int(),
  /** Unix seconds. */
  createdAt: z.int(),
  /** Unix seconds; null keeps the file until it is deleted. */
  expiresAt: z.int().nullable(),
});
/** An uploaded file without its content. */
export type StoredFile = z.infer<typeof StoredFileSchema>;

export type StoreOutcome = { kind: "stored"; file: StoredFile } | { kind: "full"; why: string };

export interface FileStoreDeps {
  nowMs: () => number;
  uniqueName: () => string;
}

const ID = /^file-[0-9a-f]{16,64}$/;
/** What a crash left behind is removed after this time; what is younger may be in the making. */
const YOUNG_MS = 60_000;

/**
 * Uploaded files on disk: `files/ID.bin` with the content and `files/ID.json` with what is known of it, which is written
 * last, so that a file is there whole or not at all. Both are 0600.
 */
export class FileStore {
  readonly limits: FileLimits;
  readonly #folder: string;
  readonly #deps: FileStoreDeps;

  constructor(folder: string, limits: FileLimits, deps: FileStoreDeps) {
    this.#folder = path.join(folder, "files");
    this.limits = limits;
    this.#deps = deps;
    fs.mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  add(
    content: Buffer,
    facts: { filename: string; purpose: string; expiresAfterSeconds: number | null },
  ): StoreOutcome {
    const why = this.#fullness(content.length);
    if (why !== null) return { kind: "full", why };
    const createdAt = Math.floor(this.#deps.nowMs() / 1000);
    const file: StoredFile = {
      version: 1,
      id: `file-${this.#deps.uniqueName()}`,
      filename: facts.filename,
      purpose: facts.purpose,
      bytes: content.length,
      createdAt,
      expiresAt: facts.expiresAfterSeconds === null ? null : createdAt + facts.expiresAfterSeconds,
    };
    const place = this.#place(file.id, "bin");
    try {
      writeFileAtomically(place, content, this.#deps.uniqueName());
      writeFileAtomically(this.#place(file.id, "json"), JSON.stringify(file), this.#deps.uniqueName());
    } catch (cause) {
      fs.rmSync(place, { force: true });
      throw cause;
    }
    return { kind: "stored", file };
  }

  /** Null for what is not there, has expired, or is no id of ours. */
  find(id: string): StoredFile | null {
    if (!ID.test(id)) return null;
    const text = readIfThere(this.#place(id, "json"));
    const file = text === null ? null : parseStoredFile(text);
    return file === null || this.#expired(file) ? null : file;
  }

  read(file: StoredFile): ConfinedRead {
    return readConfined(this.#folder, this.#place(file.id, "bin"), this.limits.maxFileBytes);
  }

  /** Oldest first. */
  list(): StoredFile[] {
    const found = fs.readdirSync(this.#folder).flatMap((name) => {
      const file = name.endsWith(".json") ? this.find(name.slice(0, -".json".length)) : null;
      return file === null ? [] : [file];
    });
    return found.sort((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1));
  }

  delete(id: string): boolean {
    if (this.find(id) === null) return false;
    this.#remove(id);
    return true;
  }

  /** Removes what has expired, and what a crash left of an upload. */
  sweep(): void {
    for (const name of fs.readdirSync(this.#folder)) {
      const [id = "", kind] = name.split(".");
      if (kind === "json" && ID.test(id)) {
        const file = parseStoredFile(readIfThere(path.join(this.#folder, name)) ?? "");
        if (file !== null && this.#expired(file)) this.#remove(id);
        continue;
      }
      if (kind === "bin" && this.find(id) !== null) continue;
      const stat = fs.statSync(path.join(this.#folder, name), { throwIfNoEntry: false });
      if (stat !== undefined && this.#deps.nowMs() - stat.mtimeMs > YOUNG_MS) {
        fs.rmSync(path.join(this.#folder, name), { force: true });
      }
    }
  }

  #fullness(bytes: number): string | null {
    const { maxFileBytes, maxFiles, maxTotalBytes } = this.limits;
    if (bytes > maxFileBytes) return `The file is larger than ${maxFileBytes} bytes.`;
    const files = this.list();
    if (files.length >= maxFiles) return `There are ${files.length} files already; delete some.`;
    const used = files.reduce((sum, file) => sum + file.bytes, 0);
    return used + bytes > maxTotalBytes ? `All files together may have ${maxTotalBytes} bytes.` : null;
  }

  #expired({ expiresAt }: StoredFile): boolean {
    return expiresAt !== null && expiresAt <= this.#deps.nowMs() / 1000;
  }

  #remove(id: string): void {
    for (const kind of ["json", "bin"] as const) fs.rmSync(this.#place(id, kind), { force: true });
  }

  /** `id` was found to be one of ours. */
  #place(id: string, kind: "bin" | "json"): string {
    return path.join(this.#folder, `${id}.${kind}`);
  }
}

function parseStoredFile(text: string): StoredFile | null {
  try {
    const parsed = StoredFileSchema.safeParse(JSON.parse(text));
    return parsed.success && ID.test(parsed.data.id) ? parsed.data : null;
  } catch {
    // Damaged by something other than us: records are replaced whole.
    return null;
  }
}
