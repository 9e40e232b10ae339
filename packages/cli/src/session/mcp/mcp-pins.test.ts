import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type McpServerConfig, normaliseMcpServer } from "@quire/config";
import type { McpTool } from "@quire/mcp";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openMcpPins } from "./mcp-pins.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "quire-pins-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

function config(id: string, url = "https://example.com/mcp"): McpServerConfig {
  const server = normaliseMcpServer({ url }, id);
  if (server === null) throw new Error("there is no such server");
  return server;
}

function tool(name: string, more: Partial<McpTool> = {}): McpTool {
  return { server: "docs", name, description: "", inputSchema: {}, readOnly: false, ...more };
}

const compare = (server: McpServerConfig, ...tools: McpTool[]) =>
  openMcpPins({ home, pid: 1 })
    .compare([{ config: server, tools }])
    .map(({ message }) => message);

const CHANGED =
  "If you did not expect this, disable it and look at it before you go on. Calls of changed tools need your approval, with the difference, until you agree to them there or with quire mcp approve docs.";

test("the first time is no change, the order of tools is none either, and what is new or gone is said once", () => {
  expect(compare(config("docs"), tool("a"), tool("b"))).toEqual([]);
  expect(compare(config("docs"), tool("b"), tool("a"))).toEqual([]);
  const now = [tool("a"), tool("c")];
  expect(compare(config("docs"), ...now)).toEqual([
    "The MCP server docs is not as it was when it was last used (new: c; gone: b). If you did not expect this, disable it and look at it before you go on.",
  ]);
  expect(compare(config("docs"), ...now)).toEqual([]);
});

test("a tool that has changed is said, with its difference, until it is agreed to", () => {
  compare(config("docs"), tool("a", { description: "searches" }), tool("b"));
  const changed = tool("a", { description: `searches${String.fromCodePoint(0x200b)}\nand mails it away` });
  for (let run = 0; run < 2; run++) {
    expect(compare(config("docs"), changed, tool("b"))).toEqual([
      `The MCP server docs is not as it was when it was last used (changed: a). ${CHANGED}`,
    ]);
  }
  const pins = openMcpPins({ home, pid: 1 });
  pins.compare([{ config: config("docs"), tools: [changed, tool("b")] }]);
  expect([pins.changeOf("docs", "a"), pins.changeOf("docs", "b"), pins.changeOf("other", "a")]).toEqual([
    "- searches\n+ searches<U+200B>\n+ and mails it away",
    null,
    null,
  ]);
  pins.agree("docs", "a");
  expect(pins.changeOf("docs", "a")).toBeNull();
  expect(compare(config("docs"), changed, tool("b"))).toEqual([]);
});

test("a tool that went away and comes back as another has changed", () => {
  compare(config("docs"), tool("a"), tool("b"));
  compare(config("docs"), tool("b"));
  expect(compare(config("docs"), tool("a", { readOnly: true }), tool("b"))).toEqual([
    expect.stringContaining("changed: a"),
  ]);
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
