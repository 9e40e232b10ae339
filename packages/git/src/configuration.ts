/** One value as `git config --list -z --show-scope` prints it. Multi-valued keys come as several. */
export interface ConfigEntry {
  readonly scope: string;
  readonly section: string;
  readonly subsection: string | undefined;
  readonly name: string;
  /** Absent for a name without `=`, which means true. */
  readonly value: string | undefined;
}

/** Reads `scope NUL key [LF value] NUL` …; what is no such pair is left out. */
export function parseConfigList(text: string): ConfigEntry[] {
  const parts = text.split("\0");
  const entries: ConfigEntry[] = [];
  for (let index = 0; index + 1 < parts.length; index += 2) {
    const scope = parts[index] ?? "";
    const line = parts[index + 1] ?? "";
    const end = line.indexOf("\n");
    const key = end < 0 ? line : line.slice(0, end);
    const value = end < 0 ? undefined : line.slice(end + 1);
    const first = key.indexOf(".");
    const last = key.lastIndexOf(".");
    if (first < 0) continue;
    entries.push({
      scope,
      section: key.slice(0, first),
      subsection: last > first ? key.slice(first + 1, last) : undefined,
      name: key.slice(last + 1),
      value,
    });
  }
  return entries;
}

/**
 * Settings that only describe the repository, the file system or the user. Everything else is left behind: git has
 * hundreds of settings, dozens of them name a program, and newer versions add more.
 */
const DESCRIPTIVE = new Set([
  "core.filemode",
  "core.ignorecase",
  "core.precomposeunicode",
  "core.symlinks",
  "core.autocrlf",
  "core.eol",
  "core.safecrlf",
  "core.trustctime",
  "core.checkstat",
  "core.bigfilethreshold",
  "core.sharedrepository",
  "core.sparsecheckout",
  "core.sparsecheckoutcone",
  "index.version",
  "user.name",
  "user.email",
  "author.name",
  "author.email",
  "committer.name",
  "committer.email",
]);

/** Which remote branch a branch follows: names only, never addresses. */
const DESCRIPTIVE_BY_NAME = new Set(["branch.remote", "branch.merge", "remote.fetch"]);

/** Taken from the user and the system, not from the repository: it names a file to read. */
const FROM_USER_ONLY = new Set(["core.excludesfile"]);

const FORMAT_EXTENSIONS = new Set(["objectformat", "refstorage", "compatobjectformat", "noop", "noop-v1"]);
/** What they ask for is not needed, or must not happen here: a partial clone fetches missing objects by itself. */
const IGNORED_EXTENSIONS = new Set([
  "partialclone",
  "worktreeconfig",
  "preciousobjects",
  "relativeworktrees",
]);

const REPOSITORY_SCOPES = new Set(["local", "worktree"]);

/** The part of a configuration that cannot make git run anything. */
export interface SafeConfiguration {
  readonly entries: readonly ConfigEntry[];
  /** Names of configured filters (`lfs`), which do not run; files they apply to look changed and are not committed. */
  readonly filters: readonly string[];
  /** Whether the user's git would sign commits. */
  readonly signsCommits: boolean;
  /** Extensions of the repository format that we do not know; git would refuse them or misread the repository. */
  readonly unknownExtensions: readonly string[];
}

/** Keeps what is known to be harmless. */
export function safeConfiguration(entries: readonly ConfigEntry[]): SafeConfiguration {
  // What our own command line said is not the user's.
  const all = entries.filter(({ scope }) => scope !== "command");
  const extensions = all.filter(
    ({ section, scope }) => section === "extensions" && REPOSITORY_SCOPES.has(scope),
  );
  const signing = all.findLast(({ section, name }) => section === "commit" && name === "gpgsign");
  return {
    entries: all.filter(isHarmless),
    filters: [
      ...new Set(
        all.flatMap(({ section, subsection, name }) =>
          section === "filter" && subsection !== undefined && name !== "required" ? [subsection] : [],
        ),
      ),
    ].sort(),
    signsCommits: signing !== undefined && !/^(?:false|no|off|0|)$/i.test(signing.value ?? "true"),
    unknownExtensions: extensions
      .map(({ name }) => name)
      .filter((name) => !FORMAT_EXTENSIONS.has(name) && !IGNORED_EXTENSIONS.has(name)),
  };
}

function isHarmless({ scope, section, subsection, name }: ConfigEntry): boolean {
  const inRepository = REPOSITORY_SCOPES.has(scope);
  if (section === "extensions") return inRepository && FORMAT_EXTENSIONS.has(name);
  const key = `${section}.${name}`;
  if (subsection !== undefined) return inRepository && DESCRIPTIVE_BY_NAME.has(key);
  if (key === "core.repositoryformatversion") return inRepository;
  return DESCRIPTIVE.has(key) || (FROM_USER_ONLY.has(key) && !inRepository);
}

/** Writes a configuration file. Entries that the format cannot hold are left out. */
export function formatConfiguration(entries: readonly ConfigEntry[]): string {
  return entries
    .filter(({ subsection, value }) => !/[\0\n]/.test(subsection ?? "") && !/[\0\r]/.test(value ?? ""))
    .map(({ section, subsection, name, value }) => {
      const header = subsection === undefined ? section : `${section} ${quoted(subsection)}`;
      return `[${header}]\n\t${name}${value === undefined ? "" : ` = ${quoted(value)}`}\n`;
    })
    .join("");
}

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replace(/\n/g, "\\n")}"`;
}
