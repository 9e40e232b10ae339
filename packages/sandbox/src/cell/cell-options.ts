import { readlinkSync } from "node:fs";
import type { BubblewrapFeatures } from "../bubblewrap/features.ts";
import { PROGRAM_FOLDERS } from "../protect/file-rules.ts";
import { entryAt } from "../protect/paths.ts";
import type { CellSpec } from "./cell-spec.ts";

/** Descriptors the sandbox program reads. */
export const CELL_DESCRIPTOR = { filter: 3, options: 4, status: 5 } as const;

/** Programs and libraries of the system: no secrets, and nothing starts without them. */
const SYSTEM = [
  ...PROGRAM_FOLDERS,
  "/etc/ld.so.cache",
  // On Debian awk and others are links by way of it.
  "/etc/alternatives",
  "/nix/store",
];

/** Bubblewrap's options for a cell, in an order in which nothing covers what it should not. */
export function cellOptions(spec: CellSpec, features: BubblewrapFeatures): string[] {
  return [
    ...["--seccomp", String(CELL_DESCRIPTOR.filter), "--json-status-fd", String(CELL_DESCRIPTOR.status)],
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...["--unshare-net", "--die-with-parent", "--new-session", "--as-pid-1", "--cap-drop", "ALL"],
    ...(features.disableUserNamespaces ? ["--disable-userns"] : []),
    ...SYSTEM.flatMap(shown),
    ...spec.visible.flatMap((path) =>
      typeof path === "string" ? ["--ro-bind-try", path, path] : ["--ro-bind-try", path.host, path.cell],
    ),
    ...(spec.processes === true ? ["--proc", "/proc"] : []),
    // Its own /dev/shm would be room to write without a limit.
    ...["--dev", "/dev", "--remount-ro", "/dev"],
    ...(spec.sharedMemoryBytes === undefined
      ? []
      : memoryFolder("/dev/shm", spec.sharedMemoryBytes, features)),
    ...memoryFolder("/tmp", spec.temporaryBytes, features),
    ...["--remount-ro", "/"],
    ...Object.entries(spec.environment).flatMap(([name, value]) => ["--setenv", name, value]),
    ...["--chdir", "/tmp"],
  ];
}

/** On most systems /bin and /lib are links into /usr. */
function shown(path: string): string[] {
  const entry = entryAt(path);
  if (entry === undefined) return [];
  return entry.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

/** A folder in memory, for everybody. */
function memoryFolder(path: string, bytes: number, features: BubblewrapFeatures): string[] {
  return ["--perms", "1777", ...size(bytes, features), "--tmpfs", path];
}

/** Since 0.7.0; before, the kernel's default holds, which is half of the memory. */
function size(bytes: number, { version }: BubblewrapFeatures): string[] {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > 0 || minor >= 7 ? ["--size", String(bytes)] : [];
}
