import { mkdirSync } from "node:fs";
import { join } from "node:path";
import {
  type FixtureOptions,
  type FixtureRepository,
  fixtureRepository,
  temporaryDirectory,
} from "@quire/test-support";
import { findGit, type Git, type GitSetup, openGit } from "../src/index.ts";

export interface Checkout extends AsyncDisposable {
  readonly repository: FixtureRepository;
  readonly git: Git;
  /** A folder outside the repository. */
  readonly outside: string;
  readonly home: string;
  /** What `openGit` was given; for opening again after a change of the configuration. */
  readonly setup: GitSetup;
}

/** A repository with one commit, and a home whose configuration names a user. */
export async function openCheckout(
  files: NonNullable<FixtureOptions["files"]> = { "a.txt": "one\ntwo\n" },
  prepare: (repository: FixtureRepository, outside: string) => Promise<void> = async () => {},
): Promise<Checkout> {
  const repository = await fixtureRepository({ files });
  const directory = await temporaryDirectory("quire-git-");
  const home = join(directory.path, "home");
  mkdirSync(home);
  await repository.git("config", "--file", join(home, ".gitconfig"), "user.name", "Ada");
  await repository.git("config", "--file", join(home, ".gitconfig"), "user.email", "ada@example.invalid");
  await prepare(repository, directory.path);
  const gitProgram = findGit(process.env.PATH, [repository.path]);
  if (gitProgram === undefined) throw new Error("these tests need git");
  const setup = {
    root: repository.path,
    gitProgram,
    env: { HOME: home, GIT_CONFIG_SYSTEM: "/dev/null" },
    scratchParent: join(directory.path, "scratch"),
  };
  const git = await reopen(setup);
  return {
    repository,
    git,
    outside: directory.path,
    home,
    setup,
    async [Symbol.asyncDispose]() {
      git.close();
      await repository[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** Opens a checkout that is expected to open. */
export async function reopen(setup: GitSetup): Promise<Git> {
  const opened = await openGit(setup);
  if (opened.kind !== "opened") throw new Error(opened.message);
  return opened.git;
}
