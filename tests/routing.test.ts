import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, fault, runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { completedItems, type ExecWorld, execWorld } from "./support/exec-world.ts";

const RULES = `
[[rule]]
name = "docs"
tags = ["docs"]
files = ["docs/**", "*.md"]
model = "gpt-5.1-codex-mini"
effort = "low"
budget = { max_tokens = 90000 }

[[rule]]
name = "everything"
max_prompt_chars = 500
effort = "medium"
fallback = { model = "gpt-5.2-codex", on = ["model_overloaded"] }
`;

const rules = (world: ExecWorld, text = RULES) => writeFile(join(world.quireHome, "routing.toml"), text);
const sent = (world: ExecWorld) =>
  world.server.requests.map(({ raw }) => {
    const body: { model: string; reasoning?: { effort?: string } } = JSON.parse(String(raw));
    return [body.model, body.reasoning?.effort];
  });

test("a rule chooses model, effort and budget for its turn alone, and the thread says so", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await rules(world);
  const first = await world.execJson(["#docs correct docs/intro.md and README.md"]);
  await world.exec(["resume", "--last", "go on with src/a.ts"]);
  await world.exec(["-m", "gpt-5.3-codex", "-c", "model_reasoning_effort=high", "#docs docs/a.md"]);
  expect(sent(world)).toEqual([
    ["gpt-5.1-codex-mini", "low"],
    ["gpt-5.3-codex", "medium"],
    ["gpt-5.3-codex", "high"],
  ]);
  expect(completedItems(first.events)).toContainEqual(
    expect.objectContaining({
      code: "model_routed",
      message: 'This turn runs with model gpt-5.1-codex-mini, effort low: rule "docs" of routing.toml.',
    }),
  );
});

test("another model goes on where one fails, in the same thread and with what was done", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "true" }), fault({ status: 503 }), says("done")],
    provider: "request_max_retries = 0\nstream_max_retries = 0\n",
  });
  await rules(world);
  const { run, events } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(0);
  expect(sent(world).map(([model]) => model)).toEqual(["gpt-5.3-codex", "gpt-5.3-codex", "gpt-5.2-codex"]);
  expect(completedItems(events)).toContainEqual(
    expect.objectContaining({
      code: "model_fallback",
      message: expect.stringContaining("gpt-5.3-codex failed (model_overloaded); gpt-5.2-codex goes on"),
    }),
  );
  const usage = await runQuire(["usage", "--by", "model", "--csv"], { home: world.home.path });
  expect(usage.stdout).toMatch(/^gpt-5.3-codex,2,1,/m);
  expect(usage.stdout).toMatch(/^gpt-5.2-codex,1,0,/m);
});

test('effort "auto" follows stated rules, only when it is asked for', async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const auto = ["-c", "model_reasoning_effort=auto"];
  await world.exec([...auto, "fix the typo in a.txt"]);
  await world.exec([...auto, "find out why the build is flaky"]);
  await world.exec(["fix the typo in a.txt"]);
  expect(sent(world).map(([, effort]) => effort)).toEqual(["low", "high", undefined]);
});

test("route explain names the rule and what spoke against the others; a wrong file is named", async () => {
  await using world = await execWorld();
  await rules(world);
  const explain = (task: string) =>
    runQuire(["route", "explain", task], { home: world.home.path, cwd: world.repository.path });
  expect((await explain("#docs look at src/a.ts")).stdout).toBe(
    [
      'rule "docs" does not fit: src/a.ts is mentioned',
      'rule "everything" decides',
      'This turn runs with effort medium: rule "everything" of routing.toml.',
      "fallback: gpt-5.2-codex after model_overloaded",
      "",
    ].join("\n"),
  );
  await rules(world, '[[rule]]\nname = "x"\ncolour = "red"\n');
  expect(await explain("go")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/routing\.toml: rule\.0.*\[config_invalid\]/s),
  });
  expect((await world.exec(["go"])).exitCode).toBe(1);
  expect(world.server.requests).toHaveLength(0);
});
