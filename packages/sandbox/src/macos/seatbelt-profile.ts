import { DEFAULT_PROTECTED_NAMES } from "../policy.ts";
import type { WorkspaceView } from "../protect/workspace-view.ts";

export interface SeatbeltOptions {
  readonly view: WorkspaceView;
  readonly network: "off" | "on";
  readonly protectedNames?: readonly string[];
  /** The private temporary folder of the session, canonical. */
  readonly temporaryFolder: string;
}

/** Devices every program may write to. */
const DEVICES = ["/dev/null", "/dev/zero", "/dev/tty", "/dev/ptmx", "/dev/dtracehelper"];

/**
 * A profile for `sandbox-exec -p`. Not run here: there is no macOS machine to try it on, only its text is tested.
 * Everything is denied first; the last rule that matches wins, so protections come after permissions.
 */
export function seatbeltProfile(options: SeatbeltOptions): string {
  const { view, temporaryFolder } = options;
  const names = options.protectedNames ?? DEFAULT_PROTECTED_NAMES;
  const writable = [...view.writable, temporaryFolder];
  return [
    "(version 1)",
    "(deny default)",
    "(allow process-exec process-fork)",
    "(allow signal process-info* (target same-sandbox))",
    "(allow sysctl-read)",
    '(allow mach-lookup (global-name-regex #"^com\\.apple\\.(system\\.|cfprefsd|trustd|logd)"))',
    "(allow pseudo-tty ipc-posix-sem ipc-posix-shm)",
    "(allow file-read* file-test-existence)",
    rule("allow file-ioctl file-write-data file-read-data", [
      ...DEVICES.map(literal),
      '(regex #"^/dev/ttys[0-9]+$")',
    ]),
    rule("allow file-write*", writable.map(subpath)),
    rule("deny file-write*", [
      ...view.writable.map((root) => protectedBelow(root, names)),
      ...[...view.readOnly, ...view.links.map((link) => link.path)].map(subpath),
    ]),
    // Renaming a folder on the way to something protected would put a fresh one in its place.
    rule("deny file-write-unlink", view.pinned.map(literal)),
    rule("deny file-read* file-write*", [
      ...view.hiddenFolders.map(subpath),
      ...view.hiddenFiles.map(literal),
    ]),
    ...(options.network === "on"
      ? [
          "(allow network* system-socket)",
          '(allow mach-lookup (global-name "com.apple.SystemConfiguration.configd"))',
        ]
      : ['(allow network* (local ip "localhost:*"))']),
    "",
  ]
    .filter((line) => line !== undefined)
    .join("\n");
}

function rule(action: string, filters: readonly string[]): string | undefined {
  return filters.length === 0 ? undefined : `(${action}\n  ${filters.join("\n  ")})`;
}

function literal(path: string): string {
  return `(literal ${quote(path)})`;
}

function subpath(path: string): string {
  return `(subpath ${quote(path)})`;
}

/** At every depth, in any mixture of cases: the usual macOS file system does not tell `.GIT` from `.git`. */
function protectedBelow(root: string, names: readonly string[]): string {
  const anyCase = names.map((name) => [...name].map(eitherCase).join(""));
  return `(regex #"^${escapeForRegex(root)}/(.*/)?(${anyCase.join("|")})(/|$)")`;
}

function eitherCase(character: string): string {
  const lower = character.toLowerCase();
  const upper = character.toUpperCase();
  return lower === upper ? escapeForRegex(character) : `[${lower}${upper}]`;
}

function escapeForRegex(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll('"', "\\x22");
}

function quote(path: string): string {
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
