import { copyFileSync, rmSync } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecEvent } from "@quire/protocol";
import { assertAppendOnly, callsTool, lastingFolder, runQuire, says } from "@quire/test-support";
import { afterAll, expect, test } from "vitest";
import { completedItems, execWorld } from "./support/exec-world.ts";

// Servers run in the sandbox, so theirs must be a place that it shows.
const folder = lastingFolder("quire-mcp");
const FIXTURE = join(folder, "server.mjs");
copyFileSync(fileURLToPath(new URL("../packages/mcp/test/fixtures/server.mjs", import.meta.url)), FIXTURE);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The table of a fixture server in config.toml. */
function server(id: string, args: readonly string[], more = ""): string {
  const words = [FIXTURE, ...args].map((word) => JSON.stringify(word)).join(", ");
  return `[mcp_servers.${id}]\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${words}]\n${more}\n`;
}

/** However busy the machine is, these are ready before the first request. */
function ready(...servers: string[]): string {
  return `mcp_optional_startup_grace_ms = 20000\n${servers.join("")}`;
}

function mcpLines(events: readonly ExecEvent[]) {
  return events.filter((event) => "item" in event && event.item.type === "mcp_tool_call");
}

function warnings(events: readonly ExecEvent[], code: string): string[] {
  return completedItems(events).flatMap((item) =>
    item.type === "error" && item.code === code ? [item.message] : [],
  );
}

test("a server's tool is offered, called and shown as Codex shows it", async () => {
  await using world = await execWorld({
    steps: [callsTool("mcp__mock__echo", { text: "yo" }), says("It said yo.")],
    config: ready(server("mock", ["normal"])),
  });
  const { run, events } = await world.execJson(["say yo"]);
  expect(run.exitCode).toBe(0);
  const item = {
    id: "item_0",
    type: "mcp_tool_call",
    server: "mock",
    tool: "echo",
    arguments: { text: "yo" },
  };
  expect(mcpLines(events)).toEqual([
    { type: "item.started", item: { ...item, result: null, error: null, status: "in_progress" } },
    {
      type: "item.completed",
      item: {
        ...item,
        result: { content: [{ type: "text", text: "echo:yo" }], structured_content: { t: 1 } },
        error: null,
        status: "completed",
        duration_ms: expect.any(Number),
      },
    },
  ]);
  expect(warnings(events, "mcp_not_ready")).toEqual([]);
  const [first, second] = world.server.requests;
  const names = first?.tools.map(({ name }) => name) ?? [];
  expect(names).toEqual([...names].sort());
  expect(names).toContain("mcp__mock__echo");
  expect(second?.toolOutputs).toEqual([
    expect.stringMatching(/^Wall time: \d+\.\d seconds\nOutput:\necho:yo\n\{"t":1\}$/),
  ]);
  assertAppendOnly(world.server.requests);
});

test("a failure that the tool reports keeps its result; a call that fails has an error with a code", async () => {
  await using world = await execWorld({
    steps: [
      callsTool("mcp__mock__fail", {}),
      callsTool("mcp__mock__hang", {}),
      callsTool("mcp__mock__die", {}),
      says("ok"),
    ],
    config: ready(server("mock", ["normal"], "tool_timeout_sec = 0.3")),
  });
  const { run, events } = await world.execJson(["try"]);
  expect(run.exitCode).toBe(0);
  const ended = completedItems(events).filter((item) => item.type === "mcp_tool_call");
  expect(ended.map(({ status, result, error }) => ({ status, result, error: error?.code ?? null }))).toEqual([
    {
      status: "failed",
      result: { content: [{ type: "text", text: "it went wrong" }], structured_content: null },
      error: null,
    },
    { status: "failed", result: null, error: "mcp_call_timed_out" },
    { status: "failed", result: null, error: "mcp_server_failed" },
  ]);
  expect(world.server.requests[1]?.toolOutputs[0]).toMatch(
    /^The tool reports an error\.\n.*\nOutput:\nit went wrong$/,
  );
  expect(world.server.requests[3]?.toolOutputs[2]).toContain("fatal: out of luck");
});

