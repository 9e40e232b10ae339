import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
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
      'rule "docs" (routing.toml) does not fit: src/a.ts is mentioned',
      'rule "everything" (routing.toml) decides: the prompt has 22 characters, wanted are at most 500',
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

const PROJECT = `
[[rule]]
name = "large"
min_repo_files = 1000
effort = "high"

[[rule]]
name = "small"
max_repo_files = 10
roles = ["turn"]
effort = "minimal"
`;

test("a trusted project's rules come before one's own and look at the size of its repository", async () => {
  await using world = await execWorld({
    files: { "a.txt": "one\n", ".quire/routing.toml": PROJECT },
    script: { afterwards: says("ok") },
  });
  await rules(world);
  const explain = async (...more: string[]) => {
    const at = { home: world.home.path, cwd: world.repository.path };
    return (await runQuire(["route", "explain", ...more, "go"], at)).stdout.split("\n");
  };
  const file = join(world.repository.path, ".quire/routing.toml");
  await world.exec(["go"]);
  expect(await explain()).toContain(
    `${file} does not count: the project is not trusted. Look at it, then use --trust.`,
  );
  await world.exec(["--trust", "go"]);
  expect(await explain()).toEqual([
    'rule "large" (.quire/routing.toml) does not fit: the repository has 2 files, wanted are at least 1000',
    'rule "small" (.quire/routing.toml) decides: the role is turn; the repository has 2 files, wanted are at most 10',
    'rule "docs" (routing.toml) is not reached: rule "small" comes first',
    'rule "everything" (routing.toml) is not reached: rule "small" comes first',
    'This turn runs with effort minimal: rule "small" of .quire/routing.toml.',
    "",
  ]);
  expect(await explain("--role", "explorer")).toContain(
    'rule "small" (.quire/routing.toml) does not fit: the role is explorer',
  );
  await writeFile(file, PROJECT.replace("minimal", "xhigh"));
  const changed = await world.exec(["go"]);
  expect(changed.stderr).toMatch(/Rules of routing that are not as they were .*routing\.toml.*--trust/);
  expect(sent(world).map(([, effort]) => effort)).toEqual(["medium", "minimal", "medium"]);
});

test("a rule for a reviewer counts for reviews; a model that the endpoint cannot serve is named before anything is sent", async () => {
  await using world = await execWorld({ script: { afterwards: says("fine") }, wireApi: "chat" });
  await rules(world, '[[rule]]\nname = "r"\nroles = ["review"]\neffort = "low"\nmodel = "own-model"\n');
  await writeFile(join(world.repository.path, "a.txt"), "two\n");
  await world.exec(["review"]);
  await rules(world, '[[rule]]\nname = "r"\nmodel = "gpt-5.3-codex"\n');
  const refused = await world.exec(["go"]);
  expect(refused).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(
      /rule "r" of routing\.toml: .*answers to the wire API responses only.*\[config_invalid\]/s,
    ),
  });
  const bodies: unknown[] = world.server.requests.map(({ raw }) => JSON.parse(String(raw)));
  expect(bodies).toEqual([expect.objectContaining({ model: "own-model", reasoning_effort: "low" })]);
});

test.each([
  ["routing.toml", []],
  ["rules/own.rules", ["--trust"]],
] as const)("a pipe in the place of a project's %s is named and holds nobody up", async (name, trust) => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const file = join(world.repository.path, ".quire", name);
  await mkdir(join(file, ".."), { recursive: true });
  execFileSync("mkfifo", [file]);
  const run = await world.exec([...trust, "go"], { timeoutMs: 60_000 });
  expect(run).toMatchObject({
    timedOut: false,
    stderr: expect.stringMatching(/\.(?:toml:|rules) cannot be read[\s\S]*\[config_invalid\]/),
  });
  expect([run.exitCode, world.server.requests]).toEqual([1, []]);
});
