import { execFile } from "node:child_process";
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "./temporary-directory.ts";

const run = promisify(execFile);

/** Everything that decides a commit's hash, so that the same files give the same hash on every machine. */
const COMMIT_ENV = {
  GIT_AUTHOR_NAME: "Fixture",
  GIT_AUTHOR_EMAIL: "fixture@example.invalid",
  GIT_AUTHOR_DATE: "2025-01-01T00:00:00+0000",
  GIT_COMMITTER_NAME: "Fixture",
  GIT_COMMITTER_EMAIL: "fixture@example.invalid",
  GIT_COMMITTER_DATE: "2025-01-01T00:00:00+0000",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  LC_ALL: "C",
};

export interface FixtureFile {
  content: string | Uint8Array;
  /** For example 0o755. */
  mode?: number;
}

export interface FixtureOptions {
  /** By path inside the repository, with forward slashes. */
  files?: Readonly<Record<string, string | FixtureFile>>;
  /** Default true: a git repository whose one commit holds the files. */
  git?: boolean;
}

export interface FixtureRepository extends AsyncDisposable {
  /** Absolute, without symbolic links. */
  readonly path: string;
  /** Runs git there with a fixed author and date and without the user's configuration; its trimmed output. */
  git(...args: readonly string[]): Promise<string>;
  read(file: string): Promise<string>;
  write(file: string, content: string | FixtureFile): Promise<void>;
  /** Commits everything there is; the new commit's hash. */
  commit(message: string): Promise<string>;
}

/** A real repository in a new temporary directory. */
export async function fixtureRepository(options: FixtureOptions = {}): Promise<FixtureRepository> {
  const directory = await temporaryDirectory("quire-repository-");
  const root = directory.path;
  const repository: FixtureRepository = {
    path: root,
    async git(...args) {
      const env = { PATH: process.env.PATH, HOME: root, ...COMMIT_ENV };
      const { stdout } = await run("git", [...args], { cwd: root, env, maxBuffer: 64 * 1024 * 1024 });
      return stdout.trimEnd();
    },
    read: (file) => readFile(join(root, file), "utf8"),
    async write(file, content) {
      const path = join(root, file);
      const whole = typeof content === "string" ? { content } : content;
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, whole.content);
      if ("mode" in whole && whole.mode !== undefined) await chmod(path, whole.mode);
    },
    async commit(message) {
      await repository.git("add", "--all");
      await repository.git("commit", "--quiet", "--allow-empty", "--no-verify", `--message=${message}`);
      return await repository.git("rev-parse", "HEAD");
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
  try {
    for (const [file, content] of Object.entries(options.files ?? {})) await repository.write(file, content);
    if (options.git !== false) {
      await repository.git("init", "--quiet", "--initial-branch=main");
      await repository.commit("fixture");
    }
  } catch (thrown) {
    await directory[Symbol.asyncDispose]();
    throw thrown;
  }
  return repository;
}
