import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, referenceServer, runQuire, type Step, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { completedItems, execWorld } from "./support/exec-world.ts";

/** The reference servers of the Model Context Protocol as people install them, driven through our front doors. */
function config(name: Parameters<typeof referenceServer>[0], args: readonly string[], more = ""): string {
  const { program, hidden } = referenceServer(name);
  const shown =
    hidden === null ? "" : `[sandbox_workspace_write]\nwritable_roots = [${JSON.stringify(hidden)}]\n`;
  const words = [program, ...args].map((word) => JSON.stringify(word)).join(", ");
  return `mcp_optional_startup_grace_ms = 60000
[mcp_servers.${name}]
command = ${JSON.stringify(process.execPath)}
args = [${words}]
startup_timeout_sec = 60
default_tools_approval_mode = "approve"
${more}${shown}`;
}

const call = (tool: string, args: object) => callsTool(tool, args);

/** A world whose configuration names its repository as $ROOT. */
async function placedWorld(steps: Step[], text: string) {
  const world = await execWorld({ steps, config: text });
  const file = join(world.quireHome, "config.toml");
  await writeFile(file, (await readFile(file, "utf8")).replaceAll("$ROOT", world.repository.path));
  return world;
}

test("server-everything: results of every kind, progress, a question to a person, and lists that change", async () => {
  const steps = [
    call("mcp__everything__echo", { message: "hello" }),
    call("mcp__everything__get-sum", { a: 2, b: 40 }),
    call("mcp__everything__get-structured-content", { location: "New York" }),
    call("mcp__everything__get-tiny-image", {}),
    call("mcp__everything__get-resource-links", { count: 2 }),
    call("mcp__everything__get-resource-reference", { resourceType: "Text", resourceId: 1 }),
    call("mcp__everything__get-annotated-message", { messageType: "error", includeImage: false }),
    call("mcp__everything__trigger-long-running-operation", { duration: 1, steps: 2 }),
    call("mcp__everything__trigger-elicitation-request", {}),
    call("mcp__everything__gzip-file-as-resource", {
      name: "made.txt.gz",
      data: "data:text/plain,made",
      outputType: "resourceLink",
    }),
    call("list_mcp_resources", { server: "everything" }),
    call("read_mcp_resource", { server: "everything", uri: "demo://resource/dynamic/text/1" }),
    says("Done."),
  ];
  await using world = await execWorld({ steps, config: config("everything", []) });
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const content = { name: "Ada", check: true, integer: 7, untitledSingleSelectEnum: "Ross" };
  client.answers.set("mcpServer/elicitation/request", () => ({ action: "accept", content, _meta: null }));
  const params = { cwd: world.repository.path, approvalPolicy: "on-request" };
  const { thread } = await client.request("thread/start", params);
  const { frames, turn } = await client.turn(thread.id, "go");
  expect(turn).toMatchObject({ status: "completed", error: null });
  const outputs = world.server.requests.at(-1)?.toolOutputs ?? [];
  expect(outputs.map((output) => output.replace(/^[\s\S]*?\nOutput:\n/, ""))).toEqual([
    expect.stringContaining("hello"),
    expect.stringContaining("42"),
    expect.stringMatching(/temperature/),
    expect.stringContaining("The image above is the MCP logo."),
    expect.stringContaining("demo://resource/dynamic"),
    expect.stringContaining("demo://resource/dynamic/text/1"),
    expect.stringMatching(/error/i),
    expect.stringContaining("Steps: 2"),
    expect.stringMatching(/Ada[\s\S]*Ross/),
    expect.stringContaining("made.txt.gz"),
    // The list has changed since the server began.
    expect.stringContaining("made.txt.gz"),
    expect.stringContaining("Resource 1"),
  ]);
  const items = frames.filter(
    ({ method, params }) => method === "item/completed" && params.item.type === "mcpToolCall",
  );
  expect(items.map(({ params }) => params.item.status)).toEqual(
    Array.from({ length: 12 }, () => "completed"),
  );
  const question = frames.find(({ method }) => method === "mcpServer/elicitation/request")?.params;
  expect(question).toMatchObject({ serverName: "everything", mode: "form", turnId: turn.id });
  expect(Object.keys(question.requestedSchema.properties)).toContain("titledMultipleSelectEnum");
  const progress = frames.filter(({ method }) => method === "item/mcpToolCall/progress");
  // Told a few times a second at most, so a busy machine may leave the second one out.
  expect(["1 of 2", "2 of 2"]).toEqual(expect.arrayContaining(progress.map(({ params }) => params.message)));
  expect(progress[0]?.params.message).toBe("1 of 2");
  const { data } = await client.request("mcpServerStatus/list", { threadId: thread.id });
  expect(data).toMatchObject([{ name: "everything", runtimeStatus: "connected", toolsError: null }]);
  // Only offered to clients that can ask people, and only after the first list.
  expect(Object.keys(data[0].tools)).toContain("trigger-elicitation-request");
  // We let no server use the model, so it offers nothing that would.
  expect(Object.keys(data[0].tools)).not.toContain("trigger-sampling-request");
  expect(data[0].resourceTemplates.length).toBeGreaterThan(0);
  expect(data[0].prompts.map(({ name }: { name: string }) => name)).toContain("simple-prompt");
});

