import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { execWorld } from "./support/exec-world.ts";

test("models: the configured one is the default, pages hold together, retired ones are hidden", async () => {
  await using world = await execWorld({});
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const all = await client.request("model/list", {});
  const defaults = all.data.filter((model: { isDefault: boolean }) => model.isDefault);
  expect(defaults).toEqual([expect.objectContaining({ id: "gpt-5.3-codex", supportsPersonality: false })]);
  const hidden = await client.request("model/list", { includeHidden: true, limit: 500 });
  expect(hidden.data.length).toBeGreaterThan(all.data.length);
  const first = await client.request("model/list", { limit: 1 });
  const second = await client.request("model/list", { limit: 1, cursor: first.nextCursor });
  expect([first.data[0].id, second.data[0].id]).toEqual(
    all.data.slice(0, 2).map((model: { id: string }) => model.id),
  );
  const profiles = await client.request("permissionProfile/list", {});
  expect(profiles.data.map((profile: { id: string }) => profile.id)).toEqual([
    ":read-only",
    ":workspace",
    ":danger-full-access",
  ]);
  expect(await client.request("account/read", {})).toEqual({
    account: { type: "apiKey" },
    userId: null,
    requiresOpenaiAuth: false,
  });
});

test("configuration: values with their origins, without secrets; writes keep comments and can be refused", async () => {
  await using world = await execWorld({ config: '# mine\nmodel_reasoning_effort = "low" # why' });
  const file = join(world.quireHome, "config.toml");
  await writeFile(file, `${await readFile(file, "utf8")}experimental_bearer_token = "hush-hush"\n`);
  await using server = startAppServer(world, ["-c", 'model_verbosity="low"']);
  const { client } = server;
  await client.initialize();
  const read = await client.request("config/read", { includeLayers: true });
  expect(read.config).toMatchObject({ model_reasoning_effort: "low", model_verbosity: "low" });
  expect(JSON.stringify(read)).not.toContain("hush-hush");
  expect(read.origins.model_reasoning_effort).toEqual({
    name: { type: "user", file, profile: null },
    version: expect.stringMatching(/^sha256:/),
  });
  expect(read.origins.model_verbosity.name).toEqual({ type: "sessionFlags" });
  expect(read.layers.map((layer: { name: { type: string } }) => layer.name.type)).toEqual([
    "user",
    "sessionFlags",
  ]);

  const expectedVersion = read.origins.model_reasoning_effort.version;
  const write = { keyPath: "model_reasoning_effort", value: "high", mergeStrategy: "replace" };
  const written = await client.request("config/value/write", { ...write, expectedVersion });
  expect(written).toMatchObject({ status: "ok", filePath: file, overriddenMetadata: null });
  expect(await readFile(file, "utf8")).toContain('model_reasoning_effort = "high" # why');
  const stale = await client.call("config/value/write", { ...write, expectedVersion });
  expect(stale.error?.data?.code).toBe("usage_invalid");
  const hidden = await client.request("config/value/write", {
    ...write,
    keyPath: "model_verbosity",
    value: "high",
  });
  expect(hidden).toMatchObject({ status: "okOverridden", overriddenMetadata: { effectiveValue: "low" } });

  const before = await readFile(file, "utf8");
  const broken = await client.call("config/batchWrite", {
    edits: [
      { keyPath: "model", value: "other", mergeStrategy: "replace" },
      { keyPath: "sandbox_mode", value: "nonsense", mergeStrategy: "replace" },
    ],
  });
  expect(broken.error?.data?.code).toBe("config_invalid");
  expect(await readFile(file, "utf8")).toBe(before);
  const elsewhere = await client.call("config/value/write", { ...write, filePath: "/tmp/other.toml" });
  expect(elsewhere.error?.data?.code).toBe("usage_invalid");
  await client.request("config/batchWrite", {
    edits: [
      { keyPath: "sandbox_workspace_write", value: { network_access: true }, mergeStrategy: "upsert" },
      { keyPath: "model_verbosity", value: null, mergeStrategy: "replace" },
    ],
  });
  const after = await client.request("config/read", {});
  expect(after.config.sandbox_workspace_write.network_access).toBe(true);
  expect((await readFile(file, "utf8")).includes('model_verbosity = "high"')).toBe(false);
});

