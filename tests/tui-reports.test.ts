import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";
import { quireInTmux } from "./support/tmux.ts";

test("/context shows what the next request of this thread holds, under the settings that were chosen in it", async () => {
  await using world = await execWorld({
    steps: [says("One."), says("Two.")],
    config: 'approval_policy = "untrusted"\n',
  });
  await using window = await quireInTmux(world, { columns: 120, rows: 60 });
  await window.waitFor("Say what to do");
  await window.enter("/context");
  await window.waitFor("approvals untrusted · sandbox workspace-write", "tokens in", "for gpt-5.3-codex;");
  await window.enter("first");
  await window.waitFor("One.", "Say what to do");
  await window.enter("/model gpt-5.4");
  await window.waitFor("The next turn uses gpt-5.4.");
  await window.enter("/effort high");
  await window.waitFor("The next turn thinks with effort high.");
  await window.enter("/permissions read-only");
  await window.waitFor("The next turn runs as read-only.");
  await window.enter("/context");
  await window.waitFor("effort high · approvals on-request · sandbox read-only", "for gpt-5.4;");
  const shown = await window.everything();
  await window.enter("second");
  await window.waitFor("Two.", "Say what to do");
  const [, request] = world.server.requests;
  expect(request?.body).toMatchObject({ model: "gpt-5.4", reasoning: { effort: "high" } });
  const report = shown.slice(shown.indexOf("The next turn runs as read-only."));
  const tools = [...report.matchAll(/ tool {9}(\S+)/g)].map(([, name]) => name);
  expect(tools).toEqual(request?.tools.map(({ name }) => name));
  await window.enter("/plan");
  await window.waitFor(/plan mode/i);
  await window.enter("/context");
  await window.waitFor("approvals on-request · sandbox read-only · plan mode");
});

test("/export writes nothing over and says why; a command with words that it does not take keeps them", async () => {
  await using world = await execWorld({ steps: [says("One.")] });
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  await window.enter("first");
  await window.waitFor("One.", "Say what to do");
  await window.enter("/export a.txt");
  await window.waitFor("could not be written to a.txt: it exists already");
  await window.enter("/export nowhere/notes.md");
  await window.waitFor("could not be written to nowhere/notes.md: its folder does not exist");
  await window.enter("/export notes.md");
  await window.waitFor("Written to notes.md.");
  const read = (name: string) => readFile(join(world.repository.path, name), "utf8");
  expect(await read("a.txt")).toBe("one\n");
  expect(await read("notes.md")).toContain("\n\n## first\n\nOne.\n");
  await window.enter("/diff of a.txt");
  await window.waitFor("/diff takes no words, and nothing was done.", "› /diff of a.txt");
});
