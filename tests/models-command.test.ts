import { appendFile, readFile, stat } from "node:fs/promises";
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
  const run = await world.quire(["models", "probe", "--json"]);
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
  const listed = JSON.parse((await world.quire(["models", "--json"])).stdout).models;
  expect(listed[0]).toMatchObject({ id: "local-model", provider: "scripted", current: true, probe: found });
  const usage = await world.quire(["usage", "--by", "purpose", "--csv"]);
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
  const run = await world.quire(["models", "probe"]);
  expect(run.exitCode).not.toBe(0);
  expect(run.stderr).toContain("model_unauthorized");
});

const NO_TOOLS = fault({ status: 400, code: "invalid", message: "this model does not support tools" });
const PROBED = [says("one two"), NO_TOOLS, says("red"), says('{"ready":true}')];

test("a model without tools of its own gets them in words, and calls them by writing", async () => {
  const written = '<tool_call>\n{"name": "exec_command", "arguments": {"cmd": "cat a.txt"}}\n</tool_call>';
  await using world = await execWorld({
    wireApi: "chat",
    steps: [...PROBED, says(`I look.\n${written}`), says("It says one.")],
  });
  expect(JSON.parse((await world.quire(["models", "probe", "--json"])).stdout)).toMatchObject({
    tools: "no",
  });
  const run = await world.exec(["what does a.txt say?"]);
  expect(run).toMatchObject({ exitCode: 0, stdout: "It says one.\n" });
  expect(run.stderr).toContain("gets the tools in words and writes its calls as text");
  const bodies: { tools?: unknown; messages: { role: string; content: string }[] }[] = world.server.requests
    .slice(PROBED.length)
    .map(({ raw }) => JSON.parse(String(raw)));
  expect(bodies.map(({ tools }) => tools)).toEqual([undefined, undefined]);
  expect(bodies[0]?.messages[0]?.content).toMatch(
    /<tool_call>.*"name":"apply_patch".*"name":"exec_command"/s,
  );
  const [asked, called, answered] = bodies[1]?.messages.slice(-3) ?? [];
  expect(asked?.content).toBe("what does a.txt say?");
  expect(called).toMatchObject({
    role: "assistant",
    content: expect.stringMatching(/^I look\.\s+<tool_call>\n\{"name":"exec_command",.*\}\n<\/tool_call>$/),
  });
  expect(answered).toMatchObject({
    role: "user",
    content: expect.stringMatching(/^<tool_response>\n.*one\n.*<\/tool_response>$/s),
  });
});

test("over a wire API without that way a model without tools is refused before anything is sent", async () => {
  await using world = await execWorld({
    steps: PROBED,
    model: "own-model",
    script: { afterwards: says("ok") },
  });
  await world.quire(["models", "probe"]);
  const refused = await world.exec(["go"]);
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/"own-model" makes no tool calls .*\[config_invalid\].*wire_api = "chat"/s),
  });
  expect(world.server.requests).toHaveLength(PROBED.length);
  const provider = "[model_providers.scripted.capabilities]\ntools = true\n";
  await appendFile(join(world.quireHome, "config.toml"), provider);
  expect((await world.exec(["go"])).exitCode).toBe(0);
});
