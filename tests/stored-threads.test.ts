import { existsSync } from "node:fs";
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
