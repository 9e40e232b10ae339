import type { CommandExit, OutputListener, RunningCommand, StartOutcome } from "@quire/sandbox";
import { expect, test } from "vitest";
import { commandItemOf, headerOf, outputOf, toolFixture } from "../../test/tool-fixture.ts";

/** A command whose output and end the test decides. */
function scriptedCommand() {
  const script: { kills: number; print: OutputListener; end: (exit: CommandExit) => void } = {
    kills: 0,
    print: () => undefined,
    end: () => undefined,
  };
  const exited = new Promise<CommandExit>((resolve) => {
    script.end = resolve;
  });
  const command: RunningCommand = {
    pid: 1,
    prewarmed: false,
    onOutput: (listener) => {
      script.print = listener;
    },
    write: () => Promise.resolve(false),
    endInput: () => undefined,
    resize: () => undefined,
    pause: () => undefined,
    resume: () => undefined,
    exited,
    kill: () => {
      script.kills += 1;
      return new Promise(() => undefined);
    },
  };
  const start = (): Promise<StartOutcome> => Promise.resolve({ kind: "started", command });
  return { script, sandbox: { start } };
}

test("a command that does not disappear when killed is given up soon", async () => {
  const { script, sandbox } = scriptedCommand();
  await using fixture = await toolFixture({ sandbox });
  const began = performance.now();
  const result = await fixture.call("exec_command", { cmd: "x", timeout_ms: 50 });
  expect(performance.now() - began).toBeLessThan(8_000);
  expect(headerOf(result)).toEqual(["Process timed out after 0.05 seconds and was killed"]);
  expect(script.kills).toBe(1);
});

test("output after the end, or after being given up, is dropped", async () => {
  const { script, sandbox } = scriptedCommand();
  await using fixture = await toolFixture({ sandbox });
  const running = fixture.call("exec_command", { cmd: "x" });
  await new Promise((resolve) => setTimeout(resolve, 10));
  script.print(Buffer.from("before"), "stdout");
  script.end({ kind: "exited", code: 0, denials: [], notices: [] });
  const result = await running;
  script.print(Buffer.from("after"), "stdout");
  expect(outputOf(result)).toBe("before");
  expect(fixture.deltas).toEqual([["call_1", "before"]]);
});

test("what the sandbox noticed reaches the model and the user", async () => {
  const { script, sandbox } = scriptedCommand();
  await using fixture = await toolFixture({ sandbox });
  const running = fixture.call("exec_command", { cmd: "x" });
  await new Promise((resolve) => setTimeout(resolve, 10));
  const notice = {
    kind: "restored-link",
    path: "/w/.git",
    message: "The link /w/.git was put back.",
  } as const;
  script.end({ kind: "exited", code: 0, denials: [], notices: [notice] });
  const result = await running;
  expect(headerOf(result)).toEqual(["Process exited with code 0", "Notice: The link /w/.git was put back."]);
  expect(result.notices).toEqual([{ code: "restored-link", message: notice.message }]);
});

test("a sandbox that breaks while it starts is no failure of the command", async () => {
  const { script, sandbox } = scriptedCommand();
  await using fixture = await toolFixture({ sandbox });
  const running = fixture.call("exec_command", { cmd: "x" });
  await new Promise((resolve) => setTimeout(resolve, 10));
  script.end({ kind: "failed", message: "no namespaces left", denials: [], notices: [] });
  const result = await running;
  expect(headerOf(result)).toEqual(["Process was not run: no namespaces left"]);
  expect(commandItemOf(result.item)).toMatchObject({
    status: "failed",
    exitCode: null,
    error: { code: "sandbox_unavailable", message: "no namespaces left", retryable: false },
  });
});
