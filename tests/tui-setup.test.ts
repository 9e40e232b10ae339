import { existsSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";
import { ENDED, quireInTmux, TAKES_KEYS } from "./support/tmux.ts";

const NO_KEYS = { OPENAI_API_KEY: "", CODEX_API_KEY: "" };

test("the first run asks where the model comes from, writes it down with comments kept, and is not asked again", async () => {
  await using world = await execWorld({ steps: [says("Hello from your server.")] });
  const config = join(world.quireHome, "config.toml");
  await writeFile(config, '# mine\nmodel_reasoning_effort = "low" # thrifty\n');
  {
    await using window = await quireInTmux(world, { env: NO_KEYS });
    await window.waitFor("Where should the model come from?", "no language model", TAKES_KEYS);
    await window.type("3");
    await window.waitFor("Which server?", TAKES_KEYS);
    await window.type("3");
    await window.waitFor("At which address?", TAKES_KEYS);
    await window.press("C-u");
    await window.waitFor(/^›$/m);
    await window.enter(`${world.server.url}/`);
    await window.waitFor("Which model, as the server names it?", TAKES_KEYS);
    await window.enter("house-model");
    await window.waitFor("/setup shows this again", "house-model low", `Written to ${config}.`);
    await window.enter("/quit");
    await window.waitFor(ENDED);
  }
  expect(await readFile(config, "utf8")).toBe(
    `# mine
model_reasoning_effort = "low" # thrifty
model_provider = "local"
model = "house-model"

[model_providers.local]
name = "local server"
base_url = "${world.server.url}"
wire_api = "chat"
`,
  );
  await writeFile(config, "");
  await using again = await quireInTmux(world, { env: NO_KEYS });
  expect(await again.waitFor("Say what to do")).not.toContain("Where should");
});

test("a key that is written in is kept where login keeps it and shown nowhere", async () => {
  await using world = await execWorld();
  await writeFile(join(world.quireHome, "config.toml"), "");
  await using window = await quireInTmux(world, { env: NO_KEYS });
  await window.waitFor("Where should the model come from?", TAKES_KEYS);
  await window.press("Enter");
  await window.waitFor("The API key", TAKES_KEYS);
  await window.type("sk-never-to-be-seen");
  await window.waitFor("•".repeat(19));
  await window.press("Enter");
  await window.waitFor("Which model?", TAKES_KEYS);
  await window.press("Enter");
  await window.waitFor("/setup shows this again", "gpt-5.3-codex");
  expect(await window.everything()).not.toContain("never-to-be-seen");
  expect(await readFile(join(world.quireHome, "auth.json"), "utf8")).toContain("sk-never-to-be-seen");
  expect(await readFile(join(world.quireHome, "config.toml"), "utf8")).toBe(
    'model_provider = "openai"\nmodel = "gpt-5.3-codex"\n',
  );
});

test("a project's settings count once they are trusted, and a no is remembered", async () => {
  await using world = await execWorld();
  const folder = join(world.repository.path, ".quire");
  await mkdir(folder);
  await writeFile(join(folder, "config.toml"), 'model_reasoning_effort = "high"\n');
  {
    await using window = await quireInTmux(world);
    const asked = await window.waitFor("Should they count?", ".quire/config.toml", TAKES_KEYS);
    expect(asked).not.toContain("--trust");
    await window.press("n");
    await window.waitFor("Say what to do", (screen) => !screen.includes("Should they count?"));
    await window.press("C-d");
    await window.waitFor(ENDED);
  }
  {
    await using window = await quireInTmux(world);
    expect(await window.waitFor("Say what to do")).not.toContain("Should they count?");
  }
  await rm(join(world.quireHome, "trust.json"), { force: true });
  const config = join(world.quireHome, "config.toml");
  await writeFile(config, (await readFile(config, "utf8")).replace(/\[projects[\s\S]*/, ""));
  {
    await using window = await quireInTmux(world);
    await window.waitFor("Should they count?", TAKES_KEYS);
    await window.press("y");
    await window.waitFor("gpt-5.3-codex high", "Say what to do");
  }
  await writeFile(join(folder, "config.toml"), 'model_reasoning_effort = "medium"\n');
  await using window = await quireInTmux(world);
  await window.waitFor("have changed. Should they count?", '+model_reasoning_effort = "medium"');
  expect(existsSync(join(world.quireHome, "trust.json"))).toBe(true);
});
