import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type ConfigFs, realFs } from "@quire/config";

/** What loading project documents needs of a file system. */
export interface ProjectDocsFs extends Pick<ConfigFs, "stat" | "realpath"> {
  open(path: string, flags: number): Promise<DocHandle>;
}

export interface DocHandle {
  stat(): Promise<{ isFile(): boolean; size: number }>;
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  close(): Promise<void>;
}

/**
 * The real file system. As in `@quire/config` the calls block underneath: a few small files are read before the first
 * request, and the thread pool would cost more than they do. `open` is given flags that never wait.
 */
export const realDocsFs: ProjectDocsFs = {
  ...realFs,
  open: async (path, flags) => {
    const descriptor = openSync(path, flags);
    return {
      stat: async () => fstatSync(descriptor),
      read: async (buffer, offset, length, position) => ({
        bytesRead: readSync(descriptor, buffer, offset, length, position),
      }),
      close: async () => closeSync(descriptor),
    };
  },
};
