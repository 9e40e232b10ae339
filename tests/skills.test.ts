import { chmod, copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { callsTool, lastingFolder, runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { completedItems, type ExecWorld, execWorld } from "./support/exec-world.ts";

const skill = (name: string, description: string, body: string) =>
  `---\nname: ${name}\ndescription: ${description}\n---\n\n${body}\n`;

async function put(root: string, files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
}

/** The texts of the messages of a request, by role. */
function messages(world: ExecWorld, index: number): [string, string][] {
  const body: { input: { type: string; role: string; content: { text: string }[] }[] } = JSON.parse(
    String(world.server.requests[index]?.raw),
  );
  return body.input
    .filter(({ type }) => type === "message")
    .map(({ role, content }) => [role, content.map(({ text }) => text).join("")]);
}

test("a skill is listed by its description, and its text comes only when it is named", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await put(world.repository.path, {
    ".agents/skills/release/SKILL.md": skill("release", "Make a release.", "Bump the version FIRST."),
  });
  await put(world.quireHome, {
    "skills/notes/SKILL.md": skill("notes", "Write notes.", "Notes are short."),
  });
  const unnamed = await world.execJson(["tidy up, $HOME is fine"]);
  expect(unnamed.run.exitCode).toBe(0);
  const first = messages(world, 0);
  const list = first.filter(([, text]) => text.startsWith("<skills_instructions>"));
  expect(list).toHaveLength(1);
  expect(list[0]?.[0]).toBe("developer");
  expect(list[0]?.[1]).toMatch(/- notes: Write notes\. \(file: .*\n- release: Make a release\. \(file: /);
  expect(JSON.stringify(first)).not.toContain("FIRST");

  const named = await world.execJson(["do $release now"]);
  const second = messages(world, 1);
  expect(second.at(-2)).toEqual(["user", "do $release now"]);
  const path = join(world.repository.path, ".agents/skills/release/SKILL.md");
  expect(second.at(-1)).toEqual([
    "user",
    `<skill>\n<name>release</name>\n<path>${path}</path>\nBump the version FIRST.\n</skill>`,
  ]);
  expect(completedItems(named.events)).toContainEqual(
    expect.objectContaining({
      code: "skill_used",
      message: `The model is given the skill release (repo, ${path}).`,
    }),
  );
});

test("commands in the sandbox read the user's skills and run their scripts, and nothing else of the home", async () => {
  const folder = lastingFolder("quire-skills");
  await using _removed = { [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
  const skills = join(folder, "skills");
  await using world = await execWorld({
    steps: [
      callsTool("exec_command", { cmd: `sh ${skills}/tool/scripts/run.sh; cat ${folder}/config.toml` }),
      says("ok"),
    ],
  });
  await put(skills, {
    "tool/SKILL.md": skill("tool", "Run it.", "Run scripts/run.sh."),
    "tool/scripts/run.sh": "echo it-ran",
  });
  await copyFile(join(world.quireHome, "config.toml"), join(folder, "config.toml"));
  const { events } = await world.execJson(["go"], { env: { QUIRE_HOME: folder } });
  const output = JSON.stringify(completedItems(events));
  expect(output).toContain("it-ran");
  expect(output).not.toContain("wire_api");
});

test("a project's skill with programs is offered only while it is as it was trusted", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const folder = ".agents/skills/deploy";
  await put(world.repository.path, {
    [`${folder}/SKILL.md`]: skill("deploy", "Deploy.", "Run it."),
    [`${folder}/scripts/go.sh`]: "echo go",
  });
  const listed = () =>
    messages(world, world.server.requests.length - 1).some(([, text]) => text.includes("- deploy:"));
  const { events } = await world.execJson(["$deploy"]);
  expect(listed()).toBe(false);
  expect(completedItems(events)).toContainEqual(
    expect.objectContaining({
      code: "skill_untrusted",
      message: expect.stringContaining("run with --trust"),
    }),
  );
  await world.exec(["--trust", "go"]);
  expect(listed()).toBe(true);
  await world.exec(["go"]);
  expect(listed()).toBe(true);
  await writeFile(join(world.repository.path, folder, "scripts/go.sh"), "echo other");
  await world.exec(["go"]);
  expect(listed()).toBe(false);
  await writeFile(join(world.repository.path, folder, "scripts/go.sh"), "echo go");
  await chmod(join(world.repository.path, folder, "SKILL.md"), 0o755);
  await world.exec(["go"]);
  expect(listed()).toBe(false);
});

test("quire skills list, show and lint say what there is and what is wrong", async () => {
  await using world = await execWorld();
  await put(world.quireHome, {
    "skills/good/SKILL.md": skill("good", "Good work.", "Text."),
    "skills/bad/SKILL.md": "no frontmatter",
  });
  const run = (...words: string[]) =>
    runQuire(["skills", ...words], { cwd: world.repository.path, home: world.home.path });
  const list = await run("list");
  expect(list.stdout).toContain("good");
  expect(list.stdout).toContain("Good work.");
  expect(list.stderr).toContain("does not begin with frontmatter");
  expect((await run("show", "good")).stdout).toContain("Text.");
  expect((await run("lint", join(world.quireHome, "skills/good"))).exitCode).toBe(0);
  const wrong = await run("lint", join(world.quireHome, "skills/bad"));
  expect(wrong.exitCode).not.toBe(0);
});

test("a skill is installed from a folder or a git repository, and removed again", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await using source = await execWorld({
    files: { "skills/made/SKILL.md": skill("made", "Made elsewhere.", "Elsewhere.") },
  });
  const run = (...words: string[]) =>
    runQuire(["skills", ...words], { cwd: world.repository.path, home: world.home.path });
  const installed = await run("install", `${source.repository.path}#skills/made`);
  expect(installed.stderr + installed.stdout).toContain("made");
  expect((await run("list", "--json")).stdout).toContain('"name": "made"');
  await world.exec(["$made"]);
  expect(messages(world, 0).at(-1)?.[1]).toContain("Elsewhere.");
  expect((await run("install", `${source.repository.path}#skills/made`)).exitCode).not.toBe(0);
  expect((await run("remove", "made")).exitCode).toBe(0);
  expect((await run("list", "--json")).stdout).not.toContain('"name": "made"');
});
