import { appendFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import { runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { type ExecWorld, execWorld } from "./support/exec-world.ts";

async function thread(world: ExecWorld): Promise<{ id: string; path: string }> {
  const { events } = await world.execJson(["one"]);
  const [started] = events;
  if (started?.type !== "thread.started") throw new Error("no thread");
  return { id: started.thread_id, path: started.rollout_path ?? "" };
}

test("archive, unarchive, delete: a thread goes, comes back and goes for good", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const { id, path } = await thread(world);
  const quire = (...args: string[]) => runQuire(args, { home: world.home.path });
  expect(await quire("archive", id.slice(0, 13))).toMatchObject({ exitCode: 0, stdout: `${id} archived\n` });
  expect(existsSync(path)).toBe(false);
  expect(await quire("archive", id)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("[thread_not_found]"),
  });
  expect((await world.exec(["resume", id, "x"])).stderr).toContain("[thread_not_found]");
  expect(await quire("unarchive", id)).toMatchObject({ exitCode: 0, stdout: `${id} brought back\n` });
  expect(existsSync(path)).toBe(true);
  expect((await world.exec(["resume", id, "two"])).exitCode).toBe(0);
  expect(await quire("delete", id)).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("--force"),
  });
  expect(await quire("delete", "--force", id)).toMatchObject({ exitCode: 0, stdout: `${id} deleted\n` });
  expect(existsSync(path)).toBe(false);
  expect(await quire("archive")).toMatchObject({ exitCode: 2 });
});

test("a name stands for its thread everywhere; one that several have stands for none", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const quire = (...args: string[]) => runQuire(args, { home: world.home.path, cwd: world.repository.path });
  const call = async (...words: string[]) => {
    const { run, events } = await world.execJson(words);
    return { ...run, id: events[0]?.type === "thread.started" ? events[0].thread_id : "" };
  };
  const name = (id: string, text: string) => {
    const line = { id, thread_name: text, updated_at: "2026-11-21T00:00:00.000Z" };
    appendFileSync(join(world.quireHome, "session_index.jsonl"), `${JSON.stringify(line)}\n`);
  };
  const { id } = await thread(world);
  name(id, "the flaky test");
  expect((await call("resume", "the flaky test", "two")).id).toBe(id);
  const fork = await call("fork", "the flaky test", "three");
  expect(fork.id).not.toBe(id);
  expect((await call("resume", id.slice(0, 20), "four")).id).toBe(id);
  name(fork.id, "the flaky test");
  const unclear = await world.exec(["resume", "the flaky test", "five"]);
  expect(unclear.exitCode).toBe(1);
  expect(unclear.stderr).toContain("several threads fit");
  for (const one of [id, fork.id]) expect(unclear.stderr).toContain(`${one} (the flaky test)`);
  name(fork.id, "a copy");
  expect(await quire("archive", "a copy")).toMatchObject({ exitCode: 0, stdout: `${fork.id} archived\n` });
  expect(await quire("unarchive", "a copy")).toMatchObject({ exitCode: 0 });
  expect(await quire("archive", "a copy")).toMatchObject({ exitCode: 0 });
  expect(await quire("delete", "--force", "a copy")).toMatchObject({
    exitCode: 0,
    stdout: `${fork.id} deleted\n`,
  });
});
