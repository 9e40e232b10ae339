import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Codex, type CodexOptions, type ThreadEvent } from "@openai/codex-sdk";
import { assertAppendOnly, callsTool, fault, patches, QUIRE_BIN, says, streams } from "@quire/test-support";
import { expect, test } from "vitest";
import { type ExecWorld, execWorld, type WorldOptions } from "./support/exec-world.ts";

/** The official SDK as its users set it up, with our binary in the place of theirs. */
async function codexWorld(options: WorldOptions = {}, more: CodexOptions = {}) {
  const world = await execWorld({ script: { afterwards: says("ok") }, ...options });
  const codex = new Codex({ codexPathOverride: QUIRE_BIN, env: environment(world), ...more });
  return {
    world,
    codex,
    here: { workingDirectory: world.repository.path },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

function environment(world: ExecWorld): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: world.home.path,
    QUIRE_HOME: world.quireHome,
    TEST_KEY: "key-for-tests",
  };
}

async function failure(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
}

test("run: items, final response, usage", async () => {
  await using run = await codexWorld({
    steps: [callsTool("exec_command", { cmd: "cat a.txt" }), says("It says one.")],
  });
  const thread = run.codex.startThread(run.here);
  expect(thread.id).toBe(null);
  const turn = await thread.run("what does it say?");
  expect(thread.id).toMatch(/^[0-9a-f-]{36}$/);
  expect(turn).toEqual({
    items: [
      expect.objectContaining({
        type: "command_execution",
        aggregated_output: "one\n",
        exit_code: 0,
        status: "completed",
      }),
      expect.objectContaining({ type: "agent_message", text: "It says one." }),
    ],
    finalResponse: "It says one.",
    usage: expect.objectContaining({
      input_tokens: expect.any(Number),
      cached_input_tokens: expect.any(Number),
      output_tokens: expect.any(Number),
    }),
  });
});

test("runStreamed: every event in its order", async () => {
  const patch = "*** Begin Patch\n*** Add File: new.txt\n+hello\n*** End Patch";
  await using run = await codexWorld({ steps: [patches(patch), says("Added.")] });
  const { events } = await run.codex.startThread(run.here).runStreamed("add a file");
  const seen: ThreadEvent[] = [];
  for await (const event of events) seen.push(event);
  expect(seen.map((event) => ("item" in event ? `${event.type} ${event.item.type}` : event.type))).toEqual([
    "thread.started",
    "turn.started",
    "item.started file_change",
    "item.completed file_change",
    "item.completed agent_message",
    "turn.completed",
  ]);
  expect(await run.world.repository.read("new.txt")).toBe("hello\n");
});

test("several runs of one thread and a resumed thread are one conversation", async () => {
  await using run = await codexWorld();
  const thread = run.codex.startThread(run.here);
  await thread.run("one");
  await thread.run("two");
  const resumed = run.codex.resumeThread(thread.id ?? "", run.here);
  await resumed.run("three");
  expect(resumed.id).toBe(thread.id);
  assertAppendOnly(run.world.server.requests);
  expect(run.world.server.requests.at(-1)?.inputTexts.slice(-5)).toEqual(["one", "ok", "two", "ok", "three"]);
});

test("text in parts and images", async () => {
  await using run = await codexWorld();
  const image = join(run.world.home.path, "dot.png");
  const dot =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
  await writeFile(image, Buffer.from(dot, "base64"));
  const thread = run.codex.startThread(run.here);
  const input = [
    { type: "text", text: "first" },
    { type: "text", text: "second" },
    { type: "local_image", path: image },
    { type: "local_image", path: image },
  ] as const;
  await thread.run([...input]);
  await thread.run([...input]);
  const [request, again] = run.world.server.requests;
  expect(request?.inputTexts.at(-1)).toContain("first\n\nsecond");
  expect(JSON.stringify(request?.body).match(/data:image\/png;base64,/g)).toHaveLength(2);
  expect(JSON.stringify(again?.body).match(/data:image\/png;base64,/g)).toHaveLength(4);
});

test("structured output", async () => {
  const schema = {
    type: "object",
    properties: { answer: { type: "string" } },
    required: ["answer"],
    additionalProperties: false,
  };
  await using run = await codexWorld({ steps: [says('{"answer":"one"}')] });
  const turn = await run.codex.startThread(run.here).run("what?", { outputSchema: schema });
  expect(JSON.parse(turn.finalResponse)).toEqual({ answer: "one" });
  expect(run.world.server.requests[0]?.body).toMatchObject({
    text: { format: { type: "json_schema", strict: true, schema } },
  });
});

