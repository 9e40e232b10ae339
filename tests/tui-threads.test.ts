import { callsTool, callsTools, delivered, gate, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { cast } from "./support/agent-cast.ts";
import { execWorld } from "./support/exec-world.ts";
import { ENDED, quireInTmux, TAKES_KEYS } from "./support/tmux.ts";

test("a thread goes on in the background, asks there, and is answered when it is looked at", async () => {
  const first = gate();
  await using world = await execWorld({
    steps: [
      delivered(
        callsTool("exec_command", {
          cmd: "echo from-the-first",
          sandbox_permissions: "require_escalated",
          justification: "to be asked",
        }),
        first.delivery,
      ),
      says("Second thread here."),
      says("First is done."),
    ],
    config: 'approval_policy = "on-request"',
  });
  await using window = await quireInTmux(world, { columns: 120 });
  await window.waitFor("Say what to do");
  await window.enter("first task");
  await window.waitFor("Esc to interrupt");
  await world.server.arrived(1);
  await window.enter("/new");
  await window.waitFor("elsewhere 1 working", "Say what to do");
  await window.enter("second task");
  await window.waitFor("Second thread here.", "Say what to do");
  first.open();
  const asked = await window.waitFor("elsewhere 1 asking");
  expect(asked).not.toContain("May this command run?");
  await window.press("F6");
  await window.waitFor("── first task", "May this command run?", TAKES_KEYS);
  // Another thread can be looked at before the question is answered, which waits.
  await window.press("F6");
  await window.waitFor("── second task", "Say what to do", "elsewhere 1 asking");
  await window.press("F6");
  await window.waitFor("May this command run?", TAKES_KEYS);
  await window.press("y");
  await window.waitFor("First is done.", "│ from-the-first", "elsewhere 1 at rest", "Say what to do");
  await window.enter("/threads");
  await window.waitFor("Look at which thread?", /first task +nothing runs · this one/, TAKES_KEYS);
  await window.type("2");
  await window.waitFor((screen) => screen.split("── second task").length === 3, "Say what to do");
  await window.press("C-d");
  await window.waitFor(ENDED, "Another one of this window: quire resume ");
  const said = world.server.requests.map(({ inputTexts }) =>
    inputTexts.filter((text) => / task$/.test(text)),
  );
  expect(said).toEqual([["first task"], ["second task"], ["first task"]]);
});

test("agents are a tree while they work, and lines with their results when they are done", async () => {
  const slow = gate();
  const script = cast({
    "/root": [
      callsTools([
        ["spawn_agent", { task_name: "one", message: "Look at a.txt.", agent_type: "explorer" }],
        ["spawn_agent", { task_name: "two", message: "Say two." }],
      ]),
      callsTool("wait_agent", { targets: ["one", "two"] }),
      says("Both are done."),
    ],
    "/root/one": [delivered(says("It says one."), slow.delivery)],
    "/root/two": [says("Two.")],
  });
  await using world = await execWorld({
    config: "[agents]\nenabled = true\n",
    script: { afterwards: script },
  });
  await using window = await quireInTmux(world, { rows: 45 });
  await window.waitFor("Say what to do");
  await window.enter("do both");
  await window.waitFor("Started agent one · explorer", "Started agent two", /├ one · explorer · works/);
  slow.open();
  await window.waitFor(/Agent one · done · explorer · .*tokens/, "Agent two · done", "Both are done.");
  await window.waitFor("Say what to do");
  await window.enter("/agents");
  await window.waitFor(/├ one · explorer · done .*tokens[^\n]*\n {2}└ two · done/);
});
