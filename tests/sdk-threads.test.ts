import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import {
  AbortedError,
  BudgetExceededError,
  Quire,
  QuireError,
  type RunEvent,
  TurnFailedError,
} from "@quire/sdk";
import { assertAppendOnly, callsTool, fault, QUIRE_BIN, says, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";
import { sdkWorld } from "./support/sdk-world.ts";

const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";

async function failure(run: Promise<unknown>): Promise<unknown> {
  return run.then(
    () => null,
    (thrown: unknown) => thrown,
  );
}

test("several runs are one conversation, and another process goes on with it", async () => {
  await using run = await sdkWorld({ script: { afterwards: says("ok") } });
  const thread = run.quire.startThread({ workingDirectory: run.world.repository.path });
  expect(thread.id).toBe(null);
  const first = await thread.run("one");
  expect(first).toMatchObject({
    finalResponse: "ok",
    items: [{ type: "userMessage" }, { type: "agentMessage", text: "ok" }],
    usage: { input_tokens: expect.any(Number) },
    cost: { kind: expect.any(String) },
  });
  await thread.run("two");
  const id = thread.id ?? "";
  await run.quire.close();
  const resumed = run.quire.resumeThread(id);
  await resumed.run("three");
  expect(resumed.id).toBe(id);
  assertAppendOnly(run.world.server.requests);
  expect(run.world.server.requests.at(-1)?.inputTexts.slice(-5)).toEqual(["one", "ok", "two", "ok", "three"]);
  const missing = await failure(run.quire.resumeThread("0198a000-0000-7000-8000-000000000001").run("x"));
  expect(missing).toBeInstanceOf(QuireError);
  expect(missing).toMatchObject({ code: "thread_not_found" });
});

test("a stream begins with the thread, ends with the turn, and its deltas make up the text", async () => {
  await using run = await sdkWorld({ steps: [says("a long enough answer to come in pieces")] });
  const thread = run.quire.startThread({ workingDirectory: run.world.repository.path });
  const events: RunEvent[] = [];
  for await (const event of (await thread.runStreamed("go")).events) events.push(event);
  expect([events[0]?.type, events[1]?.type, events.at(-1)?.type]).toEqual([
    "thread.started",
    "turn.started",
    "turn.completed",
  ]);
  const text = events.flatMap((event) => (event.type === "text.delta" ? [event.delta] : [])).join("");
  expect(text).toBe("a long enough answer to come in pieces");
});

test("images go along, and a path is taken from this program's directory", async () => {
  await using run = await sdkWorld({ script: { afterwards: says("A dot.") } });
  const image = join(run.world.home.path, "dot.png");
  await writeFile(image, Buffer.from(PNG, "base64"));
  const thread = run.quire.startThread({ workingDirectory: run.world.repository.path });
  await thread.run([
    { type: "text", text: "what is this?" },
    { type: "local_image", path: image },
  ]);
  expect(JSON.stringify(run.world.server.requests[0]?.body)).toContain("data:image/png;base64,");
  const missing = await failure(thread.run([{ type: "local_image", path: "/does/not/exist.png" }]));
  expect(missing).toMatchObject({ code: "image_invalid" });
});

test("options reach the engine: model, effort, configuration, base URL, key, more directories", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await writeFile(join(world.quireHome, "config.toml"), "");
  const other = join(world.home.path, "other");
  await mkdir(other);
  const quire = new Quire({
    quirePathOverride: QUIRE_BIN,
    baseUrl: world.server.url,
    apiKey: "key-of-the-sdk",
    config: { model_verbosity: "low" },
    env: { PATH: process.env.PATH ?? "", HOME: world.home.path, QUIRE_HOME: world.quireHome },
  });
  const thread = quire.startThread({
    model: "gpt-5.5",
    modelReasoningEffort: "high",
    workingDirectory: world.repository.path,
    sandboxMode: "workspace-write",
    additionalDirectories: [other],
    developerInstructions: "Be brief.",
  });
  await thread.run("go");
  await quire.close();
  const [request] = world.server.requests;
  expect(request?.headers.authorization).toBe("Bearer key-of-the-sdk");
  expect(request?.body).toMatchObject({
    model: "gpt-5.5",
    reasoning: { effort: "high" },
    text: { verbosity: "low" },
  });
  const context = request?.inputTexts.join("\n") ?? "";
  expect(context).toContain(other);
  expect(context).toContain("Be brief.");
  expect(context).toContain("Approvals: never");
});

