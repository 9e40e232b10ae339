import fs from "node:fs";
import path from "node:path";
import { readIfThere, writeFileAtomically } from "./atomic-file.ts";
import { parseRecord, type ResponseRecord } from "./response-record.ts";

export interface Retention {
  maxAgeMs: number;
  maxResponses: number;
}

export const DEFAULT_RETENTION: Retention = Object.freeze({
  maxAgeMs: 30 * 24 * 60 * 60 * 1000,
  maxResponses: 10_000,
});

export interface StoreDeps {
  nowMs: () => number;
  uniqueName: () => string;
  /** Identifies this process to later ones, in words that `isOwnerAlive` understands. */
  owner: string;
  isOwnerAlive: (owner: string) => boolean;
}

const RECORD = /^(resp_[0-9a-f]{16,64})\.json$/;
/** Saves between two looks at what has become too old or too much. */
const SAVES_BETWEEN_SWEEPS = 200;

/**
 * Responses on disk: `responses/ID.json`, for streamed background ones `events/ID.jsonl`, and while one runs a mark in
 * `running/` with the process that runs it. All files are 0600 and replaced whole; events are appended.
 */
export class ResponseStore {
  readonly #folders: { responses: string; events: string; running: string };
  readonly #retention: Retention;
  readonly #deps: StoreDeps;
  #saves = 0;

  constructor(folder: string, retention: Retention, deps: StoreDeps) {
    this.#folders = {
      responses: path.join(folder, "responses"),
      events: path.join(folder, "events"),
      running: path.join(folder, "running"),
    };
    this.#retention = retention;
    this.#deps = deps;
    for (const each of Object.values(this.#folders)) fs.mkdirSync(each, { recursive: true, mode: 0o700 });
  }

  /** Null when there is no such response, whatever the id looks like. */
  load(id: string): ResponseRecord | null {
    const file = this.#file("responses", id);
    const text = file === null ? null : readIfThere(file);
    return text === null ? null : parseRecord(text);
  }

  save(record: ResponseRecord): void {
    const file = this.#file("responses", record.response.id);
    if (file === null) return;
    writeFileAtomically(file, JSON.stringify(record), this.#deps.uniqueName());
    this.#saves += 1;
    if (this.#saves % SAVES_BETWEEN_SWEEPS === 0) this.sweep();
  }

  /** False when there was none. */
  delete(id: string): boolean {
    const file = this.#file("responses", id);
    if (file === null || !fs.existsSync(file)) return false;
    this.#remove(id);
    return true;
  }

  /** Says that this process runs the response, so that a later one can tell when it no longer does. */
  markRunning(id: string): void {
    const file = this.#file("running", id);
    if (file !== null) writeFileAtomically(file, this.#deps.owner, this.#deps.uniqueName());
  }

  unmarkRunning(id: string): void {
    const file = this.#file("running", id);
    if (file !== null) fs.rmSync(file, { force: true });
  }

  appendEvent(id: string, json: string): void {
    const file = this.#file("events", id);
    if (file !== null) fs.appendFileSync(file, `${json}\n`, { mode: 0o600 });
  }

  /** Takes away a last line that was cut off by a crash, so that others can follow. */
  cutTornEvent(id: string): void {
    const file = this.#file("events", id);
    const content = file === null ? null : readIfThere(file);
    if (file === null || content === null || content.endsWith("\n")) return;
    fs.truncateSync(file, Buffer.byteLength(content.slice(0, content.lastIndexOf("\n") + 1)));
  }

  /** The events of a response, oldest first; a last line that was cut off by a crash is left out. */
  events(id: string): string[] {
    const file = this.#file("events", id);
    const text = (file === null ? null : readIfThere(file)) ?? "";
    return text
      .slice(0, text.lastIndexOf("\n") + 1)
      .split("\n")
      .filter((line) => line !== "");
  }

  /** Responses that some process was running and that process is gone. */
  orphans(): string[] {
    return fs.readdirSync(this.#folders.running).flatMap((name) => {
      const id = RECORD.exec(name)?.[1];
      if (id === undefined) return [];
      const owner = readIfThere(path.join(this.#folders.running, name));
      return owner !== null && this.#deps.isOwnerAlive(owner) ? [] : [id];
    });
  }

  /** Removes what is older or more than the retention allows; never what is running. */
  sweep(): void {
    const now = this.#deps.nowMs();
    const files = fs.readdirSync(this.#folders.responses).flatMap((name) => {
      const id = RECORD.exec(name)?.[1];
      const stat = fs.statSync(path.join(this.#folders.responses, name), { throwIfNoEntry: false });
      if (stat === undefined) return [];
      return [{ id: id ?? null, name, changed: stat.mtimeMs }];
    });
    files.sort((one, other) => other.changed - one.changed);
    let kept = 0;
    for (const { id, name, changed } of files) {
      const old = now - changed > this.#retention.maxAgeMs;
      if (id === null) {
        // What a crash left of a write; anything young may still be in the making.
        if (now - changed > 60_000 && name.endsWith(".tmp"))
          fs.rmSync(path.join(this.#folders.responses, name));
        continue;
      }
      if (!old && kept < this.#retention.maxResponses) kept += 1;
      else if (!fs.existsSync(path.join(this.#folders.running, name))) this.#remove(id);
    }
  }

  #remove(id: string): void {
    for (const kind of ["responses", "events", "running"] as const) {
      const file = this.#file(kind, id);
      if (file !== null) fs.rmSync(file, { force: true });
    }
  }

  /** Null for a text that is not one of our ids; it could name any file. */
  #file(kind: "responses" | "events" | "running", id: string): string | null {
    if (!RECORD.test(`${id}.json`)) return null;
    return path.join(this.#folders[kind], `${id}.${kind === "events" ? "jsonl" : "json"}`);
  }
}
