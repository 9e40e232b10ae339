import { expect, test } from "vitest";
import { headerOf, outputOf, readyCall, toolFixture } from "../test/tool-fixture.ts";

const BRIEFLY = { yield_time_ms: 250 };

test("writes to a pipe and closes it", async () => {
  await using fixture = await toolFixture();
  const call = { callId: "began" };
  await fixture.call("exec_command", { cmd: "cat; echo done", stdin: true, ...BRIEFLY }, call);
  const ready = readyCall(
    await fixture.prepare("write_stdin", { session_id: 1, chars: "one\n", yield_time_ms: 3_000 }),
  );
  expect(ready.effects).toEqual([{ kind: "input", processId: "1", text: "one\n" }]);
  expect(ready.item).toMatchObject({ command: "cat; echo done", processId: "1", status: "inProgress" });
  expect(outputOf(await ready.run({ sandbox: "session" }))).toBe("one\n");
  const closed = await fixture.call("write_stdin", { session_id: 1, chars: "two\u0004" });
  expect(headerOf(closed)).toEqual(["Process exited with code 0"]);
  expect(outputOf(closed)).toBe("twodone\n");
  expect(fixture.inputs).toEqual([
    ["began", "1", "one\n"],
    ["began", "1", "two\u0004"],
  ]);
});

test("has no effects when it only waits", async () => {
  await using fixture = await toolFixture();
  await fixture.call("exec_command", { cmd: "sleep 30", ...BRIEFLY });
  const ready = readyCall(await fixture.prepare("write_stdin", { session_id: "1", chars: "", ...BRIEFLY }));
  expect(ready.effects).toEqual([]);
  expect(headerOf(await ready.run({ sandbox: "session" }))).toEqual(["Process running with session ID 1"]);
  expect(fixture.inputs).toEqual([]);
});

test("stops waiting when the turn is interrupted and leaves the command alone", async () => {
  await using fixture = await toolFixture();
  await fixture.call("exec_command", { cmd: "sleep 30", ...BRIEFLY });
  const turn = new AbortController();
  setTimeout(() => turn.abort(), 100);
  const began = performance.now();
  const result = await fixture.call("write_stdin", { session_id: 1 }, { signal: turn.signal });
  expect(performance.now() - began).toBeLessThan(4_000);
  expect(headerOf(result)).toEqual(["Process running with session ID 1"]);
});

test("refuses to write where nothing reads, and says how to start such a command", async () => {
  await using fixture = await toolFixture();
  await fixture.call("exec_command", { cmd: "sleep 30", ...BRIEFLY });
  expect(await fixture.prepare("write_stdin", { session_id: 1, chars: "x" })).toEqual({
    kind: "invalid",
    code: "tool_failed",
    message:
      "write_stdin wrote nothing: session 1 has no input. Start the command again with tty or stdin set to true.",
  });
  const stopped = await fixture.call("write_stdin", { session_id: 1, chars: "\u0003" });
  expect(headerOf(stopped)).toEqual(["Process was terminated"]);
});

test("names the sessions there are", async () => {
  await using fixture = await toolFixture();
  await fixture.call("exec_command", { cmd: "sleep 30", ...BRIEFLY });
  expect(await fixture.prepare("write_stdin", { session_id: 7 })).toEqual({
    kind: "invalid",
    code: "tool_failed",
    message:
      "write_stdin found no session 7: it has ended and its output was returned, or it never existed. Open sessions: 1 (sleep 30).",
  });
});

test("talks to a program on a terminal", async () => {
  await using fixture = await toolFixture();
  const started = await fixture.call("exec_command", { cmd: "python3 -q", tty: true, yield_time_ms: 1500 });
  expect(outputOf(started)).toContain(">>> ");
  const answer = await fixture.call("write_stdin", {
    session_id: 1,
    chars: "print(6 * 7)\n",
    yield_time_ms: 500,
  });
  expect(outputOf(answer)).toMatch(/print\(6 \* 7\)\r\n42\r\n>>> /);
  const interrupted = await fixture.call("write_stdin", {
    session_id: 1,
    chars: "\u0003",
    yield_time_ms: 500,
  });
  expect(outputOf(interrupted)).toContain("KeyboardInterrupt");
  const ended = await fixture.call("write_stdin", { session_id: 1, chars: "\u0004", yield_time_ms: 5000 });
  expect(headerOf(ended)).toEqual(["Process exited with code 0"]);
});

test("gives a terminal a size, and Ctrl-C its meaning", async () => {
  await using fixture = await toolFixture();
  const size = await fixture.call("exec_command", { cmd: "stty size; test -t 0 && test -t 1", tty: true });
  expect(outputOf(size)).toBe("40 120\r\n");
  expect(headerOf(size)).toEqual(["Process exited with code 0"]);
  await fixture.call("exec_command", { cmd: "sleep 30; echo not reached", tty: true, ...BRIEFLY });
  const stopped = await fixture.call("write_stdin", { session_id: 2, chars: "\u0003" });
  expect(headerOf(stopped)[0]).toMatch(/code 130|signal INT/);
  expect(outputOf(stopped)).not.toContain("not reached");
});
