import fs from "node:fs";

/**
 * The file operations the log needs, synchronous because a line must be down before what it announces happens; an
 * append costs about ten microseconds. A parameter so that tests can fail any of them.
 */
export interface RolloutFs {
  mkdir(path: string): void;
  openAppend(path: string): number;
  size(fd: number): number;
  write(fd: number, data: Uint8Array, offset: number): number;
  truncate(fd: number, length: number): void;
  sync(fd: number): void;
  close(fd: number): void;
}

/** Files are 0600 and folders 0700: a transcript holds whatever the agent read. */
export const nodeRolloutFs: RolloutFs = {
  mkdir: (path) => {
    fs.mkdirSync(path, { recursive: true, mode: 0o700 });
  },
  openAppend: (path) => fs.openSync(path, "a", 0o600),
  size: (fd) => fs.fstatSync(fd).size,
  write: (fd, data, offset) => fs.writeSync(fd, data, offset),
  truncate: (fd, length) => {
    fs.ftruncateSync(fd, length);
  },
  sync: (fd) => {
    fs.fdatasyncSync(fd);
  },
  close: (fd) => {
    fs.closeSync(fd);
  },
};
