import { execFileSync, spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FixtureRepository } from "@quire/test-support";
import { afterAll, describe, expect, test } from "vitest";
import type { Git } from "../src/index.ts";
import { type Checkout, openCheckout } from "./checkout.ts";

/** One way for a repository to make git run a program. */
interface Trap {
  readonly name: string;
  /** `canary` is a program that leaves a file behind and ends. */
  readonly set: (repository: FixtureRepository, canary: string, outside: string) => Promise<void>;
  /** What makes plain git step into it; absent where no command that reads or commits does. */
  readonly spring?: readonly string[];
  /** Whether plain git does so only on a terminal. */
  readonly terminal?: boolean;
}

const config =
  (name: string, value = "%") =>
  async (repository: FixtureRepository, canary: string) => {
    await repository.git("config", name, value.replace("%", canary));
  };

const attribute = async (repository: FixtureRepository, line: string) => {
  await repository.write(".gitattributes", `* ${line}\n`);
};

const HOOKS = ["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit", "reference-transaction"];

const addHooks = async (folder: string, canary: string) => {
  mkdirSync(folder, { recursive: true });
  for (const hook of [...HOOKS, "post-index-change", "pre-auto-gc", "post-checkout", "fsmonitor-watchman"]) {
    rmSync(join(folder, hook), { force: true });
    symlinkSync(canary, join(folder, hook));
  }
};

const COMMIT = ["commit", "--all", "--message=x"];

