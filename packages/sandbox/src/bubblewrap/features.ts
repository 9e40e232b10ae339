/** What the installed bubblewrap can do; older ones lack some options we can do without. */
export interface BubblewrapFeatures {
  readonly version: string;
  /** `--bind-fd`: mounts the very folder that was checked, whatever its name points at by then. */
  readonly bindDescriptor: boolean;
  /** `--disable-userns`: a second lock on what the system call filter refuses already. */
  readonly disableUserNamespaces: boolean;
}

/** The first release with `--perms`. */
export const OLDEST_VERSION = [0, 5] as const;

/** Reads the output of `bwrap --version` and `bwrap --help`. */
export function parseFeatures(versionText: string, helpText: string): BubblewrapFeatures | undefined {
  const version = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(versionText)?.[0];
  if (version === undefined) return undefined;
  return {
    version,
    bindDescriptor: helpText.includes("--bind-fd") && helpText.includes("--ro-bind-fd"),
    disableUserNamespaces: helpText.includes("--disable-userns"),
  };
}

export function isTooOld(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major === OLDEST_VERSION[0] && minor < OLDEST_VERSION[1];
}
