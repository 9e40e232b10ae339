import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, delivered, gate, QUIRE_BIN, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { type ExecWorld, execWorld } from "./support/exec-world.ts";
import { ENDED, quireInTmux } from "./support/tmux.ts";

test("Ctrl-Z leads to the shell, fg back to where everything was", async () => {
  await using world = await execWorld({ steps: [says("Here again.")] });
  await using window = await quireInTmux(world, { shell: true });
  await window.waitFor(/[#$]$/);
  await window.type(`PS1='shell> '; clear; '${QUIRE_BIN}'`);
  await window.press("Enter");
  await window.waitFor("Say what to do");
  await window.type("half a");
  await window.waitFor("› half a");
  await window.press("C-z");
  const shell = await window.waitFor("Stopped");
  expect(shell).not.toContain("half a");
  await window.waitFor(/shell>$/);
  await window.type("stty -a | grep -o ' icanon'; fg");
  await window.waitFor(/; fg$/);
  await window.press("Enter");
  const back = await window.waitFor("› half a");
  expect(back).toMatch(/^ icanon$/m);
  await window.enter(" message");
  await window.waitFor("Here again.");
  expect(world.server.requests[0]?.inputTexts.at(-1)).toBe("half a message");
});

test.each(["SIGTERM", "SIGHUP", "SIGINT"] as const)(
  "%s puts the terminal back and says where the thread is",
  async (signal) => {
    const never = gate();
    await using world = await execWorld({
      steps: [says("Kept."), delivered(says("never seen"), never.delivery)],
    });
    await using window = await quireInTmux(world);
    await window.waitFor("Say what to do");
    await window.enter("remember this");
    await window.waitFor("Kept.", "Say what to do");
    await window.enter("and work on");
    await window.waitFor("Esc to interrupt");
    await window.kill(signal);
    const left = await window.waitFor(ENDED);
    expect(left).toContain(`${ENDED}${{ SIGTERM: 143, SIGHUP: 129, SIGINT: 130 }[signal]}]`);
    expect(left).toContain("quire resume ");
    expect(left.replaceAll("\n", "")).toMatch(/It is kept in \S+\.jsonl/);
    expect(left).not.toContain("Esc to interrupt");
  },
);

test("an error that nothing has caught puts the terminal back, says what it was, and where the thread is", async () => {
  await using world = await execWorld({ steps: [says("Kept.")] });
  const broken = join(world.home.path, "broken.cjs");
  await writeFile(broken, 'process.on("SIGUSR2", () => { throw new Error("made for this test"); });\n');
  await using window = await quireInTmux(world, { env: { NODE_OPTIONS: `--require=${broken}` } });
  await window.waitFor("Say what to do");
  await window.enter("remember this");
  await window.waitFor("Kept.", "Say what to do");
  await window.kill("SIGUSR2");
  const left = await window.waitFor(ENDED);
  expect(left).toContain(`${ENDED}1]`);
  expect(left).toContain("made for this test");
  expect(left).toContain("quire resume ");
  expect(left).not.toContain("Say what to do");
});

test("plain lines over a pipe: no control character, one turn after another, questions as lists", async () => {
  await using world = await execWorld({
    steps: [
      says("First **answer**."),
      callsTool("exec_command", {
        cmd: "touch /plain-mark",
        sandbox_permissions: "require_escalated",
        justification: "to leave a mark",
      }),
      says("Not done then."),
    ],
    config: 'approval_policy = "on-request"',
  });
  const { stdout, code } = await plain(
    world,
    "one\n!echo own-$((40 + 2))\ntwo \\\nlines\n5\nbetter not\n/nothing",
  );
  expect(code).toBe(0);
  expect(stdout).not.toMatch(/[^\P{Control}\n]/u);
  expect(stdout).toMatch(
    /First answer\.[\s\S]*own-42[\s\S]*May this command run\?[\s\S]*1\. Yes, this once[\s\S]*instead\?[\s\S]*Not done then\./,
  );
  const said = world.server.requests.map(({ inputTexts }) => inputTexts.at(-1));
  expect(said.slice(0, 2)).toEqual(["one", "two \nlines"]);
  expect(JSON.stringify(world.server.requests[2]?.body)).toContain("better not");
  expect(stdout).toContain("To go on with this thread: quire resume");
});

test("a terminal that knows nothing gets plain lines by itself", async () => {
  await using world = await execWorld({ steps: [says("Plain answer.")] });
  await using window = await quireInTmux(world, { env: { TERM: "dumb" } });
  await window.waitFor("Say what to do. /help lists commands");
  await window.type("go");
  await window.press("Enter");
  const screen = await window.waitFor("Ready.");
  expect(screen).toMatch(/Working\.\nPlain answer\.\n/);
  await window.type("/quit");
  await window.press("Enter");
  await window.waitFor(`${ENDED}0]`);
});

/** `quire --plain` between two pipes. */
async function plain(world: ExecWorld, input: string): Promise<{ stdout: string; code: number | null }> {
  const child = spawn(QUIRE_BIN, ["--plain"], {
    cwd: world.repository.path,
    env: {
      PATH: process.env.PATH,
      HOME: world.home.path,
      QUIRE_HOME: world.quireHome,
      TEST_KEY: "key-for-tests",
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.on("data", (part) => {
    stdout += String(part);
  });
  child.stdin.end(input);
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { stdout, code };
}
