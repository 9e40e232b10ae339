import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer, type WireFrame } from "./support/app-server.ts";
import { execWorld } from "./support/exec-world.ts";

const command = (text: string, more: object = {}) => ({ type: "command", command: text, ...more });
const HOOKS = {
  SessionStart: [{ hooks: [command("echo for the model")] }],
  UserPromptSubmit: [{ hooks: [command("exit 3", { statusMessage: "looking", timeout: 5 })] }],
  PreToolUse: [{ matcher: "Bash", hooks: [command("echo key-for-tests is not for you >&2; exit 2")] }],
};

test("hooks are listed with their places, and clients see each run begin and end", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "true" }, { callId: "call-1" }), says("Done.")],
  });
  const file = join(world.quireHome, "hooks.json");
  await writeFile(file, JSON.stringify({ hooks: HOOKS }));
  const project = join(world.repository.path, ".quire", "hooks.json");
  await mkdir(join(world.repository.path, ".quire"));
  await writeFile(project, JSON.stringify({ hooks: { Stop: [{ hooks: [command("true")] }] } }));
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const { data } = await client.request("hooks/list", { cwds: [world.repository.path] });
  const common = { sourcePath: file, source: "user", enabled: true, trustStatus: "trusted" };
  expect(data).toMatchObject([
    {
      cwd: world.repository.path,
      hooks: [
        { ...common, key: `${file}:session_start:0:0`, eventName: "sessionStart", timeoutSec: 60 },
        { ...common, key: `${file}:user_prompt_submit:0:0`, statusMessage: "looking", timeoutSec: 5 },
        { ...common, key: `${file}:pre_tool_use:0:0`, matcher: "Bash", displayOrder: 2 },
      ],
      warnings: [expect.stringContaining(project)],
      errors: [],
    },
  ]);
  const { thread } = await client.request("thread/start", { cwd: world.repository.path });
  const { frames, turn } = await client.turn(thread.id, "go");
  const runs = frames.filter(({ method }) => method?.startsWith("hook/"));
  const told = ({ method, params }: WireFrame) => [method, params.run.eventName, params.run.status];
  expect(runs.map(told)).toEqual([
    ["hook/started", "sessionStart", "running"],
    ["hook/completed", "sessionStart", "completed"],
    ["hook/started", "userPromptSubmit", "running"],
    ["hook/completed", "userPromptSubmit", "failed"],
    ["hook/started", "preToolUse", "running"],
    ["hook/completed", "preToolUse", "blocked"],
  ]);
  expect(runs.at(-1)?.params).toEqual({
    threadId: thread.id,
    turnId: turn.id,
    run: {
      id: `pre-tool-use:2:${file}:call-1`,
      eventName: "preToolUse",
      handlerType: "command",
      executionMode: "sync",
      scope: "turn",
      sourcePath: file,
      source: "user",
      displayOrder: 2,
      status: "blocked",
      statusMessage: null,
      startedAt: expect.any(Number),
      completedAt: expect.any(Number),
      durationMs: expect.any(Number),
      entries: [{ kind: "feedback", text: "[redacted:TEST_KEY] is not for you" }],
    },
  });
  expect(runs[1]?.params.run).toMatchObject({
    scope: "thread",
    entries: [{ kind: "context", text: "for the model" }],
  });
  const methods = frames.flatMap(({ method }) => method ?? []);
  expect(methods.indexOf("turn/started")).toBeLessThan(methods.indexOf("hook/started"));
  expect(methods.lastIndexOf("hook/completed")).toBeLessThan(methods.indexOf("turn/completed"));
});

test("a plan that was approved elsewhere is in the next turn; a key is kept and forgotten; switches are listed", async () => {
  await using world = await execWorld({ script: { afterwards: says("Done.") } });
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const { thread } = await client.request("thread/start", { cwd: world.repository.path });
  const prepare = (params: object) =>
    client.call("thread/prepareApprovedPlan", { threadId: thread.id, ...params });
  const refused = [
    await prepare({ markdown: " " }),
    await prepare({ markdown: "x", attachmentPath: "plan.md" }),
  ];
  expect(refused.map(({ error }) => error?.data?.code)).toEqual(["usage_invalid", "params_invalid"]);
  const { prompt } = (await prepare({ markdown: "1. Make it right", attachmentPath: null })).result;
  await client.turn(thread.id, prompt);
  const texts = world.server.requests[0]?.inputTexts ?? [];
  expect(texts.filter((text) => text.includes("1. Make it right"))).toHaveLength(1);
  expect(texts.at(-1)).toBe(prompt);

  const from = client.frames.length;
  const login = (params: object) => client.call("account/login/start", params);
  expect((await login({ type: "chatgpt" })).error?.data?.code).toBe("usage_invalid");
  expect((await login({ type: "apiKey", apiKey: "two words" })).error?.data?.code).toBe("usage_invalid");
  expect((await login({ type: "apiKey", apiKey: "key-of-a-client" })).result).toEqual({ type: "apiKey" });
  expect((await client.call("account/logout")).result).toEqual({});
  await client.wait(({ method, params }) => method === "account/updated" && params.authMode === null, from);
  const told = client.frames.slice(from).filter(({ method }) => method?.startsWith("account/"));
  expect(told.map(({ method, params }) => [method, params])).toEqual([
    ["account/login/completed", { loginId: null, success: true, error: null }],
    ["account/updated", { authMode: "apikey", planType: null }],
    ["account/updated", { authMode: null, planType: null }],
  ]);
  const features = await client.request("experimentalFeature/list", { limit: 500 });
  expect(features.data).toContainEqual(
    expect.objectContaining({ name: "update_plan", stage: "stable", enabled: true, defaultEnabled: true }),
  );
});
