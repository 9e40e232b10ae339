import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fixtureRepository, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { memoryRoot } from "./project-root.ts";

test("worktrees share the memories of their repository; a folder without one has its own", async () => {
  await using repository = await fixtureRepository({ files: { "src/a.txt": "one\n" } });
  await using beside = await temporaryDirectory("quire-memory-root-");
  const tree = join(realpathSync(beside.path), "tree");
  await repository.git("worktree", "add", "-q", tree, "-b", "side");
  const root = realpathSync(repository.path);
  expect([join(root, "src"), join(tree, "src"), beside.path].map(memoryRoot)).toEqual([
    root,
    root,
    beside.path,
  ]);
});

test("an unpacked archive that claims to be a worktree of another project does not get its memories", async () => {
  await using repository = await fixtureRepository({ files: { "a.txt": "one\n" } });
  await using beside = await temporaryDirectory("quire-memory-root-");
  const [tree, forged] = [join(realpathSync(beside.path), "tree"), join(realpathSync(beside.path), "forged")];
  await repository.git("worktree", "add", "-q", tree, "-b", "side");
  mkdirSync(forged);
  writeFileSync(join(forged, ".git"), `gitdir: ${realpathSync(repository.path)}/.git/worktrees/tree\n`);
  expect(memoryRoot(forged)).toBe(forged);
});