test("abort: the command ends, the run rejects with what was done, and the thread can be used again", async () => {
  await using run = await sdkWorld({
    steps: [callsTool("exec_command", { cmd: "sleep 30" })],
    script: { afterwards: says("ok") },
  });
  const thread = run.quire.startThread({ workingDirectory: run.world.repository.path });
  const controller = new AbortController();
  const { events } = await thread.runStreamed("go", { signal: controller.signal });
  const thrown = await failure(
    (async () => {
      for await (const event of events) {
        if (event.type === "item.started" && event.item.type === "commandExecution")
          controller.abort("enough");
      }
    })(),
  );
  expect(thrown).toBeInstanceOf(AbortedError);
  expect(thrown).toMatchObject({ code: "aborted", cause: "enough", partial: { items: expect.any(Array) } });
  expect((await thread.run("again")).finalResponse).toBe("ok");
  const early = await failure(thread.run("x", { signal: AbortSignal.abort() }));
  expect(early).toMatchObject({ code: "aborted" });
});

test("leaving a stream early interrupts the turn", async () => {
  await using run = await sdkWorld({
    steps: [callsTool("exec_command", { cmd: "sleep 300", yield_time_ms: 30_000 })],
    script: { afterwards: says("ok") },
  });
  const thread = run.quire.startThread({ workingDirectory: run.world.repository.path });
  const started = Date.now();
  for await (const event of (await thread.runStreamed("go")).events) {
    if (event.type === "item.started" && event.item.type === "commandExecution") break;
  }
  expect((await thread.run("again")).finalResponse).toBe("ok");
  expect(Date.now() - started).toBeLessThan(30_000);
});

test.each([
  ["maxTokens", { maxTokens: 1 }],
  ["maxTurns", { maxTurns: 1 }],
  ["timeoutMs", { timeoutMs: 700 }],
] as const)("the budget %s ends a run with a typed error", async (budget, options) => {
  await using run = await sdkWorld({
    steps: [
      callsTool("exec_command", { cmd: "sleep 1" }),
      callsTool("exec_command", { cmd: "sleep 1" }),
      callsTool("exec_command", { cmd: "sleep 30" }),
    ],
    script: { afterwards: says("never reached") },
  });
  const thread = run.quire.startThread({ workingDirectory: run.world.repository.path });
  const thrown = await failure(thread.run("go", options));
  expect(thrown).toBeInstanceOf(BudgetExceededError);
  expect(thrown).toMatchObject({ code: "budget_exceeded", budget });
});

test("a failing endpoint and a missing engine are told apart by their codes", async () => {
  await using run = await sdkWorld({ script: { afterwards: fault({ status: 401, message: "bad key" }) } });
  const thread = run.quire.startThread({ workingDirectory: run.world.repository.path });
  const failed = await failure(thread.run("go"));
  expect(failed).toBeInstanceOf(TurnFailedError);
  expect(failed).toMatchObject({ code: "model_unauthorized", partial: { items: [{ type: "userMessage" }] } });
  const nowhere = new Quire({ quirePathOverride: "/does/not/exist/quire" });
  expect(await failure(nowhere.startThread().run("x"))).toMatchObject({ code: "engine_unavailable" });
});

test("a program ends by itself although it never closes the engine; the package has no dependencies", async () => {
  await using world = await execWorld({ script: { afterwards: says("from the package") } });
  await using folder = await temporaryDirectory("quire-sdk-");
  const run = promisify(execFile);
  const target = join(folder.path, "node_modules/@quire/sdk");
  await run(process.execPath, ["packages/sdk/build.mjs", target], { cwd: join(import.meta.dirname, "..") });
  const program = join(folder.path, "program.mjs");
  await writeFile(
    program,
    `import { Quire } from "@quire/sdk";
const thread = new Quire({ quirePathOverride: ${JSON.stringify(QUIRE_BIN)} }).startThread();
console.log((await thread.run("go")).finalResponse);`,
  );
  const { stdout } = await run(process.execPath, [program], {
    cwd: world.repository.path,
    timeout: 60_000,
    env: {
      PATH: process.env.PATH,
      HOME: world.home.path,
      QUIRE_HOME: world.quireHome,
      TEST_KEY: "key-for-tests",
    },
  });
  expect(stdout).toBe("from the package\n");
});
