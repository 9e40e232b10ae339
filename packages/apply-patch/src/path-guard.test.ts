import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { describe, expect, test } from "vitest";
import { makeWorkspace } from "../test/workspace.ts";
import { applyPatch } from "./apply.ts";
import { createPathGuard } from "./path-guard.ts";

describe("createPathGuard", () => {
  const refused = [
    ["../x", "outside"],
    ["/etc/passwd", "outside"],
    ["sub/../../x", "outside"],
    ["../work2/x", "outside"],
    ["out/x", "outside"],
    ["sub/deep-out/x/y", "outside"],
    ["leaf-out", "outside"],
    ["dangling-out", "outside"],
    ["loop", "too many links"],
    ["nul\0x", "NUL"],
    [".git", "protected"],
    [".git/config", "protected"],
    [".GIT/config", "protected"],
    [".Git./config", "protected"],
    [".git /config", "protected"],
    [".git. . ./config", "protected"],
    ["sub/.git/hooks/pre-commit", "protected"],
    ["a/../.git/config", "protected"],
    ["git~1/config", "protected"],
    ["GIT~2", "protected"],
    [".g\u200cit/config", "protected"],
    [".git::$INDEX_ALLOCATION/config", "protected"],
    ["\uff0egit/config", "protected"],
    ["to-git/config", "protected"],
    ["fifo", "device"],
  ] as const;

  const accepted = [
    ["x", "x"],
    ["sub/new/deep/x", "sub/new/deep/x"],
    ["sub/../x", "x"],
    ["in/x", "sub/x"],
    ["leaf-in", "sub/target"],
    [".gitignore", ".gitignore"],
    [".github/x", ".github/x"],
    ["git", "git"],
    ["..x", "..x"],
    [".gitx~1", ".gitx~1"],
  ] as const;

  function makeTree() {
    const space = makeWorkspace({ "sub/target": "t", ".git/config": "c" });
    const { root } = space;
    const outside = path.join(path.dirname(root), "outside");
    fs.mkdirSync(path.join(outside, "x"), { recursive: true });
    fs.symlinkSync(outside, path.join(root, "out"));
    fs.symlinkSync("../../outside", path.join(root, "sub/deep-out"));
    fs.symlinkSync(path.join(outside, "secret"), path.join(root, "leaf-out"));
    fs.symlinkSync("/nowhere/at/all", path.join(root, "dangling-out"));
    fs.symlinkSync("loop", path.join(root, "loop"));
    fs.symlinkSync("sub", path.join(root, "in"));
    fs.symlinkSync("sub/target", path.join(root, "leaf-in"));
    fs.symlinkSync(".git", path.join(root, "to-git"));
    execFileSync("mkfifo", [path.join(root, "fifo")]);
    return space;
  }

  test("refuses what leads out, what is protected and what is no file", () => {
    using space = makeTree();
    const guard = createPathGuard({ root: space.root });
    for (const [name, reason] of refused) {
      const decision = guard(path.resolve(space.root, name), "write");
      expect(decision, name).toMatchObject({ ok: false, reason: expect.stringContaining(reason) });
    }
  });

  test("accepts the rest and resolves links", () => {
    using space = makeTree();
    const guard = createPathGuard({ root: space.root });
    for (const [name, real] of accepted) {
      const decision = guard(path.resolve(space.root, name), "write");
      expect(decision, name).toEqual({ ok: true, path: path.join(space.root, real) });
    }
  });

  test("a link that leads out may itself be deleted, what lies behind it may not", () => {
    using space = makeTree();
    const guard = createPathGuard({ root: space.root });
    const link = path.join(space.root, "leaf-out");
    expect(guard(link, "delete")).toEqual({ ok: true, path: link });
    expect(guard(path.join(space.root, "out/x"), "delete")).toMatchObject({ ok: false });
  });

  test("more roots, roots behind links, and a root within a protected folder", () => {
    using space = makeTree();
    const base = path.dirname(space.root);
    const alias = path.join(base, "alias");
    fs.symlinkSync(space.root, alias);
    const inGit = path.join(space.root, ".git", "worktrees");
    fs.mkdirSync(inGit);
    const guard = createPathGuard({
      root: alias,
      writableRoots: [path.join(base, "outside"), inGit, "/not/there"],
    });
    const accept = (name: string) => guard(name, "write");
    expect(accept(path.join(alias, "x"))).toEqual({ ok: true, path: path.join(space.root, "x") });
    expect(accept(path.join(space.root, "x"))).toEqual({ ok: true, path: path.join(space.root, "x") });
    expect(accept(path.join(base, "outside/x"))).toMatchObject({ ok: true });
    expect(accept(path.join(space.root, "out/y"))).toEqual({ ok: true, path: path.join(base, "outside/y") });
    expect(accept(path.join(inGit, "f"))).toMatchObject({ ok: true });
    expect(accept(path.join(alias, ".git/config"))).toMatchObject({ ok: false });
  });
});

