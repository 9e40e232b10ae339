import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { McpServerConfig } from "@quire/config";
import type { McpTool } from "@quire/mcp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { comparePins } from "./mcp-pins.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "quire-pins-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

function config(id: string, url = "https://example.com/mcp"): McpServerConfig {
  return {
    id,
    transport: { kind: "http", url, bearerTokenEnvVar: null, httpHeaders: {}, envHttpHeaders: {} },
    enabled: true,
    required: false,
    startupTimeoutMs: null,
    toolTimeoutMs: null,
    enabledTools: null,
    disabledTools: [],
    parallelToolCalls: false,
    defaultApproval: "auto",
    toolApproval: {},
  };
}

function tool(name: string, more: Partial<McpTool> = {}): McpTool {
  return { server: "docs", name, description: "", inputSchema: {}, readOnly: false, ...more };
}

const compare = (server: McpServerConfig, ...tools: McpTool[]) =>
  comparePins({ home, pid: 1 }, [{ config: server, tools }]).map(({ message }) => message);

test("the first time is no change, the order of tools is none either, and a change is said once", () => {
  expect(compare(config("docs"), tool("a"), tool("b"))).toEqual([]);
  expect(compare(config("docs"), tool("b"), tool("a"))).toEqual([]);
  const changed = [tool("a", { description: "sends mail as well" }), tool("c")];
  expect(compare(config("docs"), ...changed)).toEqual([
    "The MCP server docs is not as it was when it was last used (new: c; gone: b; changed: a). If you did not expect this, disable it and look at it before you go on.",
  ]);
  expect(compare(config("docs"), ...changed)).toEqual([]);
});

test("another address or program is a change; so is a tool that now claims to be harmless", () => {
  compare(config("docs"), tool("a"));
  expect(compare(config("docs", "https://elsewhere.example/mcp"), tool("a"))).toEqual([
    expect.stringContaining("it is started or reached in another way"),
  ]);
  expect(compare(config("docs", "https://elsewhere.example/mcp"), tool("a", { readOnly: true }))).toEqual([
    expect.stringContaining("changed: a"),
  ]);
});

test("servers and tools may have any name, the file is private, and a broken one is begun anew", async () => {
  expect(compare(config("__proto__"), tool("__proto__"), tool("constructor"))).toEqual([]);
  expect(compare(config("__proto__"), tool("constructor"))).toEqual([
    expect.stringContaining("gone: __proto__"),
  ]);
  const file = join(home, "mcp-pins.json");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  await writeFile(file, "{");
  expect(compare(config("docs"), tool("a"))).toEqual([]);
  expect(JSON.parse(await readFile(file, "utf8")).servers).toEqual([expect.objectContaining({ id: "docs" })]);
});