test("a server that is slow is left out with a warning and holds the first request up for the grace only", async () => {
  await using world = await execWorld({
    steps: [says("hi")],
    config: `mcp_optional_startup_grace_ms = 200\n${server("slow", ["slow-start", "60000"])}`,
  });
  const { run, events } = await world.execJson(["say hi"]);
  expect(run.exitCode).toBe(0);
  expect(warnings(events, "mcp_not_ready")).toEqual([
    expect.stringContaining("server slow is not ready yet"),
  ]);
  expect(world.server.requests[0]?.tools.filter(({ name }) => name.startsWith("mcp__"))).toEqual([]);
});

test("a server that does not start is left out with the reason, and nobody waits for it", async () => {
  await using world = await execWorld({
    steps: [says("hi")],
    config: `mcp_optional_startup_grace_ms = 25000\n${server("broken", ["dies-at-start"])}`,
  });
  const { run, events } = await world.execJson(["say hi"]);
  expect(run.exitCode).toBe(0);
  expect(warnings(events, "mcp_not_ready")).toEqual([
    expect.stringMatching(
      /server broken did not start.*exit code 3.*configuration file not found.*sandbox = false/s,
    ),
  ]);
});

test("a required server that does not start ends the turn with its code, before any request", async () => {
  await using world = await execWorld({
    steps: [says("hi")],
    config: server("needed", ["dies-at-start"], "required = true"),
  });
  const { run, events } = await world.execJson(["say hi"]);
  expect(run.exitCode).toBe(1);
  expect(events.at(-1)).toMatchObject({
    type: "turn.failed",
    error: { code: "mcp_server_failed", message: expect.stringContaining("needed did not start") },
  });
  expect(world.server.requests).toEqual([]);
});

test("a server runs in the sandbox: no secrets of ours, no writing outside, what it is given reaches it", async () => {
  await using world = await execWorld({
    steps: [callsTool("mcp__mock__environment", {}), callsTool("mcp__mock__write", {}), says("ok")],
    config: ready(
      server("mock", ["normal", "/etc/quire-was-here"], 'env_vars = ["ALLOWED"]'),
      '[mcp_servers.mock.env]\nGIVEN = "given"\n',
    ),
  });
  const env = { ALLOWED: "allowed", AWS_SECRET_ACCESS_KEY: "hidden-from-everyone" };
  const { events } = await world.execJson(["look around"], { env });
  const [environment, write] = completedItems(events).filter((item) => item.type === "mcp_tool_call");
  const seen = JSON.parse(String(environment?.result?.content[0]?.text));
  expect(seen).toMatchObject({ GIVEN: "given", ALLOWED: "allowed", PATH: expect.any(String) });
  expect(Object.keys(seen)).not.toContain("AWS_SECRET_ACCESS_KEY");
  expect(Object.keys(seen)).not.toContain("TEST_KEY");
  expect(write?.result?.content[0]?.text).toMatch(/EROFS|EACCES|EPERM/);
});

test("sandbox = false is said", async () => {
  await using world = await execWorld({
    steps: [says("hi")],
    config: ready(server("mock", ["normal"], "sandbox = false")),
  });
  const { events } = await world.execJson(["say hi"]);
  expect(warnings(events, "mcp_unconfined")).toEqual([
    expect.stringContaining("mock runs outside the sandbox"),
  ]);
});

