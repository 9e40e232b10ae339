import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { callsTools, fault, quireHomeIn, runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

const ADD = callsTools([
  ["add_numbers", { a: 1, b: 2 }],
  ["add_numbers", { a: 3, b: 4 }],
]);
const REFUSED = fault({ status: 400, code: "invalid_value", message: "this model takes no images" });

test("a probe asks small questions, says before what they may cost, and what it finds is heeded", async () => {
  const steps = [says("one two three four five"), ADD, REFUSED, says('{"ready":true}'), says("seen")];
  await using world = await execWorld({ wireApi: "chat", steps, files: { "a.txt": "x" } });
  const at = { home: world.home.path, cwd: world.repository.path, env: { TEST_KEY: "key-for-tests" } };
  const run = await runQuire(["models", "probe", "--json"], at);
  expect(run.exitCode).toBe(0);
  expect(run.stderr).toMatch(/4 requests, about 1,500 tokens in and up to 2,400 out; an unknown price/);
  const found = JSON.parse(run.stdout);
  expect(found).toEqual({
    provider: "scripted",
    model: "local-model",
    base_url: world.server.url,
    wire_api: "chat",
    probed_at: expect.any(Number),
    streaming: "yes",
    usage: "yes",
    tools: "yes",
    parallel: "yes",
    images: "no",
    structured_output: "yes",
    context_error: null,
  });
  const file = join(quireHomeIn(world.home.path), "model-probes.json");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(JSON.parse(await readFile(file, "utf8"))).toEqual({ probes: [found] });
  const listed = JSON.parse((await runQuire(["models", "--json"], at)).stdout).models;
  expect(listed[0]).toMatchObject({ id: "local-model", provider: "scripted", current: true, probe: found });
  const usage = await runQuire(["usage", "--by", "purpose", "--csv"], at);
  expect(usage.stdout).toMatch(/^probe,4,/m);
});

test("the table names prices with their dates, and what nobody knows as unknown", async () => {
  await using world = await execWorld({ wireApi: "chat" });
  const at = { home: world.home.path, cwd: world.repository.path };
  const { stdout, exitCode } = await runQuire(["models"], at);
  expect(exitCode).toBe(0);
  const lines = stdout.split("\n");
  expect(lines[0]).toMatch(/^MODEL +PROVIDER +CONTEXT +OUTPUT +EFFORTS +INPUTS +\$ /);
  expect(lines.find((line) => line.includes("gpt-5.2-codex"))).toMatch(/400,000 .*1\.75, 0\.175, 14 \(/);
  expect(lines.find((line) => line.includes("code-davinci-002"))).toMatch(/8,001 .*retired, use GPT-3\.5/);
  expect(lines.find((line) => line.includes("gpt-5-codex"))).toContain("~");
  expect(stdout).toContain("? unknown, which is not 0");
});

test("a probe of an endpoint that refuses the key ends with that error", async () => {
  const steps = [fault({ status: 401, code: "invalid_api_key", message: "no" })];
  await using world = await execWorld({ wireApi: "anthropic", steps });
  const at = { home: world.home.path, cwd: world.repository.path, env: { TEST_KEY: "key-for-tests" } };
  const run = await runQuire(["models", "probe"], at);
  expect(run.exitCode).not.toBe(0);
  expect(run.stderr).toContain("model_unauthorized");
});