describe("links and special files", () => {
  const change = (name: string): string =>
    `*** Begin Patch\n*** Update File: ${name}\n@@\n-a\n+b\n*** End Patch\n`;

  test("a link within the workspace is followed and stays a link", async () => {
    using space = makeWorkspace({ "real.txt": "a\n" });
    fs.symlinkSync("real.txt", path.join(space.root, "link"));
    expect(await applyPatch(change("link"), { cwd: space.root })).toMatchObject({ ok: true });
    expect(space.read()).toEqual({ link: "-> real.txt", "real.txt": "b\n" });
  });

  test("deleting or moving a link leaves its target alone", async () => {
    using space = makeWorkspace({ "real.txt": "a\n" });
    fs.symlinkSync("real.txt", path.join(space.root, "one"));
    fs.symlinkSync("real.txt", path.join(space.root, "two"));
    const patch = `*** Begin Patch
*** Delete File: one
*** Update File: two
*** Move to: copy.txt
@@
-a
+b
*** Add File: one
+now a file
*** End Patch
`;
    expect(await applyPatch(patch, { cwd: space.root })).toMatchObject({ ok: true });
    expect(space.read()).toEqual({ "copy.txt": "b\n", one: "now a file\n", "real.txt": "a\n" });
  });

  test("moving a file onto a link to itself loses nothing", async () => {
    using space = makeWorkspace({ "real.txt": "a\n" });
    fs.symlinkSync("real.txt", path.join(space.root, "link"));
    const patch = change("real.txt").replace("@@", "*** Move to: link\n@@");
    expect(await applyPatch(patch, { cwd: space.root })).toMatchObject({ ok: true });
    expect(space.read()).toEqual({ link: "-> real.txt", "real.txt": "b\n" });
  });

  test("another name of the same file, perhaps outside of the workspace, keeps the old content", async () => {
    using space = makeWorkspace({ "f.txt": "a\n" });
    const outside = path.join(path.dirname(space.root), "other-name");
    fs.linkSync(path.join(space.root, "f.txt"), outside);
    expect(await applyPatch(change("f.txt"), { cwd: space.root })).toMatchObject({ ok: true });
    expect(space.read()).toEqual({ "f.txt": "b\n" });
    expect(fs.readFileSync(outside, "utf8")).toBe("a\n");
  });

  test("mode is kept by updates and moves, new files get the usual one", async () => {
    using space = makeWorkspace({ "run.sh": "a\n", "tool.sh": "a\n" });
    fs.chmodSync(path.join(space.root, "run.sh"), 0o751);
    fs.chmodSync(path.join(space.root, "tool.sh"), 0o755);
    const move = change("tool.sh").replace("@@", "*** Move to: bin/tool\n@@");
    await applyPatch(change("run.sh"), { cwd: space.root });
    await applyPatch(move, { cwd: space.root });
    await applyPatch("*** Begin Patch\n*** Add File: new\n+x\n*** End Patch", { cwd: space.root });
    const mode = (name: string): number => fs.statSync(path.join(space.root, name)).mode & 0o777;
    const usual = 0o666 & ~process.umask();
    expect([mode("run.sh"), mode("bin/tool"), mode("new")]).toEqual([0o751, 0o755, usual]);
  });

  test("a name that is too long is one clear error", async () => {
    using space = makeWorkspace();
    const patch = `*** Begin Patch\n*** Add File: ok\n+1\n*** Add File: ${"n".repeat(300)}\n+x\n*** End Patch`;
    const outcome = await applyPatch(patch, { cwd: space.root });
    expect(outcome).toMatchObject({ ok: false, error: { message: expect.stringContaining("ENAMETOOLONG") } });
    expect(space.read()).toEqual({});
  });
});
