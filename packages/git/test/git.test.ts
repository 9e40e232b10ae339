import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixtureRepository, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { findGit, findProgram, openGit, type ProcessRequest, runProcess } from "../src/index.ts";
import { openCheckout, reopen } from "./checkout.ts";

test("status, changes and lists describe the same state", async () => {
  await using checkout = await openCheckout({
    "a.txt": "one\ntwo\n",
    "b.txt": "b\nb\nb\nb\n",
    "c d\n.txt": "c\n",
    ".gitignore": "*.log\n",
  });
  const { repository, git } = checkout;
  await repository.write("a.txt", "one\nTWO\n");
  await repository.git("mv", "b.txt", "moved.txt");
  rmSync(join(repository.path, "c d\n.txt"));
  await repository.write("new/ü.txt", "new\n");
  await repository.write("x.log", "ignored");
  const commit = await repository.git("rev-parse", "HEAD");
  expect(await git.status()).toEqual({
    kind: "ok",
    value: {
      branch: { commit, name: "main" },
      entries: [
        { kind: "changed", path: "a.txt", index: ".", worktree: "M", submodule: false },
        { kind: "changed", path: "c d\n.txt", index: ".", worktree: "D", submodule: false },
        { kind: "renamed", path: "moved.txt", from: "b.txt", score: 100, index: "R", worktree: "." },
        { kind: "untracked", path: "new/ü.txt" },
      ],
    },
  });
  expect(await git.changedFiles()).toEqual({
    kind: "ok",
    value: [
      { path: "a.txt", status: "modified", lines: { added: 1, deleted: 1 } },
      { path: "c d\n.txt", status: "deleted", lines: { added: 0, deleted: 1 } },
      { path: "moved.txt", status: "renamed", from: "b.txt", lines: { added: 0, deleted: 0 } },
    ],
  });
  expect(await git.untrackedFiles()).toEqual({ kind: "ok", value: ["new/ü.txt"] });
  expect(await git.listFiles({ untracked: true, paths: ["new", "a.txt"] })).toEqual({
    kind: "ok",
    value: ["a.txt", "new/ü.txt"],
  });
});

test("the files of a tree have the blobs that they are stored as, and the fingerprint changes with them", async () => {
  await using checkout = await openCheckout({
    ".gitignore": "*.log\n",
    "a.txt": "one\n",
    "gone.txt": "gone\n",
    "tab\t.txt": "tab\n",
    "same.txt": "same\n",
  });
  const { repository, git } = checkout;
  symlinkSync("a.txt", join(repository.path, "link.txt"));
  await repository.git("add", "link.txt");
  const seen = async () => {
    const listed = await git.treeFiles();
    if (listed.kind !== "ok") throw new Error(listed.message);
    const { fingerprint, unstored, files } = listed.value;
    return { fingerprint, unstored: unstored(), files: files() };
  };
  const before = await seen();
  expect(await seen()).toEqual(before);
  await repository.write("a.txt", "TWO lines\nnow\n");
  await repository.write("new/ü.txt", "new\n");
  await repository.write("x.log", "ignored");
  rmSync(join(repository.path, "gone.txt"));
  const after = await seen();
  expect(after.fingerprint).not.toBe(before.fingerprint);
  const stored = async (path: string) => ({ path, blob: await repository.git("rev-parse", `HEAD:${path}`) });
  expect([...after.unstored].sort()).toEqual(["a.txt", "gone.txt", "new/ü.txt"]);
  expect(after.files).toEqual([
    await stored(".gitignore"),
    { path: "a.txt", blob: null },
    { path: "new/ü.txt", blob: null },
    await stored("same.txt"),
    await stored("tab\t.txt"),
  ]);
});

test("a diff has the sides, paths and context that were asked for", async () => {
  await using checkout = await openCheckout();
  const { repository, git } = checkout;
  const base = await repository.git("rev-parse", "HEAD");
  await repository.write("a.txt", "one\n2\n");
  await repository.write("b.txt", "b\n");
  await repository.git("add", "b.txt");
  const patch = async (request: Parameters<typeof git.diff>[0]) => {
    const outcome = await git.diff(request);
    return outcome.kind === "ok" ? outcome.value.patch.toString("utf8") : outcome;
  };
  expect(await patch({ context: 0 })).toMatch(/^@@ -2 \+2 @@ one\n-two\n\+2\n$/m);
  expect(await patch({ staged: true })).toContain("+++ b/b.txt\n");
  expect(await patch({ staged: true })).not.toContain("a.txt");
  expect(await patch({ base: "HEAD", paths: ["a.txt"] })).not.toContain("b.txt");
  const head = await repository.commit("second");
  expect(await patch({ base, head })).toContain("+2\n");
  expect(await patch({})).toBe("");
  expect(await git.diff({ head })).toMatchObject({ kind: "failed", code: "bad-argument" });
});

