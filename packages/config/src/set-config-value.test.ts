import { lstat, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import os from "node:os";
import { expect, test } from "vitest";
import { temporaryTree } from "../test/temporary-tree.ts";
import { loadConfig } from "./load-config.ts";
import { persistTrust, setConfigValue } from "./set-config-value.ts";

test("the file and its folder are made, private to the user", async () => {
  await using tree = await temporaryTree();
  const file = tree.path("home/config.toml");
  await setConfigValue(file, ["model"], "m");
  expect(await readFile(file, "utf8")).toBe('model = "m"\n');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(tree.path("home"))).mode & 0o777).toBe(0o700);
  expect(await readdir(tree.path("home"))).toEqual(["config.toml"]);
});

test("a link stays a link and its target is changed", async () => {
  await using tree = await temporaryTree({ "dotfiles/config.toml": "# mine\n" });
  await mkdir(tree.path("home"));
  await symlink(tree.path("dotfiles/config.toml"), tree.path("home/config.toml"));
  await setConfigValue(tree.path("home/config.toml"), ["model"], "m");
  expect((await lstat(tree.path("home/config.toml"))).isSymbolicLink()).toBe(true);
  expect(await readFile(tree.path("dotfiles/config.toml"), "utf8")).toBe('model = "m"\n\n# mine\n');
});

test("writers at the same time lose nothing", async () => {
  await using tree = await temporaryTree();
  const file = tree.path("config.toml");
  const names = Array.from({ length: 8 }, (_, index) => `n${index}`);
  await Promise.all(names.map((name) => setConfigValue(file, ["features", name], true)));
  const text = await readFile(file, "utf8");
  expect(text.trim().split("\n").slice(1).sort()).toEqual(names.map((name) => `${name} = true`));
});

test("a broken file is reported with its path and left as it was", async () => {
  await using tree = await temporaryTree({ "config.toml": "model = \n" });
  const file = tree.path("config.toml");
  await expect(setConfigValue(file, ["model"], "m")).rejects.toMatchObject({
    code: "config_invalid",
    message: expect.stringContaining(`${file} was not changed. The file is not valid TOML (line 1,`),
  });
  expect(await readFile(file, "utf8")).toBe("model = \n");
  expect(await readdir(tree.root)).toEqual(["config.toml"]);
});

test("an empty key and __proto__ are refused", async () => {
  await using tree = await temporaryTree();
  for (const key of [[], ["__proto__", "x"]]) {
    await expect(setConfigValue(tree.path("c.toml"), key, 1)).rejects.toMatchObject({
      code: "config_invalid",
    });
  }
  expect(await readdir(tree.root)).toEqual([]);
});

/** What a writer puts beside the file: whose claim it is stands in its name. */
function claimOf(pid: number, startTime: string, host = os.hostname()): string {
  return `config.toml~${pid}~${startTime}~0~${encodeURIComponent(host)}.lock`;
}

test("an aborted wait for another writer ends at once", async () => {
  await using tree = await temporaryTree({ [claimOf(process.pid, "0")]: "" });
  const waiting = setConfigValue(tree.path("config.toml"), ["model"], "m", AbortSignal.timeout(20));
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
});

test("what crashed writers left behind keeps nobody away and is removed; that of other hosts stays", async () => {
  const elsewhere = claimOf(1, "5", "another host");
  await using tree = await temporaryTree({
    "config.toml.lock": "",
    // No process has this number; and ours was not started at that time.
    [claimOf(4_194_305, "77")]: "half a fi",
    [claimOf(process.pid, "1")]: "",
  });
  await setConfigValue(tree.path("config.toml"), ["model"], "m");
  expect((await readdir(tree.root)).sort()).toEqual(["config.toml", "config.toml.lock"]);
  await writeFile(tree.path(elsewhere), "");
  const waiting = setConfigValue(tree.path("config.toml"), ["model"], "n", AbortSignal.timeout(50));
  await expect(waiting).rejects.toMatchObject({ name: "AbortError" });
  expect(await readdir(tree.root)).toContain(elsewhere);
});

test("persisted trust takes effect for the whole project, also over an older entry for a link to it", async () => {
  await using tree = await temporaryTree({
    "app/sub/keep": "",
    "app/.quire/config.toml": 'model = "project"',
  });
  await mkdir(tree.path("app/.git"));
  await symlink(tree.path("app"), tree.path("link"));
  const home = tree.path("home");
  await mkdir(home);
  await writeFile(
    `${home}/config.toml`,
    `# keep me\n[projects."${tree.path("link")}"]\ntrust_level = "untrusted"\n`,
    {
      mode: 0o600,
    },
  );
  const input = { home, cwd: tree.path("link/sub"), env: {} };
  expect(await loadConfig(input)).toMatchObject({
    ok: true,
    config: { model: null },
    warnings: [{ level: "info" }],
  });
  const noted = await persistTrust({
    home,
    cwd: tree.path("link/sub"),
    rootMarkers: [".git"],
    level: "trusted",
  });
  expect(noted).toBe(tree.path("app"));
  expect(await loadConfig(input)).toMatchObject({ ok: true, config: { model: "project" }, warnings: [] });
  expect(await readFile(`${home}/config.toml`, "utf8")).toContain("# keep me\n");
});
