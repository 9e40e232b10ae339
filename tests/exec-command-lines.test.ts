import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);

/** Command lines of programs that were made to drive Codex. */
test.each<[name: string, words: readonly string[], prompt: string]>([
  [
    "a CI adapter's",
    [
      ..."exec --dangerously-bypass-approvals-and-sandbox --skip-git-repo-check --model gpt-5.3-codex --json".split(
        " ",
      ),
      ..."--enable some_feature -c model_reasoning_effort=low -- review the --json flag"
        .split(" ")
        .slice(0, 4),
      "--",
      "review the --json flag",
    ],
    "review the --json flag",
  ],
  [
    "the SDK's",
    [
      ..."exec --experimental-json --model gpt-5.3-codex --sandbox read-only --skip-git-repo-check".split(
        " ",
      ),
      ...'--config model_reasoning_effort="high" --config approval_policy="never" --thread-source sdk'.split(
        " ",
      ),
      "hello",
    ],
    "hello",
  ],
  ["options before the command", ["-m", "gpt-5.3-codex", "--enable=x", "exec", "hello"], "hello"],
  ["the alias and no colour", ["e", "--color", "never", "hello"], "hello"],
  ["a prompt that is the name of an action", ["exec", "--", "resume"], "resume"],
  ["a prompt that begins with a dash", ["exec", "--", "-x is broken"], "-x is broken"],
  ["several images before --", ["exec", "-i", "a.png", "b.png", "--", "look"], "look"],
  ["several images with commas", ["exec", "--image", "a.png,b.png", "look"], "look"],
  ["an image and then the prompt", ["exec", "-i", "a.png", "look"], "look"],
  ["flags of Codex that mean nothing here", ["exec", "--dangerously-bypass-hook-trust", "hello"], "hello"],
])("%s command line works as it is", async (_name, words, prompt) => {
  await using world = await execWorld({
    files: { "a.txt": "one\n", "a.png": { content: PNG }, "b.png": { content: PNG } },
    steps: [says("ok")],
  });
  const run = await world.quire(words);
  expect(run.stderr).not.toContain("error:");
  expect(run.exitCode).toBe(0);
  const [request] = world.server.requests;
  expect(
    request?.inputTexts
      .filter((text) => !text.startsWith("<"))
      .at(-1)
      ?.split("data:")[0],
  ).toBe(prompt);
  const images = words.some((word) => word.includes("b.png")) ? 2 : words.includes("a.png") ? 1 : 0;
  expect(request?.raw.toString().match(/data:image\/png/g) ?? []).toHaveLength(images);
});

test("an unknown feature is passed over with a warning on stderr; a known one is switched", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const unknown = await world.execJson(["--enable", "telepathy", "go"]);
  expect(unknown.run).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/no feature "telepathy".*\[feature_unknown\]/),
  });
  await world.exec(["--disable", "update_plan", "-c", "features.view_image_tool=false", "go"]);
  const names = world.server.requests.map(({ tools }) => tools.map(({ name }) => name).join(" "));
  expect(names).toEqual([
    "apply_patch exec_command update_plan view_image write_stdin",
    "apply_patch exec_command write_stdin",
  ]);
});

test("-c takes dotted and quoted keys, TOML values and plain words", async () => {
  await using world = await execWorld({ steps: [says("ok")], config: "" });
  await writeFile(join(world.quireHome, "config.toml"), "");
  const provider = 'model_providers."my.own"';
  const run = await world.exec(
    [
      ["-c", 'model_provider="my.own"', "-c", "model=gpt-5.3-codex", "-c", `${provider}.name=mine`],
      ["-c", `${provider}.base_url="${world.server.url}"`, "-c", `${provider}.env_key=TEST_KEY`],
      ["-c", `${provider}.http_headers={"x-a.b"="1"}`, "-c", 'model_reasoning_effort="high"', "hello"],
    ].flat(),
  );
  expect(run).toMatchObject({ exitCode: 0, stdout: "ok\n" });
  expect(world.server.requests[0]?.headers["x-a.b"]).toBe("1");
  expect(world.server.requests[0]?.body).toMatchObject({ reasoning: { effort: "high" } });
});

test("exec … resume ID takes options on both sides", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const { events } = await world.execJson(["go"]);
  const id = events[0]?.type === "thread.started" ? events[0].thread_id : "";
  const again = await world.execJson(["--skip-git-repo-check", "resume", id, "--color", "never", "again"]);
  expect(again.run.exitCode).toBe(0);
  expect(again.events[0]).toMatchObject({ type: "thread.started", thread_id: id });
  const last = await world.execJson(["resume", "--last", "--all", "and again"]);
  expect(last.events[0]).toMatchObject({ thread_id: id });
});

test("flags that scripts have kept: --full-auto, --output-last-message, --color, stdin closed", async () => {
  await using world = await execWorld({ script: { afterwards: says("the answer") } });
  const file = join(world.home.path, "last.txt");
  const words = ["--full-auto", "--output-last-message", file, "--color=never", "--json", "go"];
  const { run, events } = await world.execJson(words, { stdin: "" });
  expect(run).toMatchObject({ exitCode: 0 });
  expect(events.at(-1)?.type).toBe("turn.completed");
  expect(await readFile(file, "utf8")).toBe("the answer");
  expect(world.server.requests[0]?.inputTexts.join("\n")).toContain("Sandbox mode: workspace-write");
});