test("server-everything: an answer of the model where the user allows it, on the bill of the thread, and a no", async () => {
  const ask = call("mcp__everything__trigger-sampling-request", { prompt: "Say three.", maxTokens: 50 });
  const steps = [ask, says("Three."), ask, says("Done.")];
  await using world = await execWorld({ steps, config: config("everything", [], 'sampling = "ask"\n') });
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const answers = ["accept", "decline"].values();
  client.answers.set("mcpServer/elicitation/request", () => ({
    action: answers.next().value,
    content: null,
    _meta: null,
  }));
  const params = { cwd: world.repository.path, approvalPolicy: "on-request" };
  const { thread } = await client.request("thread/start", params);
  const { frames, turn } = await client.turn(thread.id, "go");
  expect(turn).toMatchObject({ status: "completed", error: null });
  const [, sampled] = world.server.requests;
  expect({
    tools: sampled?.tools,
    words: sampled?.inputTexts,
    bound: JSON.parse(String(sampled?.raw)).max_output_tokens,
  }).toEqual({ tools: [], words: [expect.stringContaining("Say three.")], bound: 50 });
  expect(world.server.requests.at(-1)?.toolOutputs).toEqual([
    expect.stringContaining("Three."),
    expect.stringContaining("The user did not agree"),
  ]);
  const question = frames.find(({ method }) => method === "mcpServer/elicitation/request")?.params;
  expect(question.message).toMatch(/^everything wants your model \(.*\) to answer this\.[\s\S]*Say three\./);
  const items = frames.flatMap(({ method, params }) =>
    method === "item/completed" && params.item.type === "dynamicToolCall" ? [params.item] : [],
  );
  expect(items).toMatchObject([
    { tool: "sampling/createMessage", status: "completed", contentItems: [{ text: "Three." }], error: null },
    { tool: "sampling/createMessage", status: "declined", error: { code: "mcp_sampling_refused" } },
  ]);
  // Four requests, of which one was the server's.
  expect(turn.usage.input_tokens).toBe(400);
  const usage = await runQuire(["usage", "--by", "purpose", "--json"], { home: world.home.path });
  const rows = JSON.parse(usage.stdout).rows.map((row: Record<string, unknown>) => [
    row.purpose,
    row.requests,
  ]);
  expect(rows).toEqual(
    expect.arrayContaining([
      ["sampling", 1],
      ["turn", 3],
    ]),
  );
});

test("server-filesystem: reads and writes within its folder, and within the sandbox", async () => {
  const steps: Step[] = [];
  await using world = await placedWorld(steps, config("filesystem", ["$ROOT"]));
  const root = world.repository.path;
  steps.push(
    call("mcp__filesystem__write_file", { path: join(root, "b.txt"), content: "new\n" }),
    call("mcp__filesystem__edit_file", {
      path: join(root, "a.txt"),
      edits: [{ oldText: "one", newText: "two" }],
    }),
    call("mcp__filesystem__read_text_file", { path: join(root, "a.txt") }),
    call("mcp__filesystem__list_directory", { path: root }),
    call("mcp__filesystem__read_text_file", { path: "/etc/passwd" }),
    says("Done."),
  );
  const { run, events } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(0);
  const items = completedItems(events).filter((item) => item.type === "mcp_tool_call");
  expect(items.map(({ status }) => status)).toEqual([
    "completed",
    "completed",
    "completed",
    "completed",
    "failed",
  ]);
  const outputs = world.server.requests.at(-1)?.toolOutputs ?? [];
  expect(outputs[2]).toContain("two");
  expect(outputs[3]).toContain("b.txt");
  expect(outputs[4]).toContain("outside allowed directories");
  expect(await readFile(join(root, "b.txt"), "utf8")).toBe("new\n");
});

test("server-memory: what is kept in one run is found in the next", async () => {
  const entity = { name: "Quire", entityType: "program", observations: ["remembers"] };
  const steps = [
    call("mcp__memory__create_entities", { entities: [entity] }),
    says("Kept."),
    call("mcp__memory__search_nodes", { query: "remembers" }),
    says("Found."),
  ];
  const more = 'env = { MEMORY_FILE_PATH = "$ROOT/memory.jsonl" }\n';
  await using world = await placedWorld(steps, config("memory", [], more));
  for (const words of ["keep it", "find it"]) {
    const { run, events } = await world.execJson([words]);
    expect(run.exitCode).toBe(0);
    const items = completedItems(events).filter((item) => item.type === "mcp_tool_call");
    expect(items.map(({ status }) => status)).toEqual(["completed"]);
  }
  expect(world.server.requests.at(-1)?.toolOutputs.at(-1)).toContain("remembers");
});