const TRAPS: readonly Trap[] = [
  { name: "core.fsmonitor", set: config("core.fsmonitor"), spring: ["status"] },
  { name: "hooks", set: (repo, canary) => addHooks(join(repo.path, ".git/hooks"), canary), spring: COMMIT },
  {
    name: "core.hooksPath",
    set: async (repo, canary) => {
      await addHooks(join(repo.path, "hooks"), canary);
      await repo.git("config", "core.hooksPath", "hooks");
    },
    spring: COMMIT,
  },
  { name: "core.pager", set: config("core.pager"), spring: ["log"], terminal: true },
  { name: "pager.diff", set: config("pager.diff"), spring: ["diff"], terminal: true },
  { name: "core.editor", set: config("core.editor"), spring: ["commit", "--all"] },
  {
    name: "sequence.editor",
    set: config("sequence.editor"),
    spring: ["rebase", "--interactive", "--autostash", "--root"],
  },
  { name: "diff.external", set: config("diff.external"), spring: ["diff"] },
  {
    name: "diff driver command",
    set: async (repo, canary) => {
      await attribute(repo, "diff=trap");
      await repo.git("config", "diff.trap.command", canary);
    },
    spring: ["diff"],
  },
  {
    name: "textconv",
    set: async (repo, canary) => {
      await attribute(repo, "diff=trap");
      await repo.git("config", "diff.trap.textconv", canary);
    },
    spring: ["diff"],
  },
  {
    name: "textconv by info/attributes",
    set: async (repo, canary) => {
      await repo.write(".git/info/attributes", "* diff=trap\n");
      await repo.git("config", "diff.trap.textconv", canary);
    },
    spring: ["diff"],
  },
  ...["clean", "process"].map(
    (kind): Trap => ({
      name: `filter ${kind}`,
      set: async (repo, canary) => {
        await attribute(repo, "filter=trap");
        await repo.git("config", `filter.trap.${kind}`, canary);
      },
      spring: ["diff"],
    }),
  ),
  {
    name: "filter smudge",
    set: async (repo, canary) => {
      await attribute(repo, "filter=trap");
      await repo.git("config", "filter.trap.smudge", canary);
    },
    spring: ["checkout", "--force", "HEAD", "--", "a.txt"],
  },
  {
    name: "merge driver",
    set: async (repo, canary) => {
      await attribute(repo, "merge=trap");
      await repo.git("config", "merge.trap.driver", canary);
    },
  },
  {
    name: "gpg.program",
    set: async (repo, canary) => {
      await repo.git("config", "gpg.program", canary);
      await repo.git("config", "commit.gpgSign", "true");
    },
    spring: COMMIT,
  },
  {
    name: "gpg.ssh.program",
    set: async (repo, canary) => {
      await repo.git("config", "gpg.format", "ssh");
      await repo.git("config", "gpg.ssh.program", canary);
      await repo.git("config", "user.signingKey", "key::x");
      await repo.git("config", "commit.gpgSign", "true");
    },
    spring: COMMIT,
  },
  {
    name: "log.showSignature",
    set: async (repo, canary) => {
      const commit = (await repo.git("cat-file", "commit", "HEAD")).replace(
        "\n\n",
        "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n",
      );
      await repo.write("commit-object", `${commit}\n`);
      await repo.git("reset", "--soft", await repo.git("hash-object", "-t", "commit", "-w", "commit-object"));
      await repo.git("config", "gpg.program", canary);
      await repo.git("config", "log.showSignature", "true");
    },
    spring: ["log"],
  },
  {
    name: "include.path",
    set: async (repo, canary) => {
      await repo.write("extra", `[core]\n\tfsmonitor = ${canary}\n`);
      await repo.git("config", "include.path", "../extra");
    },
    spring: ["status"],
  },
  {
    name: "includeIf",
    set: async (repo, canary) => {
      await repo.write("extra", `[diff]\n\texternal = ${canary}\n`);
      await repo.git("config", "includeIf.onbranch:main.path", "../extra");
    },
    spring: ["diff"],
  },
  {
    name: "worktree configuration",
    set: async (repo, canary) => {
      await repo.git("config", "extensions.worktreeConfig", "true");
      await repo.git("config", "--worktree", "core.fsmonitor", canary);
    },
    spring: ["status"],
  },
  {
    name: "submodule's configuration",
    set: async (repo, canary, outside) => {
      const source = join(outside, "module");
      await repo.git("init", "--quiet", source);
      await repo.git("-C", source, "commit", "--quiet", "--allow-empty", "--message=m");
      await repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "module");
      await repo.commit("module");
      await repo.git("-C", "module", "config", "core.fsmonitor", canary);
      await repo.write("module/new.txt", "x");
    },
    spring: ["status"],
  },
  {
    name: "submodule update command",
    set: async (repo, canary, outside) => {
      const source = join(outside, "updated");
      await repo.git("init", "--quiet", source);
      await repo.git("-C", source, "commit", "--quiet", "--allow-empty", "--message=m");
      await repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "module");
      await repo.git("config", "submodule.module.update", `!${canary}`);
      await repo.git("-C", "module", "commit", "--quiet", "--allow-empty", "--message=n");
    },
    spring: ["submodule", "update"],
  },
  {
    name: "credential.helper",
    set: async (repo, canary) => {
      await repo.git("config", "credential.helper", `!${canary}`);
      await repo.git("remote", "add", "origin", "https://user@localhost:1/x");
    },
    spring: ["credential", "fill"],
  },
  {
    name: "core.sshCommand",
    set: async (repo, canary) => {
      await repo.git("config", "core.sshCommand", canary);
      await repo.git("remote", "add", "origin", "ssh://localhost/x");
    },
    spring: ["ls-remote"],
  },
  {
    name: "core.gitProxy",
    set: async (repo, canary) => {
      await repo.git("config", "core.gitProxy", canary);
      await repo.git("remote", "add", "origin", "git://localhost/x");
    },
    spring: ["ls-remote"],
  },
  {
    name: "ext remote",
    set: async (repo, canary) => {
      await repo.git("config", "protocol.ext.allow", "always");
      await repo.git("remote", "add", "origin", `ext::${canary}`);
    },
    spring: ["ls-remote"],
  },
  {
    name: "partial clone that fetches what is missing",
    set: async (repo, canary) => {
      await repo.git("config", "core.repositoryFormatVersion", "1");
      await repo.git("config", "extensions.partialClone", "origin");
      await repo.git("config", "remote.origin.promisor", "true");
      await repo.git("config", "remote.origin.url", "ssh://localhost/x");
      await repo.git("config", "core.sshCommand", canary);
      const blob = await repo.git("rev-parse", "HEAD:a.txt");
      rmSync(join(repo.path, ".git/objects", blob.slice(0, 2), blob.slice(2)));
    },
    spring: ["cat-file", "blob", "HEAD^{/fixture}:a.txt"],
  },
  {
    name: "alternate refs command",
    set: async (repo, canary, outside) => {
      await repo.git("config", "core.alternateRefsCommand", canary);
      await repo.git("clone", "--quiet", "--bare", ".", join(outside, "alternate"));
      await repo.write(".git/objects/info/alternates", `${join(outside, "alternate")}/objects\n`);
    },
  },
  { name: "alias of a builtin", set: config("alias.status", "!%") },
  { name: "uploadpack.packObjectsHook", set: config("uploadpack.packObjectsHook") },
  { name: "interactive.diffFilter", set: config("interactive.diffFilter") },
  { name: "trailer command", set: config("trailer.sign.command") },
  { name: "core.askPass", set: config("core.askPass") },
  {
    name: "core.worktree elsewhere",
    set: async (repo, canary, outside) => {
      await repo.git("config", "core.fsmonitor", canary);
      await repo.git("config", "core.worktree", outside);
    },
    spring: ["status"],
  },
  {
    name: "a pointer to a prepared repository",
    set: async (repo, canary) => {
      await repo.git("config", "core.fsmonitor", canary);
      execFileSync("mv", [join(repo.path, ".git"), join(repo.path, "prepared")]);
      writeFileSync(join(repo.path, ".git"), "gitdir: prepared\n");
    },
    spring: ["status"],
  },
];

