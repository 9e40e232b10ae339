import { existsSync } from "node:fs";
import { join } from "node:path";
import { callsTool, delivered, gate, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { execWorld } from "./support/exec-world.ts";
import { quireInTmux, TAKES_KEYS } from "./support/tmux.ts";

const proposes = (plan: string) => says(`<proposed_plan>\n${plan}\n</proposed_plan>`);

test("a plan is made, changed and approved, and only then built", async () => {
  const second = gate();
  await using world = await execWorld({
    steps: [
      proposes("# First plan\n\n1. Make **made.txt**."),
      delivered(proposes("# Second plan\n\n1. Make `made.txt` with one line."), second.delivery),
      callsTool("exec_command", { cmd: "echo built > made.txt" }),
      says("All built."),
    ],
  });
  const made = join(world.repository.path, "made.txt");
  await using window = await quireInTmux(world);
  await window.waitFor("Say what to do");
  await window.enter("/plan make made.txt");
  await window.waitFor("• Proposed plan", "First plan", "1. Make made.txt.", "Build this plan?", TAKES_KEYS);
  await window.waitFor(/plan mode · read-only/);
  await window.press("c");
  await window.waitFor("What should be different?", TAKES_KEYS);
  await window.type("one line is enough");
  await window.waitFor("› one line is enough");
  await window.press("Enter");
  await window.waitFor("Esc to interrupt");
  second.open();
  await window.waitFor("Second plan", "Build this plan?", TAKES_KEYS);
  // Put away, it comes back when it is asked for.
  await window.press("Escape");
  await window.waitFor("Say what to do");
  expect(existsSync(made)).toBe(false);
  await window.enter("/plan");
  await window.waitFor("Build this plan?", TAKES_KEYS);
  await window.press("b");
  const screen = await window.waitFor("All built.", "Say what to do", /^gpt-5\.3-codex · auto /m);
  expect(screen).not.toContain("plan mode ·");
  expect(existsSync(made)).toBe(true);
  expect(world.server.requests[2]?.inputTexts.join("\n")).toContain("I approve the plan.");
});
