import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runQuire, says, temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";

test.each([
  ["an unknown flag", ["--frobnicate", "x"], 2, /--frobnicate.*\[usage_invalid\]/],
  ["an unknown sandbox mode", ["-s", "loose", "x"], 2, /"loose"; known: read-only.*\[usage_invalid\]/],
  ["an empty prompt", [""], 2, /the prompt is empty.*\[prompt_empty\]/],
  ["no prompt and an empty stdin", [], 2, /\[prompt_empty\]/],
  ["two prompts", ["fix", "it"], 2, /unexpected argument "it".*\[usage_invalid\]/],
  [
    "a directory that is none",
    ["-C", "nowhere", "x"],
    2,
    /there is no directory .*nowhere \[directory_unusable\]/,
  ],
  ["a file as directory", ["-C", "a.txt", "x"], 2, /a\.txt.*\[directory_unusable\]/],
  ["an image that is none", ["-i", "a.txt", "x"], 2, /a\.txt is not a PNG.*\[image_invalid\]/],
  ["an image that is missing", ["-i", "no.png", "x"], 2, /no\.png.*\[image_invalid\]/],
  ["a schema that is none", ["--output-schema", "a.txt", "x"], 2, /a\.txt is not JSON.*\[schema_invalid\]/],
  ["a provider that is none", ["-c", "model_provider=nope", "x"], 1, /"nope".*\[config_invalid\]/],
  ["a configuration value of the wrong type", ["-c", "model=3", "x"], 1, /model.*\[config_invalid\]/],
  [
    "resume of a word",
    ["resume", "zzz", "x"],
    1,
    /no thread with the id or name "zzz".*\[thread_not_found\]/,
  ],
  ["resume of nothing", ["resume"], 2, /needs a thread id, or --last.*\[usage_invalid\]/],
])(
  "%s is refused with what, where and what to do, before anything is written or sent",
  async (_name, args, exitCode, text) => {
    await using world = await execWorld({ script: { afterwards: says("never") } });
    const run = await world.exec(args);
    expect(run.stderr).toMatch(text);
    expect(run.stderr.split("\n").length).toBeLessThan(12);
    expect({ exitCode: run.exitCode, stdout: run.stdout, requests: world.server.requests.length }).toEqual({
      exitCode,
      stdout: "",
      requests: 0,
    });
  },
);

test("broken TOML is shown with its place", async () => {
  await using world = await execWorld();
  await writeFile(join(world.quireHome, "config.toml"), 'model = "x"\nbroken = = 1\n');
  const run = await world.exec(["x"]);
  expect(run.exitCode).toBe(1);
  expect(run.stderr).toMatch(/config\.toml:2:.*\[config_invalid\]/s);
});

test("outside a repository only reading needs no word; writing needs the flag", async () => {
  await using world = await execWorld({ git: false, script: { afterwards: says("ok") } });
  const reading = await world.exec(["x"]);
  expect(reading).toMatchObject({ exitCode: 0, stderr: expect.stringContaining("sandbox read-only") });
  const writing = await world.exec(["-s", "workspace-write", "x"]);
  expect(writing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("[not_a_repository]") });
  expect((await world.exec(["-s", "workspace-write", "--skip-git-repo-check", "x"])).exitCode).toBe(0);
});

test("a model nobody knows works, with a warning that every front end shows", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const { run, events } = await world.execJson(["-m", "my-own-model", "x"]);
  expect(run.exitCode).toBe(0);
  expect(events).toContainEqual({
    type: "item.completed",
    item: {
      id: expect.any(String),
      type: "error",
      code: "model_unknown",
      message: expect.stringContaining('"my-own-model"'),
    },
  });
  expect(events.at(-1)).toMatchObject({ usage: { cost: { kind: "unknown" } } });
});

test("a named model without a key is an error, not another model", async () => {
  const run = await runQuire(["exec", "--skip-git-repo-check", "-m", "gpt-5.3-codex", "x"]);
  expect(run).toMatchObject({
    exitCode: 1,
    stdout: "",
    stderr: expect.stringMatching(/OPENAI_API_KEY.*\[model_unauthorized\]/s),
  });
});

test("a closed stdin is an empty one", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const run = await runQuire(["-c", `"$QUIRE" exec -C "$REPO" "say ok" <&-`], {
    command: "/bin/sh",
    home: world.home.path,
    env: {
      TEST_KEY: "k",
      REPO: world.repository.path,
      QUIRE: (await import("@quire/test-support")).QUIRE_BIN,
    },
  });
  expect(run).toMatchObject({ exitCode: 0, stdout: "ok\n" });
});

test("a home that cannot be written to is a typed error and nothing is run", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await writeFile(join(world.quireHome, "sessions"), "a file where a folder should be");
  const run = await world.exec(["x"]);
  expect(run).toMatchObject({ exitCode: 1, stdout: "" });
  expect(run.stderr).toMatch(/\[storage_failed\]/);
  expect(world.server.requests).toHaveLength(0);
});

test("a bare task without a terminal points to exec, with its own words", async () => {
  const run = await runQuire(["fix the tests"]);
  expect(run).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr: expect.stringContaining('quire exec "fix the tests"'),
  });
});

test("a directory that may not be read is refused", async () => {
  await using folder = await temporaryDirectory("quire-locked-");
  const locked = join(folder.path, "locked");
  await mkdir(locked);
  await chmod(locked, 0o000);
  const uid = process.getuid?.();
  const run = await runQuire(["exec", "-C", locked, "x"], { cwd: folder.path });
  // Root may read everything, so for root the directory is only no repository.
  expect(run.stderr).toMatch(uid === 0 ? /read-only/ : /\[directory_unusable\]/);
});
