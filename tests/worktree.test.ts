import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, patches, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld, type WorldOptions } from "./support/exec-world.ts";

const PATCH = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch";

async function worktreeWorld(options: WorldOptions) {
  const world = await execWorld(options);
  const quire = (...args: string[]) => world.quire(args);
  const rows = async () => JSON.parse((await quire("worktree", "list", "--json")).stdout);
  return { world, quire, rows, [Symbol.asyncDispose]: () => world[Symbol.asyncDispose]() };
}

test("a thread works in a checkout of its own, goes back to it, and the checkout is removed on demand", async () => {
  await using here = await worktreeWorld({
    steps: [
      patches(PATCH),
      callsTool("exec_command", { cmd: "pwd; cat a.txt .git; echo x > .git && echo written" }),
      says("done"),
      callsTool("exec_command", { cmd: "pwd; cat a.txt" }),
      says("again"),
    ],
  });
  const { world, quire, rows } = here;
  await world.repository.write("a.txt", "not committed\n");
  const { run, events } = await world.execJson(["--worktree", "change it"]);
  expect(run).toMatchObject({
    exitCode: 0,
    stderr: expect.stringContaining("uncommitted changes left there"),
  });
  const id = events[0]?.type === "thread.started" ? events[0].thread_id : "";
  const [row] = await rows();
  expect(row).toMatchObject({ thread: id, changed: 1, loseCommits: false, branch: null });
  expect(row.path.startsWith(`${world.quireHome}-worktrees/`)).toBe(true);
  expect(await readFile(join(row.path, "a.txt"), "utf8")).toBe("two\n");
  expect(await world.repository.read("a.txt")).toBe("not committed\n");
  const [, , third] = world.server.requests;
  const output = third?.toolOutputs.at(-1) ?? "";
  expect(output).toContain(`${row.path}\ntwo\ngitdir: `);
  expect(output).not.toContain("written");

  expect((await world.exec(["resume", id, "go on"])).exitCode).toBe(0);
  expect(world.server.requests.at(-1)?.toolOutputs.at(-1)).toContain(`${row.path}\ntwo\n`);

  const refused = await quire("worktree", "remove", id);
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("1 changed file") });
  const removed = await quire("worktree", "remove", "--force", id);
  expect(removed).toMatchObject({ exitCode: 0, stdout: `${row.path} removed\n` });
  expect(existsSync(row.path)).toBe(false);
  expect(await rows()).toEqual([]);
  expect(await world.repository.git("worktree", "list", "--porcelain")).not.toContain(row.path);
  const gone = await world.exec(["resume", id, "go on"]);
  expect(gone).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("[directory_unusable]") });
});

test("no hook and no filter of the repository runs, and commits on no branch are not thrown away", async () => {
  await using here = await worktreeWorld({
    files: { "a.txt": "one\n", ".gitattributes": "*.txt filter=evil\n" },
    steps: [says("ok")],
  });
  const { world, quire, rows } = here;
  const mark = join(world.home.path, "ran");
  await world.repository.git("config", "filter.evil.smudge", `touch ${mark}; cat`);
  await world.repository.git("config", "filter.evil.clean", `touch ${mark}; cat`);
  const hook = join(world.repository.path, ".git/hooks/post-checkout");
  await writeFile(hook, `#!/bin/sh\ntouch ${mark}\n`, { mode: 0o755 });
  expect((await world.exec(["--worktree", "go"])).exitCode).toBe(0);
  const [row] = await rows();
  expect(row).toMatchObject({ changed: 0, loseCommits: false });
  expect(existsSync(mark)).toBe(false);
  const commit = ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "kept"];
  await world.repository.git("-C", row.path, ...commit);
  const refused = await quire("worktree", "remove", row.path);
  expect(refused).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("commits on no branch") });
  await world.repository.git("-C", row.path, "branch", "saved");
  expect((await quire("worktree", "remove", row.path)).exitCode).toBe(0);
});

test.each<[words: string[], text: string]>([
  [["worktree"], "say list, or remove"],
  [["worktree", "remove"], "needs a worktree"],
  [["worktree", "remove", "nothing"], 'there is no one worktree "nothing"'],
  [["exec", "--worktree", "resume", "--last", "x"], "--worktree goes with a new thread"],
])("%j says what is wrong", async (words, text) => {
  await using here = await worktreeWorld({});
  expect(await here.quire(...words)).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(text) });
});

test("outside a repository there is nothing to check out", async () => {
  await using here = await worktreeWorld({ git: false });
  const run = await here.world.exec(["--worktree", "x"]);
  expect(run).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("[not_a_repository]") });
});