test("a diff beyond the bound is cut off and says so; a list beyond it is a failure", async () => {
  await using checkout = await openCheckout();
  await checkout.repository.write("a.txt", "line\n".repeat(200_000));
  const outcome = await checkout.git.diff({ maxOutputBytes: 1000 });
  expect(outcome).toMatchObject({ kind: "ok", value: { truncated: true } });
  expect(outcome.kind === "ok" && outcome.value.patch.length).toBe(1000);
  expect(await checkout.git.listFiles({ maxOutputBytes: 2 })).toMatchObject({
    kind: "failed",
    code: "output-too-large",
  });
});

test("history is read, also where there is none yet", async () => {
  await using checkout = await openCheckout();
  const { repository, git } = checkout;
  const first = await repository.git("rev-parse", "HEAD");
  await repository.git("checkout", "--quiet", "-b", "side");
  await repository.write("s.txt", "s");
  const second = await repository.commit("second\n\nwith a body\nof two lines");
  await repository.git("checkout", "--quiet", "main");
  const person = { name: "Fixture", email: "fixture@example.invalid", time: 1735689600 };
  expect(await git.log(1, { from: "side" })).toEqual({
    kind: "ok",
    value: [
      {
        hash: second,
        parents: [first],
        author: person,
        committer: person,
        subject: "second",
        body: "with a body\nof two lines",
      },
    ],
  });
  expect(await git.mergeBase("main", "side")).toEqual({ kind: "ok", value: first });
  expect(await git.resolveRef("side")).toEqual({ kind: "ok", value: second });
  expect(await git.resolveRef("nowhere")).toMatchObject({ kind: "failed", code: "not-found" });
  expect(await git.currentBranch()).toEqual({ kind: "ok", value: "main" });
  await repository.git("checkout", "--quiet", "--detach");
  expect(await git.currentBranch()).toEqual({ kind: "ok", value: null });
  await repository.git("checkout", "--quiet", "--orphan", "empty");
  expect(await git.log(5)).toEqual({ kind: "ok", value: [] });
  expect(await git.currentBranch()).toEqual({ kind: "ok", value: "empty" });
});

test("a stored file is shown as it is stored", async () => {
  await using checkout = await openCheckout({
    "dir/run.sh": { content: "#!/bin/sh\n", mode: 0o755 },
    "*.txt": "star",
    "a.txt": "a",
  });
  const { git } = checkout;
  expect(await git.show("HEAD:dir/run.sh")).toEqual({
    kind: "ok",
    value: { mode: "executable", content: Buffer.from("#!/bin/sh\n") },
  });
  expect(await git.show("main:*.txt")).toEqual({
    kind: "ok",
    value: { mode: "file", content: Buffer.from("star") },
  });
  for (const name of ["HEAD:dir", "HEAD:none", "none:a.txt"]) {
    expect(await git.show(name)).toMatchObject({ kind: "failed", code: "not-found" });
  }
});

test.each(["--output=/tmp/x", "-x", "", "a\nb", "a\0b"])("%j is refused as a revision", async (revision) => {
  await using checkout = await openCheckout();
  const refused = { kind: "failed", code: "bad-argument" };
  expect(await checkout.git.diff({ base: revision })).toMatchObject(refused);
  expect(await checkout.git.resolveRef(revision)).toMatchObject(refused);
  expect(await checkout.git.show(`${revision}:a.txt`)).toMatchObject(refused);
  expect(await checkout.git.log(1, { from: revision })).toMatchObject(refused);
});

test("a commit holds the named paths and nothing else that is staged", async () => {
  await using checkout = await openCheckout({ "a.txt": "a\n", "gone.txt": "g\n", "b.txt": "b\n" });
  const { repository, git } = checkout;
  const parent = await repository.git("rev-parse", "HEAD");
  await repository.write("a.txt", "A\n");
  await repository.write("dir/new.txt", "n\n");
  rmSync(join(repository.path, "gone.txt"));
  await repository.write("b.txt", "staged, stays so\n");
  await repository.git("add", "b.txt");
  const outcome = await git.commit({
    message: "change: things\n\nbody\n",
    paths: ["a.txt", "dir", "gone.txt"],
    author: { name: "Grace H", email: "grace@example.invalid" },
  });
  const commit = await repository.git("rev-parse", "HEAD");
  expect(outcome).toEqual({ kind: "committed", commit, parent, paths: ["a.txt", "dir/new.txt", "gone.txt"] });
  expect(await repository.git("log", "-1", "--format=%an|%ae|%cn|%ce|%B")).toBe(
    "Grace H|grace@example.invalid|Ada|ada@example.invalid|change: things\n\nbody",
  );
  expect(await repository.git("status", "--porcelain")).toBe("M  b.txt");
  expect(await repository.git("reflog", "-1", "--format=%gs")).toBe("commit: change: things");
  expect(await repository.git("fsck", "--strict")).toBe("");
});