const sprung = new Set<string>();

/** Everything the package can be asked, with a changed, a deleted and a new file at hand. */
async function askEverything(git: Git, repository: FixtureRepository): Promise<string[]> {
  const answers = await Promise.all([
    git.status(),
    git.diff(),
    git.diff({ base: "HEAD", binary: true }),
    git.diff({ staged: true }),
    git.changedFiles(),
    git.untrackedFiles(),
    git.listFiles({ untracked: true }),
    git.show("HEAD:a.txt"),
    git.mergeBase("HEAD", "HEAD"),
    git.currentBranch(),
    git.log(10),
  ]);
  await repository.write("fresh.txt", "fresh\n");
  const committed = await git.commit({ message: "message", paths: ["fresh.txt", "a.txt"] });
  const kinds = [...answers, committed].map(({ kind }) => kind);
  return kinds;
}

/** As a person would run it. Whether it succeeds is of no interest. */
function runPlainGit({ repository, home }: Checkout, args: readonly string[], terminal = false): void {
  const [file, ...rest] = terminal
    ? ["script", "--quiet", "--command", `git ${args.join(" ")}`, "/dev/null"]
    : ["git", ...args];
  spawnSync(file ?? "git", rest, {
    cwd: repository.path,
    env: { PATH: process.env.PATH, HOME: home, TERM: "vt100", GIT_TERMINAL_PROMPT: "0", SHELL: "/bin/sh" },
    input: "protocol=https\nhost=localhost\n\n",
    stdio: ["pipe", "ignore", "ignore"],
    timeout: 10_000,
  });
}

describe.each(TRAPS)("$name", ({ name, set, spring, terminal }) => {
  test("does not run", async () => {
    let fired = "";
    await using checkout = await openCheckout(
      { "a.txt": "one\n", "b.txt": "two\n" },
      async (repo, outside) => {
        fired = join(outside, "fired");
        const canary = join(outside, "canary");
        writeFileSync(canary, `#!/bin/sh\n: > ${fired}\nexit 0\n`, { mode: 0o755 });
        await set(repo, canary, outside);
        await repo.write("a.txt", "changed\n");
      },
    );
    rmSync(fired, { force: true });
    const kinds = await askEverything(checkout.git, checkout.repository);
    expect(existsSync(fired)).toBe(false);
    expect(kinds.filter((kind) => kind === "ok").length).toBeGreaterThanOrEqual(7);

    if (!spring) return;
    await checkout.repository.write("a.txt", "changed again\n");
    runPlainGit(checkout, spring, terminal);
    expect(existsSync(fired), "plain git must step into the trap, or this test proves nothing").toBe(true);
    sprung.add(name);
  });
});

// Only root can give files to someone else.
test.runIf(process.getuid?.() === 0)(
  "a repository that belongs to someone else can run nothing either",
  async () => {
    let fired = "";
    await using checkout = await openCheckout(undefined, async (repo, outside) => {
      fired = join(outside, "fired");
      await repo.git("config", "core.fsmonitor", `touch ${fired}; false`);
      for (const name of [".", ".git", ".git/config", ".git/HEAD"])
        chownSync(join(repo.path, name), 65534, 65534);
    });
    rmSync(fired, { force: true });
    await askEverything(checkout.git, checkout.repository);
    expect(existsSync(fired)).toBe(false);
  },
);

test("later changes of the configuration are not seen either", async () => {
  await using checkout = await openCheckout();
  const fired = join(checkout.outside, "fired");
  await checkout.repository.git("config", "core.fsmonitor", `touch ${fired}; false`);
  await addHooks(join(checkout.repository.path, ".git/hooks"), "/bin/false");
  await checkout.repository.write("a.txt", "changed\n");
  const kinds = await askEverything(checkout.git, checkout.repository);
  expect({ fired: existsSync(fired), last: kinds.at(-1) }).toEqual({ fired: false, last: "committed" });
  expect(readdirSync(join(checkout.repository.path, ".git/hooks")).length).toBeGreaterThan(0);
});

afterAll(() => {
  const wanted = TRAPS.filter(({ spring }) => spring).length;
  expect(sprung.size).toBe(wanted);
});
