import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Codex, type CodexOptions, type ThreadEvent } from "@openai/codex-sdk";
import { assertAppendOnly, callsTool, fault, patches, QUIRE_BIN, says } from "@quire/test-support";
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