test("a first commit is made on an unborn branch", async () => {
  await using checkout = await openCheckout();
  const { repository, git } = checkout;
  await repository.git("checkout", "--quiet", "--orphan", "fresh");
  await repository.git("rm", "--quiet", "-r", "--cached", ".");
  expect(await git.commit({ message: "first", paths: ["a.txt"] })).toMatchObject({
    kind: "committed",
    parent: null,
    paths: ["a.txt"],
  });
  expect(await repository.git("status", "--porcelain", "--branch")).toBe("## fresh");
});

test("what must not be committed is refused, and nothing changes", async () => {
  await using checkout = await openCheckout({
    "a.txt": "a\n",
    ".gitattributes": "*.bin filter=lfs\n",
  });
  const { repository, git, setup, home } = checkout;
  const before = await repository.git("rev-parse", "HEAD");
  expect(await git.commit({ message: "m", paths: ["a.txt"] })).toMatchObject({ reason: "nothing-to-commit" });
  await repository.write("a.txt", "b\n");
  expect(await git.commit({ message: " ", paths: ["a.txt"] })).toMatchObject({ code: "bad-argument" });
  expect(await git.commit({ message: "m", paths: ["../x"] })).toMatchObject({ code: "bad-argument" });
  expect(await git.commit({ message: "m", paths: ["sub/.GIT/config"] })).toMatchObject({
    code: "bad-argument",
  });

  await repository.write("big.bin", "big");
  await repository.git("config", "--file", join(home, ".gitconfig"), "filter.lfs.clean", "cat");
  const filtering = await reopen(setup);
  expect(filtering.filtersOff).toEqual(["lfs"]);
  expect(await filtering.commit({ message: "m", paths: ["big.bin"] })).toMatchObject({
    reason: "filtered-paths",
  });
  filtering.close();

  await repository.git("init", "--quiet", "inner");
  await repository.git("-C", "inner", "commit", "--quiet", "--allow-empty", "--message=x");
  expect(await git.commit({ message: "m", paths: ["inner"] })).toMatchObject({ reason: "nested-repository" });

  const anonymous = await reopen({ ...setup, env: { ...setup.env, GIT_CONFIG_GLOBAL: "/dev/null" } });
  expect(await anonymous.commit({ message: "m", paths: ["a.txt"] })).toMatchObject({ reason: "no-identity" });
  anonymous.close();

  writeFileSync(join(repository.path, ".git", "MERGE_HEAD"), `${before}\n`);
  expect(await git.commit({ message: "m", paths: ["a.txt"] })).toMatchObject({
    reason: "operation-in-progress",
  });
  expect(await repository.git("rev-parse", "HEAD")).toBe(before);
});

test("a branch that moves meanwhile is left where it is", async () => {
  await using checkout = await openCheckout();
  const { repository, setup } = checkout;
  let other = "";
  const git = await reopen({
    ...setup,
    run: async (request) => {
      if (request.args.includes("update-ref")) {
        other = await repository.git("commit-tree", "HEAD^{tree}", "-m", "other");
        await repository.git("update-ref", "HEAD", other);
      }
      return runProcess(request);
    },
  });
  await repository.write("a.txt", "mine\n");
  expect(await git.commit({ message: "m", paths: ["a.txt"] })).toMatchObject({
    kind: "refused",
    reason: "moved",
  });
  expect(await repository.git("rev-parse", "HEAD")).toBe(other);
  git.close();
});

test("a signing user is told that the commit is unsigned", async () => {
  await using checkout = await openCheckout(undefined, async (repository) => {
    await repository.git("config", "commit.gpgSign", "true");
  });
  await checkout.repository.write("a.txt", "b\n");
  expect(await checkout.git.commit({ message: "m", paths: ["a.txt"] })).toMatchObject({ unsigned: true });
});

test("a linked worktree is read and written; a stolen pointer is only read", async () => {
  await using checkout = await openCheckout();
  const { repository, setup, outside } = checkout;
  const linked = join(outside, "linked");
  await repository.git("worktree", "add", "--quiet", "-b", "side", linked);
  writeFileSync(join(linked, "a.txt"), "side\n");
  const git = await reopen({ ...setup, root: linked });
  expect(await git.currentBranch()).toEqual({ kind: "ok", value: "side" });
  expect(await git.commit({ message: "on the side", paths: ["a.txt"] })).toMatchObject({ kind: "committed" });
  expect(await repository.git("log", "-1", "--format=%s", "side")).toBe("on the side");
  git.close();

  const thief = join(outside, "thief");
  execFileSync("mkdir", [thief]);
  writeFileSync(join(thief, ".git"), `gitdir: ${repository.path}/.git\n`);
  writeFileSync(join(thief, "a.txt"), "thief\n");
  const stolen = await reopen({ ...setup, root: thief });
  expect(await stolen.changedFiles()).toMatchObject({ kind: "ok", value: [{ path: "a.txt" }] });
  expect(await stolen.commit({ message: "m", paths: ["a.txt"] })).toMatchObject({
    reason: "foreign-repository",
  });
  stolen.close();
});

