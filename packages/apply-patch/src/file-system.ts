import * as fs from "node:fs";

/** What is at a path, links not followed. */
export interface FileStat {
  readonly kind: "file" | "directory" | "symlink" | "other";
  /** Permission bits only. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** Changes whenever another file is put there or its content or attributes change. */
  readonly version: string;
}

/** Left out owner and group: those of a new file. */
export interface FileAttributes {
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Every file system call this package makes, so that tests can fail each of them. Calls throw errors with a `code`
 * as Node does; none of them follows a link in the last part of a path, except `realpath`.
 */
export interface PatchFs {
  /**
   * Folder where open folders appear by number, so that `<root>/<number>/name` cannot be led astray by a link put
   * in the way (Linux: /proc/self/fd). Without it folders are checked by path just before use.
   */
  readonly descriptorRoot: string | undefined;
  /** Nothing there is `undefined`. */
  lstat(path: string): FileStat | undefined;
  realpath(path: string): string;
  readlink(path: string): string;
  readdir(path: string): string[];
  /** Refuses what is not a regular file with the code `EINVAL`. */
  readFile(path: string): { readonly bytes: Buffer; readonly stat: FileStat };
  /** The path must be free. Without attributes the file gets the usual mode for new files. */
  createFile(path: string, bytes: Uint8Array, attributes?: FileAttributes): void;
  /** Waits until these files are on the disk. */
  sync(paths: readonly string[]): Promise<void>;
  link(existing: string, path: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** A folder that is already there is an `EEXIST` error. */
  mkdir(path: string): void;
  rmdir(path: string): void;
  openFolder(path: string): number;
  closeFolder(descriptor: number): void;
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY, O_DIRECTORY } = fs.constants;
const SYNCS_AT_ONCE = 8;

/** The real file system. */
export const nodePatchFs: PatchFs = {
  descriptorRoot: process.platform === "linux" ? "/proc/self/fd" : undefined,
  lstat(path) {
    try {
      return statOf(fs.lstatSync(path, { bigint: true }));
    } catch (error) {
      if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return undefined;
      throw error;
    }
  },
  realpath: (path) => fs.realpathSync.native(path),
  readlink: (path) => fs.readlinkSync(path),
  readdir: (path) => fs.readdirSync(path),
  readFile(path) {
    // Without O_NONBLOCK the open of a FIFO would wait for a writer.
    return withDescriptor(fs.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), (descriptor) => {
      const stat = statOf(fs.fstatSync(descriptor, { bigint: true }));
      if (stat.kind !== "file")
        throw Object.assign(new Error(`${path} is not a regular file`), { code: "EINVAL" });
      return { bytes: fs.readFileSync(descriptor), stat };
    });
  },
  createFile(path, bytes, attributes) {
    const flags = O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW;
    withDescriptor(fs.openSync(path, flags, attributes === undefined ? 0o666 : 0o600), (descriptor) => {
      fs.writeFileSync(descriptor, bytes);
      if (attributes !== undefined) setAttributes(descriptor, attributes);
    });
  },
  async sync(paths) {
    const waiting = [...paths];
    const worker = async (): Promise<void> => {
      for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
        const file = await fs.promises.open(path, O_RDONLY | O_NOFOLLOW);
        try {
          await file.sync();
        } finally {
          await file.close();
        }
      }
    };
    await Promise.all(Array.from({ length: SYNCS_AT_ONCE }, worker));
  },
  link: (existing, path) => fs.linkSync(existing, path),
  rename: (from, to) => fs.renameSync(from, to),
  unlink: (path) => fs.unlinkSync(path),
  mkdir: (path) => {
    fs.mkdirSync(path);
  },
  rmdir: (path) => fs.rmdirSync(path),
  openFolder: (path) => fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
  closeFolder: (descriptor) => fs.closeSync(descriptor),
};

/** The `code` of a Node error, if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

function withDescriptor<T>(descriptor: number, use: (descriptor: number) => T): T {
  try {
    return use(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function setAttributes(descriptor: number, { mode, uid, gid }: FileAttributes): void {
  const created = fs.fstatSync(descriptor);
  if (uid !== undefined && gid !== undefined && (created.uid !== uid || created.gid !== gid)) {
    try {
      fs.fchownSync(descriptor, uid, gid);
    } catch (error) {
      // Only root may give files away; the file then belongs to the one who changed it, as with any editor.
      if (errorCode(error) !== "EPERM") throw error;
    }
  }
  fs.fchmodSync(descriptor, mode);
}

function statOf(stat: fs.BigIntStats): FileStat {
  const kind = stat.isFile()
    ? "file"
    : stat.isDirectory()
      ? "directory"
      : stat.isSymbolicLink()
        ? "symlink"
        : "other";
  return {
    kind,
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: Number(stat.size),
    version: `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}`,
  };
}
