import { dirname } from "node:path";

/**
 * Said again on each command line, where it beats every file: should git ever read a configuration that we did not
 * write, the well-known ways to run a program stay shut.
 */
const OVERRIDES: readonly string[] = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.pager=cat",
  "core.editor=false",
  "core.askPass=",
  "core.sshCommand=false",
  "core.gitProxy=",
  "core.alternateRefsCommand=false",
  "core.attributesFile=/dev/null",
  "core.protectHFS=true",
  "core.protectNTFS=true",
  "core.quotePath=false",
  "core.bare=false",
  "sequence.editor=false",
  "diff.external=",
  "interactive.diffFilter=",
  "credential.helper=",
  "gpg.program=false",
  "gpg.ssh.program=false",
  "gpg.x509.program=false",
  "commit.gpgSign=false",
  "log.showSignature=false",
  "protocol.allow=never",
  "submodule.recurse=false",
  "gc.auto=0",
  "maintenance.auto=false",
  "diff.autoRefreshIndex=true",
];

/** Stands before the name of the git command. */
export function hardenedArguments(command: readonly string[]): string[] {
  return ["--no-pager", ...OVERRIDES.flatMap((override) => ["-c", override]), ...command];
}

interface UserEnvironment {
  readonly gitProgram: string;
  /** Only HOME and XDG_CONFIG_HOME (where the user's ignore file is) are taken from it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What every git command is given, whatever it reads. */
export function baseEnvironment({ gitProgram, env }: UserEnvironment): Record<string, string> {
  const kept = ["HOME", "XDG_CONFIG_HOME"].flatMap((name) => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(kept),
    PATH: [...new Set([dirname(gitProgram), "/usr/bin", "/bin"])].join(":"),
    LC_ALL: "C",
    GIT_TERMINAL_PROMPT: "0",
    // A look at the repository must not take locks that a git of the user's waits for.
    GIT_OPTIONAL_LOCKS: "0",
    GIT_PAGER: "cat",
    GIT_EDITOR: "false",
    GIT_SEQUENCE_EDITOR: "false",
    GIT_ASKPASS: "",
    SSH_ASKPASS: "",
    GIT_SSH_COMMAND: "false",
    GIT_ALLOW_PROTOCOL: "none",
    GIT_PROTOCOL_FROM_USER: "0",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ATTR_NOSYSTEM: "1",
    // Reviews are of what would be pushed, not of what a local note says to show in its place.
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_DISCOVERY_ACROSS_FILESYSTEM: "0",
  };
}

/** For git commands on a repository behind a shadow: no configuration but the shadow's is read. */
export function hardenedEnvironment(
  user: UserEnvironment,
  place: { readonly root: string; readonly gitDir: string; readonly commonDir: string },
): Record<string, string> {
  return {
    ...baseEnvironment(user),
    GIT_DIR: place.gitDir,
    GIT_COMMON_DIR: place.commonDir,
    GIT_WORK_TREE: place.root,
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_CONFIG_GLOBAL: "/dev/null",
  };
}

/** For the one command that reads the real configuration, `git config --list`, which runs nothing. */
export function configReadingEnvironment(user: UserEnvironment, gitDir: string): Record<string, string> {
  const named = ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM"].flatMap((name) => {
    const value = user.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...baseEnvironment(user), ...Object.fromEntries(named), GIT_DIR: gitDir };
}
