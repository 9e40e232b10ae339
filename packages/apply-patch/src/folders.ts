import * as path from "node:path";
import { errorCode, type PatchFs } from "./file-system.ts";

/** A folder on the way to a file is not the folder that the path guard accepted. */
export class FolderReplacedError extends Error {
  readonly code = "folder_replaced";
}

/**
 * Folders held open while a patch is read or written. Files are reached through the open folder, so a link that is
 * swapped in for a parent after the check leads nowhere. The owner must call `close`, which may be called twice.
 */
export class Folders {
  readonly #fs: PatchFs;
  readonly #open = new Map<string, number>();

  constructor(fs: PatchFs) {
    this.#fs = fs;
  }

  /**
   * How to reach an accepted absolute path. Throws `folder_replaced` when its folder is now reached through a
   * link, and the file system's own error (`ENOENT`) when it is not there.
   */
  reach(file: string): string {
    const folder = path.dirname(file);
    const { descriptorRoot } = this.#fs;
    if (descriptorRoot === undefined) {
      if (this.#fs.realpath(folder) !== folder) throw replaced(folder);
      return file;
    }
    let descriptor = this.#open.get(folder);
    if (descriptor === undefined) {
      descriptor = this.#openChecked(folder, descriptorRoot);
      this.#open.set(folder, descriptor);
    }
    return `${descriptorRoot}/${descriptor}/${path.basename(file)}`;
  }

  /** Whether the folder of a path is there. */
  hasFolderOf(file: string): boolean {
    try {
      this.reach(file);
      return true;
    } catch (error) {
      if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return false;
      throw error;
    }
  }

  close(): void {
    const descriptors = [...this.#open.values()];
    this.#open.clear();
    for (const descriptor of descriptors) this.#closeFolder(descriptor);
  }

  #closeFolder(descriptor: number): void {
    try {
      this.#fs.closeFolder(descriptor);
    } catch {
      // Nothing was written through it, so nothing can be lost.
    }
  }

  #openChecked(folder: string, descriptorRoot: string): number {
    let descriptor: number;
    try {
      descriptor = this.#fs.openFolder(folder);
    } catch (error) {
      const code = errorCode(error);
      const isLink = code === "ELOOP" || (code === "ENOTDIR" && this.#fs.lstat(folder)?.kind === "symlink");
      throw isLink ? replaced(folder) : error;
    }
    try {
      if (this.#fs.readlink(`${descriptorRoot}/${descriptor}`) === folder) return descriptor;
      throw replaced(folder);
    } catch (error) {
      this.#closeFolder(descriptor);
      throw error;
    }
  }
}

function replaced(folder: string): FolderReplacedError {
  return new FolderReplacedError(`The folder ${folder} was replaced by a link after it had been checked`);
}
