import { nodePatchFs, type PatchFs } from "../src/file-system.ts";

export interface Fault {
  /** 1-based number of the call that fails. */
  readonly at: number;
  /** Every later call fails too, as after a kill or on a dead disk. */
  readonly forever: boolean;
  /** From this call on everything fails as well. */
  readonly deadFrom?: number;
  /** Called instead of failing. */
  readonly act?: () => void;
  readonly code?: string;
}

/** The real file system until the fault; a write that fails leaves half of the file behind. */
export function failingFs(fault: Fault): { readonly fs: PatchFs; readonly calls: () => number } {
  let calls = 0;
  const enter = (): boolean => {
    calls += 1;
    const dead = fault.deadFrom ?? (fault.forever ? fault.at : Number.POSITIVE_INFINITY);
    return calls === fault.at || calls >= dead;
  };
  const fail = (name: string): never => {
    fault.act?.();
    const code = fault.code ?? "EIO";
    throw Object.assign(new Error(`${code}: injected, ${name}`), { code });
  };
  const wrap = <A extends readonly unknown[], R>(name: string, call: (...args: A) => R) => {
    return (...args: A): R => (enter() ? fail(name) : call(...args));
  };
  const real = nodePatchFs;
  const fs: PatchFs = {
    descriptorRoot: real.descriptorRoot,
    lstat: wrap("lstat", real.lstat),
    realpath: wrap("realpath", real.realpath),
    readlink: wrap("readlink", real.readlink),
    readdir: wrap("readdir", real.readdir),
    readFile: wrap("read", real.readFile),
    createFile: (path, bytes, attributes) => {
      if (!enter()) return real.createFile(path, bytes, attributes);
      real.createFile(path, bytes.subarray(0, bytes.length / 2), attributes);
      return fail("write");
    },
    // Hundreds of runs would wait for the disk; the tests without faults do.
    sync: async () => (enter() ? fail("fsync") : undefined),
    link: wrap("link", real.link),
    rename: wrap("rename", real.rename),
    unlink: wrap("unlink", real.unlink),
    mkdir: wrap("mkdir", real.mkdir),
    rmdir: wrap("rmdir", real.rmdir),
    openFolder: wrap("open", real.openFolder),
    closeFolder: wrap("close", real.closeFolder),
  };
  return { fs, calls: () => calls };
}