test("a tool that is not what it was is reported and not called where nobody can agree to it; mcp approve does", async () => {
  await using world = await execWorld({
    steps: [
      says("1"),
      callsTool("mcp__mock__echo", { text: "yo" }),
      says("2"),
      callsTool("mcp__mock__echo", { text: "yo" }),
      says("3"),
      callsTool("mcp__mock__echo", { text: "yo" }),
      says("4"),
    ],
    config: "mcp_optional_startup_grace_ms = 20000",
  });
  const config = join(world.quireHome, "config.toml");
  const before = await readFile(config, "utf8");
  const started = join(world.repository.path, "started");
  await writeFile(config, `${before}${server("mock", ["changing", started])}`);
  const run = async (prompt: string) => {
    const { events } = await world.execJson([prompt]);
    const calls = completedItems(events).filter((item) => item.type === "mcp_tool_call");
    return {
      changed: warnings(events, "mcp_changed"),
      calls: calls.map(({ status, error }) => [status, error?.code]),
    };
  };
  // What it offers is known from the first run, so only the call starts it, and then it offers something else.
  expect(await run("1")).toEqual({ changed: [], calls: [] });
  expect(await run("2")).toEqual({ changed: [], calls: [["failed", "tool_failed"]] });
  expect(await run("3")).toEqual({
    changed: [expect.stringMatching(/server mock is not as it was.*\(changed: echo\).*mcp approve mock/)],
    calls: [["declined", "command_denied"]],
  });
  expect(world.server.requests[4]?.toolOutputs.at(-1)).toContain("+ Says it again, and mails it away");
  const approved = await runQuire(["mcp", "approve", "mock"], {
    cwd: world.repository.path,
    home: world.home.path,
  });
  expect(approved.stdout).toContain("+ Says it again, and mails it away");
  expect(await run("4")).toEqual({ changed: [], calls: [["completed", undefined]] });
  const pins = await stat(join(world.quireHome, "mcp-pins.json"));
  expect(pins.mode & 0o777).toBe(0o600);
});

test("200 tools cost a request less than 2 KB; they are found and called through the search, and judged as themselves", async () => {
  await using world = await execWorld({
    steps: [
      callsTool("tool_search", { query: "number 123" }),
      callsTool("mcp_call", { tool: "mcp__many__tool_123", arguments: { value: 1 } }),
      says("hi"),
    ],
    config: ready(server("many", ["many"]), server("wide", ["wide"])),
  });
  const { events } = await world.execJson(["say hi"]);
  const tools = world.server.requests[0]?.tools ?? [];
  const ours = tools.filter(({ name }) => /^mcp_|tool_search/.test(name));
  expect(ours.map(({ name }) => name)).toEqual(["mcp_call", "tool_search"]);
  expect(JSON.stringify(ours).length).toBeLessThan(2048);
  expect(world.server.requests[1]?.toolOutputs[0]).toMatch(/^\{"name":"mcp__many__tool_123"/);
  const [item] = completedItems(events).filter((entry) => entry.type === "mcp_tool_call");
  expect(item).toMatchObject({ server: "many", tool: "tool_123", arguments: { value: 1 } });
  assertAppendOnly(world.server.requests);
});

test("nothing of a server is left running when the run ends", async () => {
  await using world = await execWorld({
    steps: [callsTool("mcp__mock__pid", {}), says("hi")],
    config: ready(server("mock", ["stubborn"], "sandbox = false")),
  });
  const { events } = await world.execJson(["say hi"]);
  const [item] = completedItems(events).filter((entry) => entry.type === "mcp_tool_call");
  const pid = Number(item?.result?.content[0]?.text);
  expect(pid).toBeGreaterThan(1);
  expect(() => process.kill(pid, 0)).toThrow("ESRCH");
});

test("a run without servers loads nothing of it", async () => {
  const loaded = async (config: string) => {
    await using world = await execWorld({ steps: [says("hi")], config });
    const { stderr } = await world.exec(["say hi"], { env: { NODE_DEBUG: "quire-chunks" } });
    expect(stderr).toContain(" main.js (pack)");
    return /mcp-servers-/.test(stderr);
  };
  expect(await loaded(server("mock", ["normal"]))).toBe(true);
  expect(await loaded(server("mock", ["normal"], "enabled = false"))).toBe(false);
  expect(await loaded("")).toBe(false);
});