test("abort before and in the middle of a run", async () => {
  await using run = await codexWorld({ steps: [callsTool("exec_command", { cmd: "sleep 30" })] });
  const thread = run.codex.startThread(run.here);
  const controller = new AbortController();
  const { events } = await thread.runStreamed("go", { signal: controller.signal });
  const thrown = await failure(
    (async () => {
      for await (const event of events) if (event.type === "item.started") controller.abort("enough");
    })(),
  );
  expect(thrown).toMatchObject({ name: "AbortError" });
  expect(await failure(thread.run("x", { signal: AbortSignal.abort() }))).toMatchObject({
    name: "AbortError",
  });
  const resumed = run.codex.resumeThread(thread.id ?? "", run.here);
  expect((await resumed.run("go on")).finalResponse).toBe("ok");
});

test("a failed turn rejects with the endpoint's words", async () => {
  await using run = await codexWorld({ script: { afterwards: fault({ status: 401, message: "bad key" }) } });
  const thrown = await failure(run.codex.startThread(run.here).run("go"));
  expect(thrown).toBeInstanceOf(Error);
  expect(String(thrown)).toContain("bad key");
});

test("base URL and key, without any configuration file", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await writeFile(join(world.quireHome, "config.toml"), "");
  const codex = new Codex({
    codexPathOverride: QUIRE_BIN,
    baseUrl: world.server.url,
    apiKey: "key-of-the-sdk",
    env: environment(world),
  });
  const { finalResponse } = await codex.startThread({ workingDirectory: world.repository.path }).run("go");
  expect(finalResponse).toBe("ok");
  expect(world.server.requests[0]?.headers.authorization).toBe("Bearer key-of-the-sdk");
});

test("the environment is the given one and no other; configuration overrides of both kinds arrive", async () => {
  await using run = await codexWorld(
    {
      config: '[shell_environment_policy]\ninherit = "all"\n',
      steps: [callsTool("exec_command", { cmd: 'echo "[$MARK][$QUIRE_TEST_LEAK]"' })],
    },
    {
      config: { model_verbosity: "low", shell_environment_policy: { set: { MARK: "set here" } } },
      configOverrides: ['model_reasoning_summary="detailed"'],
    },
  );
  process.env.QUIRE_TEST_LEAK = "leaked";
  try {
    await run.codex.startThread(run.here).run("go");
  } finally {
    delete process.env.QUIRE_TEST_LEAK;
  }
  const [request, second] = run.world.server.requests;
  expect(request?.body).toMatchObject({ text: { verbosity: "low" }, reasoning: { summary: "detailed" } });
  expect(second?.toolOutputs[0]).toContain("[set here][]");
});

test("thread options: model, effort, sandbox, approval, network, web search, more directories", async () => {
  await using run = await codexWorld({
    steps: [callsTool("exec_command", { cmd: "touch b.txt" })],
  });
  const other = join(run.world.home.path, "other");
  await mkdir(other);
  await run.codex
    .startThread({
      ...run.here,
      model: "gpt-5.5",
      modelReasoningEffort: "high",
      sandboxMode: "read-only",
      approvalPolicy: "never",
      networkAccessEnabled: true,
      webSearchMode: "disabled",
      additionalDirectories: [other],
      threadSource: "user",
      skipGitRepoCheck: true,
    })
    .run("go", { cyberAccessProgram: "standard" });
  const [request, second] = run.world.server.requests;
  expect(request?.body).toMatchObject({ model: "gpt-5.5", reasoning: { effort: "high" } });
  const context = request?.inputTexts.join("\n") ?? "";
  expect(context).toContain("Sandbox mode: read-only");
  expect(context).toContain("Approvals: never");
  expect(second?.toolOutputs[0]).toMatch(/Read-only file system|denied/i);
});

test("a directory without git is refused unless the check is skipped", async () => {
  await using run = await codexWorld({ git: false });
  const options = { ...run.here, sandboxMode: "workspace-write" } as const;
  expect(String(await failure(run.codex.startThread(options).run("go")))).toContain("not_a_repository");
  const turn = await run.codex.startThread({ ...options, skipGitRepoCheck: true }).run("go");
  expect(turn.finalResponse).toBe("ok");
});

