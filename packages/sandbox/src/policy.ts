import type { ProxyRules } from "./network-proxy/rules.ts";

/** How far a command may reach. `external-sandbox` declares that a container around us is the boundary. */
export type SandboxMode = "read-only" | "workspace-write" | "danger-full-access" | "external-sandbox";

/**
 * Which variables a command sees. `core` (the default) is a short allow-list; `all` starts from everything.
 * In every case a name that looks like a secret or steers another program (`*_TOKEN`, `LD_*`, `NODE_OPTIONS`,
 * `GIT_*`, …) is dropped unless `allow` gives it exactly, without a wildcard.
 */
export interface EnvironmentPolicy {
  readonly inherit?: "core" | "all" | "none";
  /** More names, `*` matching any run of characters. */
  readonly allow?: readonly string[];
  /** Names or patterns removed again; wins over `allow`. */
  readonly exclude?: readonly string[];
  /** Set as given, last. */
  readonly set?: Readonly<Record<string, string>>;
}

/** Per command. A missing field takes the value in {@link DEFAULT_LIMITS}. */
export interface ResourceLimits {
  /** Processes and threads alive at once. */
  readonly processes?: number;
  readonly fileSizeBytes?: number;
  readonly openFiles?: number;
  /** For all commands together where a memory cgroup is writable, otherwise for each process. No default. */
  readonly memoryBytes?: number;
}

/**
 * What commands may do with which files, place by place. Of several entries that cover a path the deepest decides, of those
 * for the same place the strictest but that `write` includes `read`. Nothing opens what is protected or hidden anyway.
 */
export interface FileRules {
  /** Whose they are, for messages, for example `permission profile "dev"`. */
  readonly source: string;
  /** Absolute. */
  readonly entries: readonly { readonly path: string; readonly access: "read" | "write" | "deny" }[];
  /** Globs relative to an absolute folder; what they match is denied. */
  readonly patterns: readonly { readonly folder: string; readonly pattern: string }[];
  /** How many folders deep files that match are looked for; no limit by default. */
  readonly patternDepth?: number;
  /** What no entry covers. */
  readonly otherwise: "read" | "deny";
  /** Whether the system's programs, libraries and settings may be read where `otherwise` is `deny`. */
  readonly system: boolean;
}

/** What a session's commands may do. Fixed when the session decides it; never derived from tool arguments. */
export interface SandboxPolicy {
  readonly mode: SandboxMode;
  /** Absolute; the first is the session's root. */
  readonly workspaceRoots: readonly string[];
  /** Absolute; writable as well, with the same protections. */
  readonly extraWritableRoots: readonly string[];
  /** With rules, commands reach the hosts these allow through a proxy, and nothing else. */
  readonly network: "off" | "on" | { readonly proxy: ProxyRules };
  /** Names that stay read-only at every depth of a writable root; replaces {@link DEFAULT_PROTECTED_NAMES}. */
  readonly protectedNames?: readonly string[];
  /** In the mode `workspace-write` these, and not the roots above, say what may be written. */
  readonly files?: FileRules;
  /** Absolute files and folders hidden from commands, beside the built-in list of secrets. */
  readonly readDeny?: readonly string[];
  /** Absolute paths taken off the built-in list of secrets, for example one `.env` the user agreed to show. */
  readonly readAllow?: readonly string[];
  /** Local sockets reach host services that listen on a path, so they are off unless asked for. */
  readonly unixSockets?: "off" | "on";
  /** Debuggers need it. */
  readonly allowPtrace?: boolean;
  /** Accept a sandbox that shows the host's /proc, where a fresh one cannot be mounted. */
  readonly weakProc?: boolean;
  /** Whether files in /tmp last until the sandbox is closed or vanish with each command. */
  readonly temporaryFiles?: "session" | "command";
  readonly environment: EnvironmentPolicy;
  readonly limits?: ResourceLimits;
}

export const DEFAULT_LIMITS = {
  processes: 512,
  fileSizeBytes: 2 * 1024 ** 3,
  openFiles: 8192,
} as const satisfies ResourceLimits;

/** Metadata that decides what other programs of the user, or the next session, will execute. */
export const DEFAULT_PROTECTED_NAMES: readonly string[] = [
  ".git",
  ".quire",
  ".codex",
  ".agents",
  ".claude",
  ".cursor",
  ".vscode",
  ".mcp.json",
  ".gitmodules",
];
