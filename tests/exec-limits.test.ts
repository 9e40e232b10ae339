import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, fault, patches, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { completedItems, execWorld } from "./support/exec-world.ts";

const PATCH = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch";

test("--max-turns ends the run before the next model call; what was done stays, and the thread can go on", async () => {
  await using world = await execWorld({
    steps: [patches(PATCH), says("done"), callsTool("exec_command", { cmd: "true" })],
  });
  const { run, events } = await world.execJson(["--max-turns", "1", "go"]);
  expect({ exitCode: run.exitCode, requests: world.server.requests.length }).toEqual({
    exitCode: 1,
    requests: 1,
  });
  expect(await world.repository.read("a.txt")).toBe("two\n");
  expect(events.at(-1)).toMatchObject({
    type: "turn.failed",
    error: {
      code: "budget_exceeded",
      retryable: false,
      message: expect.stringContaining("1 model call of 1 model call (--max-turns)"),
      budget: { limit: "turns", allowed: 1, used: 1 },
    },
    usage: { input_tokens: 100, turn: { input_tokens: 100 }, turn_cost: { kind: "known" } },
  });
  const resumed = await world.exec(["resume", "--last", "go on"]);
  expect(resumed).toMatchObject({ exitCode: 0, stdout: "done\n" });
});

test("--max-tokens refuses a call that does not fit and bounds the output of one that does", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "true" })],
    script: {
      afterwards: { ...callsTool("exec_command", { cmd: "true" }), usage: { input: 3000, output: 500 } },
    },
  });
  const tooSmall = await world.execJson(["--max-tokens", "500", "go"]);
  expect(world.server.requests).toHaveLength(0);
  expect(tooSmall.events.at(-1)).toMatchObject({
    error: { code: "budget_exceeded", budget: { limit: "tokens", allowed: 500, used: 0 } },
  });
  const { run, events } = await world.execJson(["--max-tokens", "30_000", "go"]);
  expect(run.exitCode).toBe(1);
  const sent: { max_output_tokens?: number } = JSON.parse(String(world.server.requests[0]?.raw));
  const limit = sent.max_output_tokens;
  expect(limit).toBeGreaterThan(10_000);
  expect(limit).toBeLessThan(30_000);
  const last = events.at(-1);
  const budget = last?.type === "turn.failed" ? last.error.budget : undefined;
  expect(budget).toMatchObject({ limit: "tokens", allowed: 30_000 });
  expect((budget?.used ?? 0) + (budget?.needed ?? 0)).toBeGreaterThan(30_000);
  expect(budget?.used).toBeLessThanOrEqual(30_000);
});

test("an answer that was cut by our own bound ends as a used-up budget", async () => {
  await using world = await execWorld({
    steps: [says("half an answ", { outcome: { kind: "incomplete", reason: "max_output_tokens" } })],
  });
  const { events } = await world.execJson(["--max-tokens", "20000", "go"]);
  expect(events.at(-1)).toMatchObject({ error: { code: "budget_exceeded", budget: { limit: "tokens" } } });
  expect(completedItems(events)).toMatchObject([{ type: "agent_message", text: "half an answ" }]);
});

test("--max-cost counts money before it is spent", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "true" })],
    script: {
      afterwards: { ...callsTool("exec_command", { cmd: "true" }), usage: { input: 3000, output: 500 } },
    },
  });
  const { run, events } = await world.execJson(["--max-cost", "$0.05", "go"]);
  expect(run.exitCode).toBe(1);
  const last = events.at(-1);
  if (last?.type !== "turn.failed") throw new Error("the run did not fail");
  expect(last.error).toMatchObject({ code: "budget_exceeded", budget: { limit: "cost", allowed: 0.05 } });
  expect(last.usage?.turn_cost).toMatchObject({ kind: "known" });
  expect(last.usage?.turn_cost?.kind === "known" ? last.usage.turn_cost.usd : 1).toBeLessThan(0.05);
});

test("--max-cost without a known price is refused before anything is sent, with what to do; a price helps", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const refused = await world.exec(["-m", "my-own", "--max-cost", "1", "go"]);
  expect(refused).toMatchObject({ exitCode: 1, stdout: "" });
  expect(refused.stderr).toMatch(/no price of "my-own".*\[config_invalid\].*model_catalog_json/s);
  expect(world.server.requests).toHaveLength(0);
  const catalogue = { models: [{ id: "my-own", price: { input: 1, cached_input: 0.1, output: 2 } }] };
  const file = join(world.home.path, "models.json");
  await writeFile(file, JSON.stringify(catalogue));
  const priced = [
    "-m",
    "my-own",
    "-c",
    `model_catalog_json=${JSON.stringify(file)}`,
    "--max-cost",
    "1",
    "go",
  ];
  expect(await world.exec(priced)).toMatchObject({ exitCode: 0, stdout: "ok\n" });
});

test("--timeout ends a command that runs and a model that is silent, as a budget and not as an interruption", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "touch started; sleep 300", yield_time_ms: 30_000 })],
    script: { afterwards: fault({ stall: 60_000 }) },
  });
  const command = await world.execJson(["--timeout", "2s", "go"]);
  expect(command.run).toMatchObject({ exitCode: 1, timedOut: false });
  expect(await world.repository.read("started")).toBe("");
  const failure = { code: "budget_exceeded", budget: { limit: "time", allowed: 2, used: 2 } };
  expect(command.events.at(-1)).toMatchObject({ type: "turn.failed", error: failure });
  const silent = await world.execJson(["--timeout", "2000ms", "go"]);
  expect(silent.events.at(-1)).toMatchObject({ type: "turn.failed", error: failure });
});

test.each([
  ["--max-turns", "0", /--max-turns "0" is not a whole number above 0/],
  ["--max-tokens", "many", /--max-tokens "many" is not a whole number/],
  ["--max-cost", "-1", /--max-cost/],
  ["--timeout", "5 minutes", /--timeout "5 minutes" is not a duration such as 90, 90s, 10m or 2h/],
])("%s %s is refused", async (flag, value, text) => {
  await using world = await execWorld();
  const run = await world.exec([`${flag}=${value}`, "go"]);
  expect(run).toMatchObject({ exitCode: 2, stdout: "", stderr: expect.stringMatching(text) });
});

test("--output-deltas tells what a long command has printed so far, at most once a second", async () => {
  await using world = await execWorld({
    steps: [
      callsTool("exec_command", { cmd: "for i in 1 2 3 4 5 6 7; do echo line $i; sleep 0.4; done" }),
      says("ok"),
    ],
  });
  const { events } = await world.execJson(["--output-deltas", "go"]);
  const updates = events.flatMap((event) =>
    event.type === "item.updated" && event.item.type === "command_execution" ? [event.item] : [],
  );
  expect(updates.length).toBeGreaterThanOrEqual(1);
  expect(updates.length).toBeLessThanOrEqual(4);
  expect(updates[0]).toMatchObject({ id: "item_0", status: "in_progress", exit_code: null });
  expect(updates[0]?.aggregated_output).toMatch(/^line 1\n/);
});

test("the error that ends a run after retries says how many there were", async () => {
  await using world = await execWorld({
    script: { afterwards: fault({ status: 500 }) },
  });
  const { events } = await world.execJson([
    "-c",
    "model_providers.scripted.request_max_retries=1",
    "-c",
    "model_providers.scripted.stream_max_retries=1",
    "go",
  ]);
  const errors = events.filter((event) => event.type === "error");
  expect(errors.at(-1)).toMatchObject({
    will_retry: false,
    attempt: expect.any(Number),
    error: { code: "model_server_error", retryable: true },
  });
});
