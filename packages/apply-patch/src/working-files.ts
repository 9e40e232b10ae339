import { createHash } from "node:crypto";
import * as path from "node:path";
import type { TextEdit } from "./edits.ts";
import type { FileAttributes, FileStat, PatchFs } from "./file-system.ts";
import type { Folders } from "./folders.ts";
import type { ChunkMatch } from "./locate-chunk.ts";
import type { TextFile } from "./text-file.ts";

export interface FileAfter {
  /** For a link: the text of the link. */
  readonly bytes: Buffer;
  readonly sha256: string;
  /** Undefined for a new file: it gets the usual mode. */
  readonly attributes?: FileAttributes;
}

/** A file as it was when the plan was made. */
export interface FileBefore extends FileAfter {
  readonly kind: "file" | "symlink";
  readonly version: string;
  readonly attributes: FileAttributes;
}

/** The edits that led from one content to another; what the diff is derived from. */
export interface KnownEdits {
  readonly from: FileAfter;
  readonly file: TextFile;
  readonly edits: readonly TextEdit[];
}

/** One file while the sections of a patch are worked through in memory. */
export interface WorkingFile {
  readonly path: string;
  /** The first name that the patch used. */
  readonly shownPath: string;
  readonly before: FileBefore | undefined;
  after: FileAfter | undefined;
  /** Where the content came from, when a section moved it here. */
  movedFrom: WorkingFile | undefined;
  addedOver: boolean;
  matches: ChunkMatch[];
  known: KnownEdits | undefined;
  /** Whether any section changed it; only then is it reported. */
  touched: boolean;
}

/** The files that a patch has touched so far, by their accepted path. */
export class WorkingFiles {
  readonly #fs: PatchFs;
  readonly #folders: Folders;
  readonly #files = new Map<string, WorkingFile>();

  constructor(fs: PatchFs, folders: Folders) {
    this.#fs = fs;
    this.#folders = folders;
  }

  /** Whether a section removed a symbolic link; see `isRemovedLink`. */
  removedLink = false;

  isRemovedLink(accepted: string): boolean {
    return this.#files.get(accepted)?.before?.kind === "symlink";
  }

  all(): readonly WorkingFile[] {
    return [...this.#files.values()];
  }

  /**
   * Reads the file the first time. Throws what the file system throws: `EISDIR` for a folder, `ENOTDIR` when a
   * folder of the path is a file.
   */
  open(accepted: string, shownPath: string): WorkingFile {
    const known = this.#files.get(accepted);
    if (known !== undefined) return known;
    const before = this.#read(accepted);
    const file: WorkingFile = {
      path: accepted,
      shownPath,
      before,
      after: before,
      movedFrom: undefined,
      addedOver: false,
      matches: [],
      known: undefined,
      touched: false,
    };
    this.#files.set(accepted, file);
    return file;
  }

  #read(accepted: string): FileBefore | undefined {
    if (!this.#folders.hasFolderOf(accepted)) {
      this.#refuseFileAsFolder(accepted);
      return undefined;
    }
    const reached = this.#folders.reach(accepted);
    const stat = this.#fs.lstat(reached);
    if (stat === undefined) return undefined;
    if (stat.kind === "symlink") return before("symlink", Buffer.from(this.#fs.readlink(reached)), stat);
    if (stat.kind === "directory") throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
    const read = this.#fs.readFile(reached);
    return before("file", read.bytes, read.stat);
  }

  #refuseFileAsFolder(accepted: string): void {
    let folder = path.dirname(accepted);
    let stat = this.#fs.lstat(folder);
    while (stat === undefined && folder !== path.dirname(folder)) {
      folder = path.dirname(folder);
      stat = this.#fs.lstat(folder);
    }
    if (stat === undefined || stat.kind === "directory") return;
    throw Object.assign(new Error(`${folder} is not a folder`), { code: "ENOTDIR" });
  }
}

function before(kind: FileBefore["kind"], bytes: Buffer, stat: FileStat): FileBefore {
  const { mode, uid, gid, version } = stat;
  return { kind, bytes, sha256: sha256(bytes), version, attributes: { mode, uid, gid } };
}

/** Lower-case hexadecimal. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
