import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { completedItems, type ExecWorld, execWorld } from "./support/exec-world.ts";

const PLUGIN: Record<string, string> = {
  ".claude-plugin/plugin.json": JSON.stringify({ name: "kit", version: "1.2.0", description: "A kit." }),
  "skills/greet/SKILL.md": "---\nname: greet\ndescription: Greet people.\n---\n\nSay hello.\n",
  "commands/draft.md": "---\ndescription: Draft\nargument-hint: GOAL=<text>\n---\nDraft $GOAL for $1.\n",
  "hooks/hooks.json": JSON.stringify({
    hooks: {
      UserPromptSubmit: [{ hooks: [{ type: "command", command: "sh $" + "{CLAUDE_PLUGIN_ROOT}/say.sh" }] }],
    },
  }),
  "say.sh": "echo FROM-PLUGIN",
  ".mcp.json": JSON.stringify({ mcpServers: { tool: { command: "$" + "{CLAUDE_PLUGIN_ROOT}/none" } } }),
};

async function put(root: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
}

const command = (world: ExecWorld, ...words: string[]) =>
  runQuire(words, { cwd: world.repository.path, home: world.home.path });
const sent = (world: ExecWorld, index = -1) => String(world.server.requests.at(index)?.raw);

test("a Claude Code plugin works unchanged: skills, hooks, prompts and servers, until something in it changes", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const source = join(world.home.path, "kit-source");
  await put(source, PLUGIN);
  const installed = await command(world, "plugins", "install", source);
  expect(installed.stdout).toContain("kit installed");
  const list = await command(world, "plugins", "list", "--json");
  expect(JSON.parse(list.stdout)).toMatchObject([
    {
      id: "kit",
      state: "active",
      contents: {
        version: "1.2.0",
        servers: { tool: { command: join(world.quireHome, "plugins/kit/none") } },
      },
    },
  ]);
  const first = await world.execJson(["use $kit:greet"]);
  expect(sent(world)).toContain("- kit:greet: Greet people.");
  expect(sent(world)).toContain("Say hello.");
  expect(sent(world)).toContain("FROM-PLUGIN");
  expect(completedItems(first.events)).toContainEqual(
    expect.objectContaining({ code: "skill_used", message: expect.stringContaining("plugin kit") }),
  );
  expect(JSON.stringify(first.events)).toContain("kit-tool");
  await world.exec(["/prompts:kit:draft Ann GOAL='a plan'"]);
  expect(sent(world)).toContain("Draft a plan for Ann.");

  await writeFile(join(world.quireHome, "plugins/kit/say.sh"), "echo CHANGED");
  const changed = await world.execJson(["go"]);
  expect(sent(world)).not.toContain("CHANGED");
  expect(sent(world)).not.toContain("kit:greet");
  expect(completedItems(changed.events)).toContainEqual(expect.objectContaining({ code: "plugin_changed" }));
  await command(world, "plugins", "enable", "kit");
  await world.exec(["go"]);
  expect(sent(world)).toContain("CHANGED");
  await command(world, "plugins", "disable", "kit");
  await world.exec(["go"]);
  expect(sent(world)).not.toContain("CHANGED");
  await command(world, "plugins", "remove", "kit");
  await expect(readFile(join(world.quireHome, "plugins/kit/say.sh"))).rejects.toThrow("ENOENT");
});

test("a plugin is chosen from a marketplace in a repository, and its commit is noted", async () => {
  await using world = await execWorld();
  const marketplace = JSON.stringify({
    name: "m",
    plugins: [
      { name: "kit", source: "./plugins/kit" },
      { name: "other", source: "../../etc" },
    ],
  });
  const files = Object.fromEntries(
    Object.entries(PLUGIN).map(([name, text]) => [`plugins/kit/${name}`, text]),
  );
  await using source = await execWorld({
    files: { ...files, ".claude-plugin/marketplace.json": marketplace },
  });
  const place = source.repository.path;
  expect((await command(world, "plugins", "install", place)).stderr).toContain("--plugin NAME: kit, other");
  expect((await command(world, "plugins", "install", place, "--plugin", "other")).stderr).toContain(
    "outside",
  );
  const done = await command(world, "plugins", "install", place, "--plugin", "kit");
  expect(done.stdout).toContain("kit installed");
  const [row] = JSON.parse((await command(world, "plugins", "list", "--json")).stdout);
  expect(row).toMatchObject({ id: "kit", state: "active", commit: expect.stringMatching(/^[0-9a-f]{40}$/) });
});

test("exec expands a saved prompt, and names the values that are missing", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await put(world.quireHome, { "prompts/fix.md": "---\ndescription: Fix\n---\nFix $FILE now." });
  await world.exec(["/prompts:fix FILE=a.txt"]);
  expect(sent(world)).toContain("Fix a.txt now.");
  const missing = await world.exec(["/prompts:fix"]);
  expect(missing).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("FILE=…") });
  const unknown = await world.exec(["/prompts:nope"]);
  expect(unknown.stderr).toContain("known: fix");
});
