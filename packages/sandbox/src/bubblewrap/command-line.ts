import { closeSync } from "node:fs";
import { openVerified } from "../protect/verified-folder.ts";
import type { BubblewrapFeatures } from "./features.ts";
import { type Mount, mountOptions } from "./mounts.ts";

/**
 * Descriptors the sandbox program reads. Others follow: the script of a sandbox that waits for its command, the two of
 * a proxied network, then verified folders.
 */
export const DESCRIPTOR = { filter: 3, options: 4, status: 5, next: 6 } as const;

/** `proxied` is as private as `off`, and has a door. */
export type NetworkKind = "off" | "on" | "proxied";

export interface ContainmentOptions {
  readonly mounts: readonly Mount[];
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly network: NetworkKind;
  /** Keep the caller's session, so that a terminal stays the command's controlling terminal. */
  readonly keepSession: boolean;
  readonly features: BubblewrapFeatures;
}

export interface PreparedOptions {
  /** NUL-separated, for `--args`. */
  readonly text: string;
  /** Verified folders, to be passed from `firstFolder` on. */
  readonly folders: readonly number[];
  close(): void;
}

export type Preparation =
  | { readonly kind: "prepared"; readonly options: PreparedOptions }
  | { readonly kind: "changed"; readonly reason: string };

/** The option text, with every folder of the workspace opened and checked. */
export function prepareOptions(options: ContainmentOptions, firstFolder: number): Preparation {
  const folders: number[] = [];
  const numbers = new Map<string, number>();
  const close = (): void => {
    for (const descriptor of folders.splice(0)) closeSync(descriptor);
  };
  for (const mount of options.features.bindDescriptor ? options.mounts : []) {
    if (mount.kind !== "bind") continue;
    const descriptor = openVerified(mount.path);
    if (descriptor === undefined) {
      close();
      return { kind: "changed", reason: `${mount.path} is not where it was` };
    }
    numbers.set(mountKey(mount), firstFolder + folders.length);
    folders.push(descriptor);
  }
  const list = optionList(options, (mount) => numbers.get(mountKey(mount)));
  return { kind: "prepared", options: { text: `${list.join("\0")}\0`, folders, close } };
}

function mountKey(mount: Mount): string {
  return mount.kind === "bind" ? `${mount.writable ? "w" : "r"}${mount.path}` : "";
}

/** The options, with the number of the descriptor each mount takes its source from, if any. */
export function optionList(
  options: ContainmentOptions,
  descriptorFor: (mount: Mount) => number | undefined,
): string[] {
  return [
    ...["--seccomp", String(DESCRIPTOR.filter), "--json-status-fd", String(DESCRIPTOR.status)],
    ...["--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"],
    ...(options.network !== "on" ? ["--unshare-net"] : []),
    ...(options.features.disableUserNamespaces ? ["--disable-userns"] : []),
    ...["--die-with-parent", "--cap-drop", "ALL"],
    ...(options.keepSession ? [] : ["--new-session"]),
    ...options.mounts.flatMap((mount) => mountOptions(mount, descriptorFor(mount))),
    ...Object.entries(options.environment).flatMap(([name, value]) => ["--setenv", name, value]),
    ...["--chdir", options.cwd],
  ];
}
