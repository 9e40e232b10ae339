import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, fault, runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { execWorld } from "./support/exec-world.ts";

const CATALOGUE = { models: [{ id: "gpt-5.3-codex", price: { input: 2, cached_input: 0.2, output: 15 } }] };
const BIG = { usage: { input: 10_000, output: 100 } };

/** What the ledger of a world holds in all. */
async function spent(world: { home: { path: string } }) {
  const { stdout } = await runQuire(["usage", "--json"], { home: world.home.path });
  const report: { total: { requests: number; input_tokens: number; output_tokens: number } } =
    JSON.parse(stdout);
  return report.total;
}

test("a day's tokens are shared by processes that run at once, and never passed", async () => {
  const allowed = 20_000;
  await using world = await execWorld({
    config: `[budget.day]\nmax_tokens = ${allowed}\n`,
    script: {
      afterwards: { ...callsTool("exec_command", { cmd: "true" }), usage: { input: 2000, output: 100 } },
    },
  });
  const runs = await Promise.all(["a", "b", "c"].map((word) => world.execJson([word])));
  for (const { run, events } of runs) {
    expect(run.exitCode).toBe(1);
    expect(events.at(-1)).toMatchObject({
      type: "turn.failed",
      error: {
        code: "budget_exceeded",
        budget: { limit: "tokens", scope: "day", allowed },
        next_step: expect.stringContaining("[budget.day] max_tokens"),
      },
    });
  }
  const total = await spent(world);
  // The first request of each run is estimated roughly; after that the endpoint's counts are known.
  expect(total.input_tokens + total.output_tokens).toBeLessThanOrEqual(allowed + 3 * 500);
  expect(total.input_tokens + total.output_tokens).toBeGreaterThan(allowed - 3 * 2500);
  expect(await readdir(join(world.quireHome, "ledger", "reservations"))).toEqual([]);
});

test("a run that is killed gives back what it had set aside", async () => {
  await using world = await execWorld({
    config: "[budget.day]\nmax_tokens = 45000\n",
    steps: [fault({ stall: 60_000 })],
    script: { afterwards: says("ok") },
  });
  const killed = new AbortController();
  const folder = join(world.quireHome, "ledger", "reservations");
  const first = world.exec(["hang"], { signal: killed.signal });
  const reservations = async () =>
    (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json"));
  for (let tries = 0; tries < 200 && world.server.requests.length === 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  expect(await reservations()).toHaveLength(1);
  killed.abort();
  await first;
  expect(await reservations()).toHaveLength(1);
  expect(await world.exec(["go"])).toMatchObject({ exitCode: 0, stdout: "ok\n" });
  expect(await reservations()).toEqual([]);
});

test("a thread's money is counted over its turns; another thread begins anew", async () => {
  await using world = await execWorld({
    config: "[budget.thread]\nmax_cost = 0.05\n",
    script: { afterwards: { ...says("ok"), ...BIG } },
  });
  const file = join(world.home.path, "models.json");
  await writeFile(file, JSON.stringify(CATALOGUE));
  const priced = ["-c", `model_catalog_json=${JSON.stringify(file)}`];
  expect((await world.exec([...priced, "one"])).exitCode).toBe(0);
  expect((await world.exec([...priced, "resume", "--last", "two"])).exitCode).toBe(0);
  const third = await world.execJson([...priced, "resume", "--last", "three"]);
  expect(third.events.at(-1)).toMatchObject({
    error: {
      code: "budget_exceeded",
      message: expect.stringContaining("The budget of this thread is used up: $0.0430 of $0.0500"),
      budget: { limit: "cost", scope: "thread", allowed: 0.05 },
    },
  });
  expect((await world.exec([...priced, "elsewhere"])).exitCode).toBe(0);
});

test("a limit in money needs a price, whoever sets it", async () => {
  await using world = await execWorld({ config: "[budget.month]\nmax_cost = 5\n" });
  const refused = await world.exec(["-m", "my-own", "go"]);
  expect(refused.stderr).toMatch(/no price of "my-own".*\[config_invalid\].*model_catalog_json/s);
  expect(world.server.requests).toHaveLength(0);
});

test("a trusted project may tighten a budget and not loosen it", async () => {
  await using world = await execWorld({
    config: "[budget.thread]\nmax_tokens = 1000\n",
    files: {
      "a.txt": "one\n",
      ".quire/config.toml": "[budget.thread]\nmax_tokens = 1000000\n[budget.turn]\nmax_calls = 1\n",
    },
    script: {
      afterwards: { ...callsTool("exec_command", { cmd: "true" }), usage: { input: 10, output: 1 } },
    },
  });
  const refused = await world.execJson(["--trust", "go"]);
  expect(refused.events.at(-1)).toMatchObject({ error: { budget: { scope: "thread", allowed: 1000 } } });
  const raised = await world.exec(["--trust", "go"]);
  expect(raised.stderr).toContain("a project may only tighten a budget, and yours is 1000");
  const calls = await world.execJson(["--trust", "-c", "budget.thread.max_tokens=100000", "go"]);
  expect(calls.events.at(-1)).toMatchObject({ error: { budget: { limit: "turns", allowed: 1 } } });
});

test("the calls of one turn share their retries", async () => {
  const flaky = [fault({ status: 500 }), callsTool("exec_command", { cmd: "true" })];
  await using world = await execWorld({
    config: "[budget]\nretries_per_turn = 2\n",
    steps: [...flaky, ...flaky, ...flaky],
  });
  const { events } = await world.execJson(["go"]);
  expect(events.at(-1)).toMatchObject({
    type: "turn.failed",
    error: {
      code: "model_server_error",
      message: expect.stringContaining("the 2 retries of this turn are used up"),
    },
  });
  expect(world.server.requests).toHaveLength(5);
});

test("clients are told how limits stand: with what a call may take before it, and what it took after it", async () => {
  await using world = await execWorld({
    config:
      "[budget.day]\nmax_tokens = 50000\n[budget.thread]\nmax_tokens = 40000\n[budget.turn]\nmax_calls = 5\n",
    steps: [{ ...says("ok"), usage: { input: 2000, output: 100 } }],
  });
  await using server = startAppServer(world);
  await server.client.initialize({ experimentalApi: false });
  const { thread } = await server.client.request("thread/start", { cwd: world.repository.path });
  const threadId = String(thread.id);
  await server.client.request("turn/start", {
    threadId,
    input: [{ type: "text", text: "go", text_elements: [] }],
  });
  await server.client.wait(({ method }) => method === "turn/completed");
  const told = server.client.frames
    .filter(({ method }) => method === "thread/budget/updated")
    .map(({ params }) => params.budgets);
  const tokens = { unit: "tokens", spent: 0, reserved: expect.any(Number) };
  expect(told).toEqual([
    [
      { ...tokens, scope: "thread", limit: 40_000 },
      { scope: "turn", unit: "calls", limit: 5, spent: 0, reserved: 1 },
      { ...tokens, scope: "day", limit: 50_000 },
    ],
    [
      { scope: "thread", unit: "tokens", limit: 40_000, spent: 2100, reserved: 0 },
      { scope: "turn", unit: "calls", limit: 5, spent: 1, reserved: 0 },
      { scope: "day", unit: "tokens", limit: 50_000, spent: 2100, reserved: 0 },
    ],
  ]);
  // The input, and all of the output that the request was allowed.
  const { max_output_tokens: bound } = JSON.parse(String(world.server.requests[0]?.raw));
  for (const at of [0, 2]) expect(told[0]?.[at]?.reserved).toBeGreaterThan(bound);
});
