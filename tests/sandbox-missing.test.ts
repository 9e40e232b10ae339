import { existsSync } from "node:fs";
import { join } from "node:path";
import { callsTool, QUIRE_BIN, runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { type ExecWorld, execWorld } from "./support/exec-world.ts";

/** The same machine without bubblewrap: for the program and what it starts, the file is not there to be run. */
const WITHOUT_BWRAP = [
  "/usr/bin/bwrap",
  ...["--dev-bind", "/", "/", "--ro-bind", "/dev/null", "/usr/bin/bwrap", "--"],
];

const CAUSE = /bubblewrap|bwrap/;

function runWithout(world: ExecWorld, args: readonly string[]) {
  const [command = "", ...prefix] = WITHOUT_BWRAP;
  return runQuire([...prefix, QUIRE_BIN, ...args], {
    command,
    cwd: world.repository.path,
    home: world.home.path,
    env: { TEST_KEY: "key-for-tests" },
  });
}

test.each([
  ["exec", ["exec", "go"], 3],
  ["exec --json", ["exec", "--json", "go"], 3],
  ["exec in read-only", ["exec", "--sandbox", "read-only", "go"], 3],
  ["review", ["review", "--uncommitted"], 3],
  ["sandbox", ["sandbox", "--", "touch", "ran"], 3],
] as const)(
  "without a working sandbox %s runs nothing and says the cause and the remedy, once",
  async (_name, args, exitCode) => {
    await using world = await execWorld({ steps: [callsTool("exec_command", { cmd: "touch ran" })] });
    await world.repository.write("a.txt", "changed\n");
    const run = await runWithout(world, args);
    expect(run.exitCode).toBe(exitCode);
    expect(world.server.requests).toEqual([]);
    expect(existsSync(join(world.repository.path, "ran"))).toBe(false);
    const said = `${run.stdout}${run.stderr}`;
    expect(said).toMatch(CAUSE);
    expect(said).toMatch(/install/i);
    expect(said).toContain("sandbox_unavailable");
    expect(said.match(/was not found/g)).toHaveLength(1);
  },
);

test("doctor names what is missing and how to get it", async () => {
  await using world = await execWorld({});
  const run = await runWithout(world, ["doctor"]);
  expect(run.exitCode).not.toBe(0);
  expect(run.stdout).toMatch(CAUSE);
  expect(run.stdout).toMatch(/install/i);
});

test("every door of the app-server refuses with code, cause and remedy, and a thread stays as it was", async () => {
  await using world = await execWorld({ script: { afterwards: says("Done.") } });
  let threadId = "";
  {
    await using whole = startAppServer(world);
    await whole.client.initialize();
    const { thread } = await whole.client.request("thread/start", { cwd: world.repository.path });
    threadId = thread.id;
    await whole.client.turn(threadId, "hello");
  }
  const asked = world.server.requests.length;
  await using server = startAppServer(world, [], {}, WITHOUT_BWRAP);
  const { client } = server;
  await client.initialize();
  const refused = {
    message: expect.stringMatching(/commands cannot be confined here: .*(?:bubblewrap|bwrap)/),
    data: {
      code: "sandbox_unavailable",
      nextStep: expect.stringMatching(/install/i),
    },
  };
  const cwd = world.repository.path;
  expect((await client.call("thread/start", { cwd })).error).toMatchObject(refused);
  expect((await client.call("thread/start", { cwd, sandbox: "read-only" })).error).toMatchObject(refused);
  expect((await client.call("thread/resume", { threadId })).error).toMatchObject(refused);
  expect((await client.call("thread/fork", { threadId })).error).toMatchObject(refused);
  const open = await client.request("thread/start", { cwd, sandbox: "danger-full-access" });
  const input = [{ type: "text", text: "go" }];
  const turn = { threadId: open.thread.id, input, sandboxPolicy: { type: "workspaceWrite" } };
  expect((await client.call("turn/start", turn)).error).toMatchObject(refused);
  expect(world.server.requests).toHaveLength(asked);
  expect((await client.turn(open.thread.id, "go on unconfined, as chosen")).turn.status).toBe("completed");
});
