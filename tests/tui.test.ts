import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, delivered, gate, patches, reasons, replies, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";
import { quireInTmux, TAKES_KEYS } from "./support/tmux.ts";

const PATCH = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch";

test("a task is typed, worked on, and stays on the screen after leaving", async () => {
  await using world = await execWorld({
    steps: [
      replies(reasons("**Looking around** first"), callsTool("exec_command", { cmd: "cat a.txt" })),
      patches(PATCH),
      says("I changed `a.txt`:\n\n- it was *one*\n- it is **two**\n"),
    ],
  });
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  await window.enter("/chnage it");
  await window.waitFor("There is no command /chnage, and nothing was sent", "› /chnage it");
  await window.press("C-u");
  await window.waitFor("Say what to do");
  await window.enter("change it");
  const screen = await window.waitFor("• it is two", "Say what to do", /^gpt-5\.3-codex · auto .* tokens/m);
  expect(screen).toContain("› change it");
  expect(screen).toMatch(/• Ran cat a\.txt\n {2}│ one/);
  expect(screen).toMatch(/• Edited a\.txt \+1 -1\n {2}1 - one\n {2}1 \+ two/);
  expect(await readFile(join(world.repository.path, "a.txt"), "utf8")).toBe("two\n");
  await window.enter("/exit");
  const left = await window.waitFor("quire resume");
  expect(left).toContain("• it is two");
  expect(left).not.toContain("Say what to do");
});

test("an approval says what, why and what always saves; the answer counts", async () => {
  await using world = await execWorld({
    steps: [
      ({ inputTexts }) => {
        const cwd = /<cwd>(.*)<\/cwd>/.exec(inputTexts.join("\n"))?.[1] ?? "";
        return callsTool("exec_command", {
          cmd: `touch ${cwd}-escaped`,
          sandbox_permissions: "require_escalated",
          justification: "needs a file beside the repository",
        });
      },
      says("All done."),
    ],
    config: 'approval_policy = "on-request"',
  });
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  await window.enter("do it");
  const asked = await window.waitFor("May this command run?", TAKES_KEYS);
  expect(asked).toContain("needs a file beside the repository");
  expect(asked).toContain("asked by: the model asks to leave the sandbox");
  expect(asked).toContain("saves: touch");
  await window.press("y");
  await window.waitFor("All done.", /You allowed, once: touch /);
  await rm(`${world.repository.path}-escaped`);
});

test("a message while the agent works steers it, a queued one waits, Escape interrupts", async () => {
  const first = gate();
  const never = gate();
  await using world = await execWorld({
    steps: [
      delivered(callsTool("exec_command", { cmd: "true" }), first.delivery),
      says("first answer"),
      says("second answer"),
      delivered(says("never seen"), never.delivery),
      says("third answer"),
    ],
  });
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  await window.enter("begin");
  await window.waitFor("Esc to interrupt");
  await window.enter("also this");
  await window.waitFor("after this step: also this", "Enter tells the agent now");
  await window.type("and later that");
  await window.waitFor("› and later that");
  await window.press("Tab");
  await window.waitFor("next: and later that");
  first.open();
  const screen = await window.waitFor("second answer");
  expect(screen.indexOf("› also this")).toBeLessThan(screen.indexOf("first answer"));
  expect(screen.indexOf("› and later that")).toBeGreaterThan(screen.indexOf("first answer"));
  await window.waitFor("Say what to do");
  await window.enter("once more");
  await window.waitFor("Esc to interrupt");
  await window.enter("do not forget this");
  await window.waitFor("after this step: do not forget this");
  await window.press("Escape");
  const ended = await window.waitFor("Interrupted. What was done so far is kept.", "third answer");
  expect(ended.split("do not forget this")).toHaveLength(2);
});

test("resized in the middle of a stream, everything is there once", async () => {
  const lines = Array.from({ length: 120 }, (_, at) => `Line number ${at} of a long answer.`);
  const sizes = [
    [60, 18],
    [110, 34],
    [35, 14],
    [500, 200],
    [90, 24],
  ] as const;
  const text = `${lines.join("\n\n")}\n`;
  // The stream stops after every hundred deltas until the window has its next size.
  const pauses = sizes.map(() => gate());
  const hold = (deltas: number) => pauses[deltas / 100 - 1]?.delivery.hold?.(0);
  await using world = await execWorld({
    steps: [delivered(says(text), { chunkChars: 8, hold })],
  });
  await using window = await quireInTmux(world, { columns: 90, rows: 24 });
  await window.waitFor("Say what to do");
  await window.enter("talk");
  for (const [at, [columns, rows]] of sizes.entries()) {
    const whole = text
      .slice(0, 800 * (at + 1))
      .split("\n\n")
      .slice(0, -1);
    // On a narrow screen a line is broken; its beginning is enough.
    await window.waitFor((whole.at(-1) ?? "").slice(0, 15));
    await window.resize(columns, rows);
    pauses[at]?.open();
  }
  await window.waitFor("Line number 119 ", "Say what to do", "tokens");
  const all = await window.everything();
  const counts = lines.map((line) => all.split(line).length - 1);
  expect(counts.filter((count) => count !== 1)).toEqual([]);
  // Too small for anything but a row or two, and back.
  await window.resize(10, 3);
  await window.waitFor((screen) => screen.split("\n").length <= 3);
  await window.resize(90, 24);
  await window.waitFor("Say what to do");
});

test("a thread is picked and gone on with", async () => {
  await using world = await execWorld({ script: { afterwards: says("Noted.") } });
  await world.exec(["remember the blue door"]);
  await using window = await quireInTmux(world, { args: ["resume"] });
  await window.waitFor("Go on with which thread?", "remember the blue door", TAKES_KEYS);
  await window.press("Enter");
  await window.waitFor("› remember the blue door", "Say what to do");
  await window.enter("and the red one");
  await window.waitFor((screen) => screen.split("Noted.").length === 3);
  const sent = JSON.stringify(world.server.requests.at(-1)?.body);
  expect(sent).toContain("remember the blue door");
});

test("the transcript shows what is folded, finds words, and gives the screen back", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "seq 1 60" }), says("Counted.")],
  });
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  await window.enter("count");
  await window.waitFor("Counted.", "… 55 lines above", "Say what to do");
  await window.press("C-t");
  await window.waitFor("/ search");
  await window.press("/");
  await window.waitFor("/█");
  await window.type("│ 17");
  await window.waitFor("/│ 17█");
  await window.press("Enter");
  await window.waitFor(/^ *│ 17/m);
  await window.press("q");
  await window.waitFor("Say what to do", "… 55 lines above");
});

test("a command of one's own runs outside of the sandbox, and the model is told", async () => {
  await using world = await execWorld({ steps: [says("I saw it.")] });
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  await window.type("!echo own-$((40 + 2)); ls");
  await window.waitFor("your own command", "! echo own-$((40 + 2)); ls");
  await window.press("Enter");
  await window.waitFor("You ran echo own-$((40 + 2)); ls", "own-42", "│ a.txt", "Say what to do");
  expect(world.server.requests).toEqual([]);
  await window.enter("what did I do?");
  await window.waitFor("I saw it.");
  expect(JSON.stringify(world.server.requests[0]?.body)).toContain("own-42");
});
