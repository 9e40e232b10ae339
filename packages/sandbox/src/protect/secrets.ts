import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isWithin } from "@quire/protocol";
import type { SandboxDeps } from "../deps.ts";
import type { SandboxPolicy } from "../policy.ts";
import type { FileDemands } from "./file-rules.ts";
import { canonicalPath, entryAt, outermost } from "./paths.ts";

/** Below a home folder: credentials, keyrings, browser profiles, shell histories, other agents' logins. */
const HOME_SECRETS = [
  ".ssh",
  ".gnupg",
  ".aws",
  ".azure",
  ".kube",
  ".docker",
  ".oci",
  ".config/gh",
  ".config/glab-cli",
  ".config/gcloud",
  ".config/hub",
  ".config/rclone",
  ".config/op",
  ".config/git/credentials",
  ".config/containers/auth.json",
  ".config/google-chrome",
  ".config/chromium",
  ".config/BraveSoftware",
  ".config/microsoft-edge",
  ".config/Code/User/globalStorage",
  ".mozilla",
  ".thunderbird",
  ".netrc",
  ".npmrc",
  ".yarnrc.yml",
  ".pypirc",
  ".cargo/credentials",
  ".cargo/credentials.toml",
  ".gem/credentials",
  ".m2/settings.xml",
  ".gradle/gradle.properties",
  ".git-credentials",
  ".password-store",
  ".vault-token",
  ".terraform.d/credentials.tfrc.json",
  ".pgpass",
  ".my.cnf",
  ".s3cfg",
  ".boto",
  ".local/share/keyrings",
  ".local/share/kwalletd",
  ".bash_history",
  ".zsh_history",
  ".zhistory",
  ".local/share/fish/fish_history",
  ".python_history",
  ".node_repl_history",
  ".psql_history",
  ".mysql_history",
  ".lesshst",
  ".quire",
  ".codex",
  ".claude",
  ".claude.json",
  ".gemini",
  ".config/opencode",
  ".local/share/opencode",
];

/** Readable by uid 0 even without capabilities. */
const ROOT_SECRETS = [
  "/etc/shadow",
  "/etc/shadow-",
  "/etc/gshadow",
  "/etc/sudoers",
  "/etc/sudoers.d",
  "/etc/krb5.keytab",
  "/etc/ssl/private",
  "/etc/docker",
  "/var/lib/docker",
  "/var/spool/cron",
];

/** Environment files that are documentation, not secrets. */
const EXAMPLE_SUFFIX = /\.(?:example|sample|template|tmpl|dist|defaults?|schema|d\.ts)$/i;

/** Whether a file name is one that by custom holds a project's secrets. */
export function isEnvironmentFile(name: string): boolean {
  return (name === ".env" || name === ".envrc" || name.startsWith(".env.")) && !EXAMPLE_SUFFIX.test(name);
}

export interface HiddenPaths {
  readonly folders: readonly string[];
  readonly files: readonly string[];
}

/**
 * Every secret that exists now, links followed. `environmentFiles` come from the scan of the workspace. Of `demands` it hides
 * what they deny, but for what they show inside of it.
 */
export function hiddenPaths(
  policy: SandboxPolicy,
  deps: SandboxDeps,
  environmentFiles: readonly string[],
  demands?: FileDemands,
): HiddenPaths {
  const allowed = new Set((policy.readAllow ?? []).flatMap((path) => [path, canonicalPath(path) ?? path]));
  const shown = policy.workspaceRoots.map((root) => canonicalPath(root) ?? root);
  const candidates = [
    ...HOME_SECRETS.map((name) => join(deps.homeDir, name)),
    ...(deps.uid === 0 ? ROOT_SECRETS : []),
    deps.stateDir,
    deps.runtimeDir,
    ...environmentFiles,
    ...(policy.readDeny ?? []),
  ];
  const folders = new Set<string>();
  const files = new Set<string>();
  const hide = (candidate: string, kept: readonly string[]): void => {
    if (allowed.has(candidate) || !entryAt(candidate)) return;
    const path = canonicalPath(candidate);
    if (path === undefined || path === "/" || allowed.has(path) || kept.includes(path)) return;
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) files.add(path);
    // The workspace, or something the user agreed to show, lies inside: hide everything around it.
    else if ([...kept, ...allowed].some((inner) => isWithin(inner, path))) {
      for (const name of readdirSync(path)) hide(join(path, name), kept);
    } else folders.add(path);
  };
  for (const candidate of candidates) hide(candidate, shown);
  const entries = [...(demands?.rules.entries ?? [])];
  const readable = entries.flatMap(([path, access]) => (access === "deny" ? [] : [path]));
  for (const [path, access] of entries) if (access === "deny") hide(path, readable);
  for (const path of demands?.denied ?? []) hide(path, []);
  const outer = outermost(folders);
  const alone = [...files].filter((file) => !outer.some((folder) => isWithin(file, folder)));
  return { folders: outer, files: alone.sort() };
}
