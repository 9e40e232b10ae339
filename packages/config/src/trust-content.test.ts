import { readFile, stat, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { temporaryTree } from "../test/temporary-tree.ts";
import { loadConfig } from "./load-config.ts";
import { persistTrust } from "./set-config-value.ts";
import { isTrustedContent } from "./trusted-content.ts";

async function trustedTree() {
  const tree = await temporaryTree({
    "app/.git/HEAD": "ref: refs/heads/main",
    "app/.quire/config.toml": 'model = "first"\n',
    "app/.quire/rules/own.rules": 'prefix_rule(pattern = ["ls"], decision = "allow")\n',
    "home/config.toml": "# mine\n",
  });
  const place = { home: tree.path("home"), cwd: tree.path("app") };
  const load = async () => {
    const loaded = await loadConfig({ ...place, env: {} });
    if (!loaded.ok) throw new Error(loaded.error.message);
    return loaded;
  };
  const trust = (level: "trusted" | "untrusted" = "trusted") =>
    persistTrust({ ...place, rootMarkers: [".git"], level });
  return { tree, load, trust, [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose]() };
}

test("trust is about what the files hold: a change is ignored, shown, and taken when it is trusted again", async () => {
  await using world = await trustedTree();
  const file = world.tree.path("app/.quire/config.toml");
  await world.trust();
  expect((await world.load()).config.model).toBe("first");

  await writeFile(file, 'model = "second"\nreview_model = "x"\n');
  const changed = await world.load();
  expect(changed.config.model).toBeNull();
  expect(changed.layers).toContainEqual({
    kind: "project",
    file,
    status: "changed",
    reason: "its content is not what was trusted",
  });
  expect(changed.warnings).toMatchObject([
    {
      code: "project_changed",
      level: "warning",
      file,
      message: expect.stringMatching(/not as it was when you trusted.*--trust/),
      details: ['-model = "first"', '+model = "second"', '+review_model = "x"'],
    },
  ]);

  await world.trust();
  expect((await world.load()).config.model).toBe("second");
});

test("a file that is new since then has no effect", async () => {
  await using world = await trustedTree();
  await world.trust();
  await writeFile(world.tree.path("app/.quire/rules/evil.rules"), "x");
  const { project } = await world.load();
  const root = world.tree.path("app");
  const accepts = async (name: string) => {
    const path = world.tree.path(`app/.quire/rules/${name}`);
    return isTrustedContent(project.content, root, path, await readFile(path, "utf8"));
  };
  expect([await accepts("own.rules"), await accepts("evil.rules")]).toEqual([true, false]);
});

test("an entry in config.toml alone trusts no content, and says so", async () => {
  await using world = await trustedTree();
  const entry = `[projects."${world.tree.path("app")}"]\ntrust_level = "trusted"\n`;
  await writeFile(world.tree.path("home/config.toml"), entry);
  const loaded = await world.load();
  expect(loaded.config.model).toBeNull();
  expect(loaded.warnings[0]).toMatchObject({
    code: "project_changed",
    message: expect.stringMatching(/never confirmed.*--trust/),
    details: [],
  });
});

test("the record is private; it is forgotten with the trust; a broken one trusts nothing", async () => {
  await using world = await trustedTree();
  const record = world.tree.path("home/trust.json");
  await world.trust();
  expect((await stat(record)).mode & 0o777).toBe(0o600);
  await writeFile(record, "{broken");
  expect((await world.load()).config.model).toBeNull();
  await world.trust();
  expect((await world.load()).config.model).toBe("first");
  await world.trust("untrusted");
  expect(JSON.parse(await readFile(record, "utf8"))).toEqual({ version: 1, projects: {} });
  expect((await world.load()).config.model).toBeNull();
});