test("file search: letters in order, names before folders, ignored files left out, also without git", async () => {
  await using world = await execWorld({
    files: {
      ".gitignore": "dist/\n",
      "src/app-server/connection.ts": "",
      "src/core/context.ts": "",
      "docs/connections/readme.md": "",
    },
  });
  const { path: root } = world.repository;
  await world.repository.write("dist/connection.js", "");
  await world.repository.write("src/connection-new.ts", "");
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const find = async (query: string, where = root) =>
    (await client.request("fuzzyFileSearch", { query, roots: [where], cancellationToken: null })).files;
  const files = await find("connection");
  expect(files.map((file: { path: string }) => file.path)).toEqual([
    "src/connection-new.ts",
    "src/app-server/connection.ts",
    "docs/connections/readme.md",
  ]);
  const [match] = await find("ctxt");
  expect(match).toMatchObject({
    root,
    path: "src/core/context.ts",
    match_type: "file",
    file_name: "context.ts",
  });
  expect(match.indices.map((index: number) => match.path[index]).join("")).toBe("ctxt");
  expect(await find("zzz")).toEqual([]);
  expect(await find("")).toEqual([]);
  await mkdir(join(world.home.path, "plain/node_modules"), { recursive: true });
  await writeFile(join(world.home.path, "plain/notes.md"), "");
  await writeFile(join(world.home.path, "plain/node_modules/notes.md"), "");
  const plain = await find("notes", join(world.home.path, "plain"));
  expect(plain.map((file: { path: string }) => file.path)).toEqual(["notes.md"]);
  const session = { sessionId: "mine" };
  const without = await client.call("fuzzyFileSearch/sessionUpdate", { ...session, query: "con" });
  expect(without.error?.data?.code).toBe("usage_invalid");
  const from = client.frames.length;
  await client.request("fuzzyFileSearch/sessionStart", { ...session, roots: [root] });
  await client.request("fuzzyFileSearch/sessionUpdate", { ...session, query: "ctxt" });
  const updated = await client.notified("fuzzyFileSearch/sessionUpdated", from);
  expect(updated.params).toEqual({ ...session, query: "ctxt", files: [match] });
  const completed = await client.notified("fuzzyFileSearch/sessionCompleted", from);
  expect(completed.params).toEqual(session);
  expect(await client.request("fuzzyFileSearch/sessionStop", session)).toEqual({});
  expect(
    (await client.call("fuzzyFileSearch/sessionUpdate", { ...session, query: "c" })).error,
  ).toBeDefined();
  const relative = await client.call("fuzzyFileSearch", {
    query: "a",
    roots: ["."],
    cancellationToken: null,
  });
  expect(relative.error?.data?.code).toBe("usage_invalid");
});

test("a client's own tool: the model calls it, the client runs it, the model gets the answer", async () => {
  await using world = await execWorld({
    steps: [
      callsTool("lookup_ticket", { id: 7 }),
      callsTool("lookup_ticket", "no json"),
      says("It is open."),
    ],
  });
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  client.answers.set("item/tool/call", ({ tool, arguments: args }) => ({
    contentItems: [{ type: "inputText", text: `${tool} says: ticket ${args.id} is open` }],
    success: true,
  }));
  const { thread } = await client.request("thread/start", {
    cwd: world.repository.path,
    dynamicTools: [
      { name: "lookup_ticket", description: "Reads a ticket.", inputSchema: { type: "object" } },
    ],
  });
  const { frames, turn } = await client.turn(thread.id, "is 7 open?");
  const call = frames.find((frame) => frame.method === "item/tool/call")?.params;
  expect(call).toMatchObject({
    threadId: thread.id,
    turnId: turn.id,
    tool: "lookup_ticket",
    arguments: { id: 7 },
  });
  expect(world.server.requests[0]?.tools.map(({ name }) => name)).toContain("lookup_ticket");
  expect(world.server.requests[2]?.toolOutputs).toEqual([
    "lookup_ticket says: ticket 7 is open",
    expect.stringContaining("not JSON"),
  ]);
  const items = frames.flatMap((frame) => (frame.method === "item/completed" ? [frame.params.item] : []));
  expect(items.filter((item) => item.type === "dynamicToolCall")).toEqual([
    expect.objectContaining({
      tool: "lookup_ticket",
      arguments: { id: 7 },
      status: "completed",
      success: true,
    }),
    expect.objectContaining({ status: "failed", success: false }),
  ]);
});

test("questions to the user reach clients that can put them, and their answers reach the model", async () => {
  const question = { id: "db", question: "Which database?", options: [{ label: "SQLite" }] };
  await using world = await execWorld({
    steps: [callsTool("request_user_input", { questions: [question] }), says("SQLite then.")],
  });
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize({ experimentalApi: true });
  client.answers.set("item/tool/requestUserInput", () => ({ answers: { db: { answers: ["SQLite"] } } }));
  const { thread } = await client.request("thread/start", { cwd: world.repository.path });
  const { frames } = await client.turn(thread.id, "set it up");
  expect(frames.find((frame) => frame.method === "item/tool/requestUserInput")?.params).toMatchObject({
    questions: [
      {
        id: "db",
        question: "Which database?",
        isOther: true,
        options: [{ label: "SQLite", description: "" }],
      },
    ],
    isBlocking: true,
  });
  expect(world.server.requests[1]?.toolOutputs).toEqual(['{"answers":{"db":{"answers":["SQLite"]}}}']);
});

test("skills/list says what skills a directory has, and what is wrong with others", async () => {
  await using world = await execWorld({});
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const folder = join(world.repository.path, ".agents/skills");
  await mkdir(join(folder, "good"), { recursive: true });
  await mkdir(join(folder, "bad"), { recursive: true });
  await writeFile(join(folder, "good/SKILL.md"), "---\nname: good\ndescription: Good.\n---\nText.\n");
  await writeFile(join(folder, "bad/SKILL.md"), "nothing");
  const cwd = world.repository.path;
  expect((await client.request("skills/list", { cwds: [cwd] })).data).toEqual([
    {
      cwd,
      skills: [
        {
          name: "good",
          description: "Good.",
          path: join(folder, "good/SKILL.md"),
          scope: "repo",
          enabled: true,
          pluginId: null,
        },
      ],
      errors: [{ path: join(folder, "bad/SKILL.md"), message: expect.stringContaining("frontmatter") }],
    },
  ]);
});