test("a branch's upstream is seen without its address", async () => {
  await using other = await fixtureRepository({ files: { "a.txt": "a\n" } });
  await using checkout = await openCheckout(undefined, async (repository) => {
    await repository.git("remote", "add", "origin", other.path);
    await repository.git("fetch", "--quiet", "origin");
    await repository.git("reset", "--quiet", "--hard", "origin/main");
    await repository.git("branch", "--quiet", "--set-upstream-to=origin/main");
    await repository.write("b.txt", "b");
    await repository.commit("ahead");
  });
  expect(await checkout.git.status()).toMatchObject({
    value: { branch: { name: "main", upstream: { name: "origin/main", ahead: 1, behind: 0 } } },
  });
});

test("waiting ends with the signal or the time", async () => {
  await using checkout = await openCheckout();
  const git = await reopen({
    ...checkout.setup,
    run: (request: ProcessRequest) =>
      request.args.includes("status")
        ? runProcess({ ...request, file: "/bin/sh", args: ["-c", "sleep 60 & wait"] })
        : runProcess(request),
  });
  const started = performance.now();
  expect(await git.status({ timeoutMs: 100 })).toMatchObject({ kind: "failed", code: "timed-out" });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 100);
  expect(await git.status({ signal: controller.signal })).toMatchObject({ code: "interrupted" });
  expect(await git.status({ signal: controller.signal })).toMatchObject({ code: "interrupted" });
  expect(performance.now() - started).toBeLessThan(25_000);
  git.close();
});

test("closing leaves nothing behind and may be done twice", async () => {
  await using checkout = await openCheckout();
  const { git, setup } = checkout;
  expect(readdirSync(setup.scratchParent)).toHaveLength(1);
  git.close();
  git.close();
  expect(readdirSync(setup.scratchParent)).toEqual([]);
  expect(await git.status()).toMatchObject({ kind: "failed", code: "closed" });
});

test("what is no repository, or none we understand, is said", async () => {
  await using folder = await temporaryDirectory();
  await using checkout = await openCheckout();
  const { setup, repository } = checkout;
  expect(await openGit({ ...setup, root: folder.path })).toMatchObject({ kind: "not-a-repository" });
  expect(await openGit({ ...setup, root: join(repository.path, "none") })).toMatchObject({
    kind: "not-a-repository",
  });
  await repository.git("config", "core.repositoryFormatVersion", "1");
  await repository.git("config", "extensions.sideways", "true");
  expect(await openGit(setup)).toMatchObject({ kind: "unusable" });
  writeFileSync(join(repository.path, ".git", "config"), "[broken");
  expect(await openGit(setup)).toMatchObject({ kind: "unusable" });
  renameSync(join(repository.path, ".git"), join(repository.path, "dot-git"));
  expect(await openGit(setup)).toMatchObject({ kind: "not-a-repository" });
});

test("git is never a file that a command could have written", async () => {
  await using folder = await temporaryDirectory();
  writeFileSync(join(folder.path, "git"), "#!/bin/sh\n", { mode: 0o755 });
  expect(existsSync(findGit(folder.path, [folder.path]) ?? "none")).toBe(true);
  expect(findGit(`${folder.path}:.`, ["/", folder.path])).toBeUndefined();
});

test("a program of the workspace is not found, by its folder, by a link to it or by a link to its folder", async () => {
  await using folder = await temporaryDirectory("quire-programs-");
  const at = (name: string) => join(folder.path, name);
  for (const name of ["workspace/bin", "links", "own"]) mkdirSync(at(name), { recursive: true });
  for (const name of ["workspace/bin/tool", "own/tool"])
    writeFileSync(at(name), "#!/bin/sh\n", { mode: 0o755 });
  writeFileSync(at("links/plain"), "no program", { mode: 0o644 });
  symlinkSync(at("workspace/bin/tool"), at("links/tool"));
  symlinkSync(at("workspace/bin"), at("folder"));
  const find = (name: string, ...folders: string[]) =>
    findProgram(name, [...folders.map(at), "own"].join(":"), [at("workspace")]);
  expect([
    find("tool", "workspace/bin", "links", "folder"),
    find("plain", "links"),
    find("tool", "workspace/bin", "links", "own"),
  ]).toEqual([undefined, undefined, at("own/tool")]);
});
