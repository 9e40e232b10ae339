import { spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, QUIRE_BIN, runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { authorizationWorld } from "../packages/mcp/test/authorization-server.ts";
import { filesHolding } from "./support/attack.ts";
import { completedItems, type ExecWorld, execWorld } from "./support/exec-world.ts";

/** Runs `quire mcp login` and is the browser that follows the printed address. */
async function login(world: ExecWorld): Promise<{ code: number | null; stdout: string }> {
  const child = spawn(QUIRE_BIN, ["mcp", "login", "guarded", "--no-browser"], {
    cwd: world.repository.path,
    env: { PATH: process.env.PATH, HOME: world.home.path, QUIRE_HOME: world.quireHome },
  });
  let stdout = "";
  let visited = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    const [address] = /http:\/\/127\S+/.exec(stdout) ?? [];
    if (address === undefined || visited || !stdout.includes(`${address}\n`)) return;
    visited = true;
    void fetch(address).then((response) => response.text());
  });
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  return { code, stdout };
}

test("a server is signed in to and out of; its token is private, reaches the server and nothing else", async () => {
  await using guarded = await authorizationWorld();
  await using world = await execWorld({
    steps: [says("1"), callsTool("mcp__guarded__hello", {}), says("2")],
    config: `mcp_optional_startup_grace_ms = 60000\nmcp_oauth_credentials_store = "file"\n[mcp_servers.guarded]\nurl = ${JSON.stringify(guarded.url)}\nstartup_timeout_sec = 60\n`,
  });
  const options = { cwd: world.repository.path, home: world.home.path };
  const status = async () => {
    const { stdout } = await runQuire(["mcp", "list", "--json"], options);
    return JSON.parse(stdout)[0].auth_status;
  };
  expect(await status()).toBe("not_logged_in");
  const { events: before } = await world.execJson(["go"]);
  const said = completedItems(before).flatMap((item) => (item.type === "error" ? [item.message] : []));
  expect(said.join()).toContain("quire mcp login guarded");

  expect(await login(world)).toEqual({ code: 0, stdout: expect.stringContaining("Signed in to") });
  expect(await status()).toBe("o_auth");
  const kept = join(world.quireHome, "mcp-credentials.json");
  expect((await stat(kept)).mode & 0o777).toBe(0o600);

  const { run, events } = await world.execJson(["go"]);
  const calls = completedItems(events).filter((item) => item.type === "mcp_tool_call");
  expect(calls).toMatchObject([{ tool: "hello", status: "completed" }]);
  expect(run.stdout + run.stderr).not.toMatch(/access-|refresh-/);
  expect(await filesHolding(world.quireHome, ["access-", "refresh-"])).toEqual([
    `${kept}: access-`,
    `${kept}: refresh-`,
  ]);

  expect((await runQuire(["mcp", "logout", "guarded"], options)).stdout).toContain("Signed out");
  expect(await status()).toBe("not_logged_in");
  expect((await runQuire(["mcp", "login", "nobody"], options)).exitCode).not.toBe(0);
});
