import { access, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, delivered, gate, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";
import { quireInTmux, TAKES_KEYS } from "./support/tmux.ts";

test("a saved prompt is offered by name, and its places are filled", async () => {
  await using world = await execWorld({ steps: [says("Looked.")] });
  await mkdir(join(world.quireHome, "prompts"));
  await writeFile(
    join(world.quireHome, "prompts", "look.md"),
    "---\ndescription: look for something\nargument-hint: WHAT=<words> FILE\n---\nLook for $WHAT in $1.\n",
  );
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  await window.type("/loo");
  await window.waitFor("/prompts:look", "look for something");
  await window.type("k a.txt");
  await window.waitFor("› /look a.txt");
  await window.press("Enter");
  await window.waitFor("This prompt needs WHAT", "› /look a.txt");
  await window.enter('WHAT="small bugs"');
  await window.waitFor("Looked.");
  expect(world.server.requests[0]?.inputTexts.at(-1)).toBe("Look for small bugs in a.txt.");
});

test("keys of vi, from the settings, with the mode shown", async () => {
  await using world = await execWorld({ steps: [says("Done.")], config: "[tui]\nvim_mode = true\n" });
  await using window = await quireInTmux(world);
  await window.waitFor("INSERT gpt-5.3-codex");
  await window.type("one two three");
  await window.waitFor("› one two three");
  await window.press("Escape");
  await window.waitFor("NORMAL gpt-5.3-codex");
  await window.type("0dwA four");
  await window.waitFor("› two three four");
  await window.press("Enter");
  await window.waitFor("Done.");
  expect(world.server.requests[0]?.inputTexts.at(-1)).toBe("two three four");
  await window.waitFor("INSERT gpt-5.3-codex");
});

test("keys are as configured, what is wrong with them is said, and /keymap shows them", async () => {
  await using world = await execWorld({
    config:
      '[tui.keymap]\nopen_transcript = "f4"\ntoggle_vim_mode = "ctrl-o"\nsubmitt = "f5"\nundo = "ctrl-x u"\n',
  });
  await using window = await quireInTmux(world, { rows: 50 });
  await window.waitFor(
    'tui.keymap has no action "submitt"',
    'tui.keymap.undo = "ctrl-x u": one key at a time',
    "gpt-5.3-codex",
  );
  await window.press("C-o");
  await window.waitFor("INSERT gpt-5.3-codex");
  await window.press("C-t");
  await window.enter("/keymap");
  await window.waitFor(/open_transcript +F4 /, '! tui.keymap has no action "submitt"');
  await window.press("F4");
  await window.waitFor("/ search");
});

test("Esc twice takes an earlier message back to be changed", async () => {
  await using world = await execWorld({ steps: [says("First."), says("Second."), says("Third.")] });
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  for (const [text, answer] of [
    ["count to one", "First."],
    ["count to two", "Second."],
  ] as const) {
    await window.enter(text);
    await window.waitFor(answer, "Say what to do");
  }
  await window.press("Escape");
  await window.waitFor("Esc again takes an earlier message back");
  await window.press("Escape");
  await window.waitFor("Go back to before which message?", TAKES_KEYS);
  await window.press("Enter");
  // In the composer, right above the status line; the same words were printed when they were sent.
  await window.waitFor(/^› count to two\n\ngpt-5/m);
  await window.enter(" and a half");
  await window.waitFor("Third.");
  const said = world.server.requests.at(-1)?.inputTexts.filter((text) => text.startsWith("count to"));
  expect(said).toEqual(["count to one", "count to two and a half"]);
});

test("a queued message is changed, another one taken out, before they are sent", async () => {
  const first = gate();
  await using world = await execWorld({
    steps: [delivered(says("First."), first.delivery), says("Second."), says("Third.")],
  });
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  await window.enter("begin");
  await window.waitFor("Esc to interrupt");
  for (const text of ["alpha", "beta", "gamma"]) {
    await window.type(text);
    await window.waitFor(`› ${text}`);
    await window.press("Tab");
    await window.waitFor(`next: ${text}`);
  }
  await window.enter("/queue");
  await window.waitFor("Which message?", TAKES_KEYS);
  await window.type("1");
  await window.waitFor("What with it?", TAKES_KEYS);
  await window.press("d");
  await window.waitFor("Taken out");
  await window.press("M-Up");
  await window.waitFor(/› gamma$/m);
  await window.type(" rays");
  await window.waitFor("› gamma rays");
  await window.press("Tab");
  await window.waitFor("next: gamma rays");
  first.open();
  await window.waitFor("Third.");
  const said = world.server.requests.at(-1)?.inputTexts ?? [];
  expect(said.filter((text) => /^(begin|alpha|beta|gamma)/.test(text))).toEqual([
    "begin",
    "beta",
    "gamma rays",
  ]);
});

test("a command is edited before it runs: the edited one runs, and the other one never", async () => {
  await using world = await execWorld({
    steps: [
      callsTool("exec_command", {
        cmd: "touch /wrong-place",
        sandbox_permissions: "require_escalated",
        justification: "to leave a mark",
      }),
      // A model that does as it is told.
      ({ body }) => {
        const [, cmd = "nothing was told"] =
          /Run this command instead:\\n(touch [\w-]+)/.exec(JSON.stringify(body)) ?? [];
        return callsTool("exec_command", { cmd });
      },
      says("As you say."),
    ],
    config: 'approval_policy = "on-request"',
  });
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  await window.enter("leave a mark");
  await window.waitFor("May this command run?", "No, but this instead", TAKES_KEYS);
  await window.press("e");
  await window.waitFor("Which command instead?", TAKES_KEYS);
  await window.press("C-u");
  await window.enter("touch right-place");
  await window.waitFor("Ran touch right-place", "As you say.", "Say what to do");
  await access(join(world.repository.path, "right-place"));
  await expect(access("/wrong-place")).rejects.toThrow("ENOENT");
  expect(world.server.requests).toHaveLength(3);
});

test("the status line and the title are as configured, and a program is told of the end of a turn", async () => {
  await using world = await execWorld({ steps: [says("Over.")] });
  const told = join(world.home.path, "told.json");
  const config = join(world.quireHome, "config.toml");
  const settings = `notify = ["/bin/sh", "-c", "printf '%s|%s' \\"$1\\" \\"$TEST_KEY\\" > ${told}", "sh"]\n`;
  await writeFile(config, settings + (await readFile(config, "utf8")));
  await writeFile(
    config,
    `${await readFile(config, "utf8")}\n[tui]\nstatus_line = ["folder", "model", "tokens"]\nterminal_title = ["app", "model"]\n`,
  );
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  await window.enter("go");
  const screen = await window.waitFor(/Over\.[\s\S]* tokens$/);
  expect(screen).toMatch(/^\S*repository\S* · gpt-5\.3-codex +[\d.k]+ tokens$/m);
  expect(await window.title()).toBe("quire gpt-5.3-codex");
  const text = await eventually(() => readFile(told, "utf8"));
  const [json = "", key] = text.split("|");
  expect(key).toBe("");
  expect(JSON.parse(json)).toEqual({
    type: "agent-turn-complete",
    "thread-id": expect.any(String),
    "turn-id": expect.any(String),
    cwd: world.repository.path,
    client: "quire-tui",
    "input-messages": ["go"],
    "last-assistant-message": "Over.",
  });
});

async function eventually(read: () => Promise<string>): Promise<string> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const text = await read().catch(() => "");
    if (text.includes("|")) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the program was never run");
}