test("thread.started and usage hold Codex's fields and no others", async () => {
  await using run = await codexWorld({
    steps: [says("Hi.", { usage: { input: 42, cached: 12, output: 5 } })],
  });
  const { events } = await run.codex.startThread(run.here).runStreamed("go");
  const seen: ThreadEvent[] = [];
  for await (const event of events) seen.push(event);
  expect(seen).toEqual([
    { type: "thread.started", thread_id: expect.any(String) },
    { type: "turn.started" },
    { type: "item.completed", item: { id: "item_0", type: "agent_message", text: "Hi." } },
    {
      type: "turn.completed",
      usage: {
        input_tokens: 42,
        cached_input_tokens: 12,
        cache_write_input_tokens: 0,
        output_tokens: 5,
        reasoning_output_tokens: 0,
      },
    },
  ]);
});

test("a provider in the configuration of the SDK needs no model and no key", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await writeFile(join(world.quireHome, "config.toml"), "");
  const codex = new Codex({
    codexPathOverride: QUIRE_BIN,
    config: {
      model_provider: "here",
      model_providers: {
        here: {
          name: "here",
          base_url: world.server.url,
          wire_api: "responses",
          supports_websockets: false,
        },
      },
    },
    env: environment(world),
  });
  const turn = await codex.startThread({ workingDirectory: world.repository.path }).run("go");
  expect(turn.items).toEqual([{ id: "item_0", type: "agent_message", text: "ok" }]);
});

test("the endpoint learns that the SDK asks, and the schema has the name that Codex gives it", async () => {
  await using run = await codexWorld({ script: { afterwards: says("not JSON") } });
  const schema = { type: "object", properties: {}, required: [], additionalProperties: false };
  const turn = await run.codex.startThread(run.here).run("go", { outputSchema: schema });
  const [request] = run.world.server.requests;
  // An answer that is not what the schema asks for is the user's to judge.
  expect(turn.finalResponse).toBe("not JSON");
  expect(request?.headers.originator).toBe("codex_sdk_ts");
  expect(request?.body).toMatchObject({
    text: { format: { name: "codex_output_schema", type: "json_schema", strict: true, schema } },
  });
});

test("a stream that fails again and again rejects within seconds, in Codex's words", async () => {
  const failing = { type: "error", error: { code: "rate_limit_exceeded", message: "rate limit exceeded" } };
  await using run = await codexWorld({
    provider: "stream_max_retries = 2\n",
    steps: [fault({ truncate: true })],
    script: { afterwards: streams(`event: error\ndata: ${JSON.stringify(failing)}\n\n`) },
  });
  const thrown = await failure(run.codex.startThread(run.here).run("go"));
  expect(String(thrown)).toContain("stream disconnected before completion: rate limit exceeded");
  expect(run.world.server.requests).toHaveLength(3);
});

test("a folder without git is refused in Codex's words; other things that are missing do not end the run", async () => {
  await using run = await codexWorld({ git: false });
  expect(String(await failure(run.codex.startThread(run.here).run("go")))).toContain(
    "Not inside a trusted directory",
  );
  const image = join(run.world.home.path, "broken.png");
  await writeFile(image, "no image");
  const turn = await run.codex
    .startThread({ ...run.here, skipGitRepoCheck: true, additionalDirectories: ["../absent"] })
    .run([
      { type: "text", text: "look" },
      { type: "local_image", path: image },
    ]);
  expect(turn.finalResponse).toBe("ok");
  expect(run.world.server.requests[0]?.inputTexts.at(-1)).toMatch(
    /look.*An image was left out: .*broken.png/s,
  );
});

test("abort ends a run whose endpoint never stops sending", async () => {
  const item = { type: "response.output_item.done", item: { id: "x", type: "no_such_item", status: "done" } };
  const body = `data: {"type":"response.created","response":{}}\n\n${`data: ${JSON.stringify(item)}\n\n`.repeat(500)}`;
  await using run = await codexWorld({
    script: { afterwards: streams(body, { ratePerSecond: 20, firstByteMs: 60_000 }) },
  });
  const controller = new AbortController();
  const began = performance.now();
  setTimeout(() => controller.abort("enough"), 300);
  const thrown = await failure(run.codex.startThread(run.here).run("go", { signal: controller.signal }));
  expect(thrown).toBeInstanceOf(Error);
  expect(performance.now() - began).toBeLessThan(20_000);
});
