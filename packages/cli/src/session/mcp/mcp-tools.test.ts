import { copyFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LoadedConfig, loadConfig } from "@quire/config";
import { createRedactor, type LateTools } from "@quire/core";
import type { SandboxMode } from "@quire/protocol";
import { lastingFolder } from "@quire/test-support";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { systemOfProcess } from "../../system.ts";
import { sandboxDeps } from "../sandbox-parts.ts";
import type { SessionRequest } from "../session-request.ts";
import type { SamplingDesk } from "./mcp-sampling.ts";
import { openMcpTools } from "./mcp-tools.ts";

// Servers run in the sandbox, so theirs must be a place that it shows.
const servers = lastingFolder("quire-mcp");
const FIXTURE = join(servers, "server.mjs");
copyFileSync(fileURLToPath(new URL("../../../../mcp/test/fixtures/server.mjs", import.meta.url)), FIXTURE);
afterAll(() => rmSync(servers, { recursive: true, force: true }));

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "quire-mcp-")));
  await mkdir(join(folder, "home"));
  await mkdir(join(folder, "work"));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function requestFor(config: string, mode: SandboxMode): Promise<SessionRequest> {
  const home = join(folder, "home");
  const cwd = join(folder, "work");
  await writeFile(join(home, "config.toml"), config, { mode: 0o600 });
  return {
    system: systemOfProcess(),
    home,
    loaded: await load(home, cwd),
    workspace: { cwd, gitRoot: null, extraWritableRoots: [], sandboxMode: mode, modeNote: null },
    target: { kind: "start" },
    ephemeral: true,
    ignoreRules: true,
    source: "test",
    approvalPolicy: "never",
    approver: null,
    clientTools: [],
  };
}

async function load(home: string, cwd: string): Promise<LoadedConfig> {
  const loaded = await loadConfig({ home, cwd, env: {}, systemFile: join(home, "none.toml"), overrides: [] });
  if (!loaded.ok) throw new Error(loaded.error.message);
  return loaded;
}

/** What the fixture's tool `write` says to writing its file. */
async function tryToWrite(lateTools: LateTools): Promise<unknown> {
  const { signal } = new AbortController();
  const { tools } = await lateTools(signal);
  const tool = tools.find(({ spec }) => spec.name === "mcp__mock__write");
  const context = {
    cwd: "/",
    signal,
    monotonicMs: () => performance.now(),
    update: () => undefined,
    outputDelta: () => undefined,
    terminalInput: () => undefined,
  };
  const prepared = await tool?.prepare({ callId: "c", input: "{}", form: "function" }, context);
  if (prepared?.kind !== "ready") throw new Error("there is no tool to write with");
  const { output } = await prepared.run({ sandbox: "session" });
  return String(output).split("\n").at(-1);
}

const NO_SAMPLING: SamplingDesk = {
  model: () => null,
  answer: () => Promise.reject(new Error("not asked")),
  show: () => undefined,
  newId: () => "id",
};

test("servers move with the thread: under a narrower sandbox mode they are started anew, narrower", async () => {
  const file = join(folder, "work", "file");
  const config = `mcp_optional_startup_grace_ms = 20000
[mcp_servers.mock]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(FIXTURE)}, "normal", ${JSON.stringify(file)}]
`;
  const request = await requestFor(config, "workspace-write");
  const deps = sandboxDeps(request.system, request.home);
  const mcp = await openMcpTools(request, deps, createRedactor({ values: [] }), NO_SAMPLING);
  if (mcp === null) throw new Error("no servers were opened");
  try {
    expect(await tryToWrite(mcp.lateTools)).toBe("written");
    await mcp.moveTo({ ...request, workspace: { ...request.workspace, sandboxMode: "read-only" } });
    expect(await tryToWrite(mcp.lateTools)).toBe("EROFS");
  } finally {
    await mcp.close();
  }
});

test("without an enabled server, or where servers are not wanted, there is nothing; a thread may get some later", async () => {
  const redactor = createRedactor({ values: [] });
  const { signal } = new AbortController();
  const open = async (config: string, more: Partial<SessionRequest> = {}) => {
    const request = { ...(await requestFor(config, "read-only")), ...more };
    return openMcpTools(request, sandboxDeps(request.system, request.home), redactor, NO_SAMPLING);
  };
  expect(await open('[mcp_servers.a]\ncommand = "a"\n', { withoutMcp: true })).toBeNull();
  const none = await open('[mcp_servers.a]\ncommand = "a"\nenabled = false\n');
  expect(none?.door).toBeNull();
  expect(await none?.lateTools(signal)).toEqual({ tools: [], warnings: [] });
  await none?.moveTo(await requestFor('[mcp_servers.a]\ncommand = "a"\n', "read-only"));
  const status = await none?.door?.status({ server: null, full: false }, signal);
  expect(status?.map(({ name }) => name)).toEqual(["a"]);
  await none?.close();
  await none?.moveTo(await requestFor('[mcp_servers.b]\ncommand = "b"\n', "read-only"));
  expect(await none?.door?.status({ server: "b", full: false }, signal)).toEqual([]);
});
