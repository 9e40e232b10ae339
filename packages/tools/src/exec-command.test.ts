import { existsSync } from "node:fs";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commandItemOf, headerOf, outputOf, readyCall, toolFixture } from "../test/tool-fixture.ts";

/** Command lines of all processes in which the mark occurs. */
async function processesWith(mark: string): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "")),
  );
  return lines.filter((line) => line.includes(mark));
}

let marks = 0;
/** A sleep that is told from all others by its length. */
const longSleep = () => `sleep 1000.${process.pid}${++marks}`;

describe("a command that ends", () => {
  test("is announced, run and reported", async () => {
    await using fixture = await toolFixture();
    const ready = readyCall(
      await fixture.prepare("exec_command", { cmd: "echo hi; echo oops >&2" }, { callId: "c" }),
    );
    const argv = ["/bin/bash", "-c", "echo hi; echo oops >&2"];
    const item = {
      type: "commandExecution",
      id: "c",
      command: "echo hi; echo oops >&2",
      argv,
      cwd: fixture.folder,
      processId: null,
      source: "agent",
      status: "inProgress",
      aggregatedOutput: null,
      outputBytes: 0,
      exitCode: null,
      durationMs: null,
      error: null,
    };
    expect(ready.item).toEqual(item);
    expect(ready.effects).toEqual([{ kind: "command", command: item.command, argv, cwd: fixture.folder }]);
    const result = await ready.run({ sandbox: "session" });
    expect(result).toEqual({
      item: {
        ...item,
        status: "completed",
        aggregatedOutput: "hi\noops\n",
        outputBytes: 8,
        exitCode: 0,
        durationMs: expect.any(Number),
      },
      output: expect.stringMatching(
        /^Wall time: 0\.\d{4} seconds\nProcess exited with code 0\nOutput:\nhi\noops\n$/,
      ),
      success: true,
    });
    expect(fixture.deltas).toEqual([["c", "hi\noops\n"]]);
    expect(fixture.sessions.list()).toEqual([]);
  });

  test("reports its exit code or the signal that killed it", async () => {
    await using fixture = await toolFixture();
    const failed = await fixture.call("exec_command", { cmd: "exit 3" });
    expect(headerOf(failed)).toEqual(["Process exited with code 3"]);
    expect(failed).toMatchObject({ success: false, item: { status: "failed", exitCode: 3, error: null } });
    const killed = await fixture.call("exec_command", { cmd: "kill -TERM $$" });
    expect(headerOf(killed)).toEqual(["Process killed by signal TERM"]);
    expect(killed).toMatchObject({ success: false, item: { status: "failed", exitCode: null } });
  });

  test("runs in the workdir, with an empty input and without a pager", async () => {
    await using fixture = await toolFixture();
    await mkdir(join(fixture.folder, "sub"));
    const result = await fixture.call("exec_command", { cmd: "pwd; cat; echo $PAGER $TERM", workdir: "sub" });
    expect(outputOf(result)).toBe(`${fixture.folder}/sub\ncat dumb\n`);
  });

  test("takes an argument list and another shell", async () => {
    await using fixture = await toolFixture();
    const list = await fixture.call("exec_command", { cmd: ["printf", "%s|", "a b", "it's", "$HOME"] });
    expect(outputOf(list)).toBe("a b|it's|$HOME|");
    const sh = await fixture.call("exec_command", {
      cmd: "true",
      shell: "sh",
      login: true,
    });
    expect(commandItemOf(sh.item).argv.slice(0, 2)).toEqual(["/bin/sh", "-lc"]);
  });

  test("is refused before it starts when it cannot run", async () => {
    await using fixture = await toolFixture();
    for (const input of [
      { cmd: " " },
      { cmd: "a\0b" },
      { cmd: "true", shell: "./bash" },
      { cmd: "#".repeat(140_000) },
    ]) {
      expect(await fixture.prepare("exec_command", input)).toMatchObject({
        kind: "invalid",
        code: "tool_bad_arguments",
        message: expect.stringMatching(/^exec_command was not run: /),
      });
    }
    const result = await fixture.call("exec_command", { cmd: "true", workdir: "missing" });
    expect(result).toMatchObject({
      success: false,
      item: { status: "failed", exitCode: null, error: { code: "command_start_failed" } },
      output: expect.stringContaining(`${fixture.folder}/missing`),
    });
  });

  test("is told apart from 49 others", async () => {
    await using fixture = await toolFixture();
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        fixture.call("exec_command", { cmd: `sleep 0.1; echo ${index}; exit ${index}` }),
      ),
    );
    expect(results.map(outputOf)).toEqual(results.map((_, index) => `${index}\n`));
    expect(results.map((result) => commandItemOf(result.item).exitCode)).toEqual(
      results.map((_, index) => index),
    );
    expect(fixture.sessions.list()).toEqual([]);
  });
});

describe("output", () => {
  test("is cut to the budget with both ends kept; the item keeps its own share", async () => {
    await using fixture = await toolFixture();
    const result = await fixture.call("exec_command", { cmd: "seq 100000", max_output_tokens: 100 });
    expect(headerOf(result)).toEqual(["Process exited with code 0", "Original token count: 147224"]);
    expect(outputOf(result)).toMatch(
      /^1\n2\n3\n[\d\n]+… \d+ bytes \([\d,]+ lines\) omitted …\n[\d\n]+\n100000\n$/,
    );
    expect(outputOf(result).length).toBeLessThanOrEqual(400);
    const item = commandItemOf(result.item);
    expect(item.outputBytes).toBe(588_895);
    expect(item.aggregatedOutput).toMatch(/^1\n2\n[\s\S]* omitted …\n[\s\S]*\n100000\n$/);
    expect(Buffer.byteLength(item.aggregatedOutput ?? "")).toBeGreaterThan(32_000);
    expect(Buffer.byteLength(item.aggregatedOutput ?? "")).toBeLessThanOrEqual(32 * 1024);
  });

  test("survives characters that arrive in halves, bytes that are no text, and binary data", async () => {
    await using fixture = await toolFixture();
    const halves = await fixture.call("exec_command", {
      cmd: `printf '\\xe2\\x82'; sleep 0.05; printf 'err' >&2; sleep 0.05; printf '\\xac end \\xff'`,
    });
    expect(outputOf(halves)).toBe("err€ end \uFFFD");
    const binary = await fixture.call("exec_command", { cmd: "head -c 3000 /bin/ls" });
    expect(outputOf(binary)).toMatch(/^\[binary output, 3000 bytes, not shown; it begins with 7f 45 4c 46 /);
  });
});

describe("a command that takes too long", () => {
  test("goes on in the background and can be looked at, listed and ended", async () => {
    await using fixture = await toolFixture();
    const started = await fixture.call("exec_command", {
      cmd: "echo one; sleep 0.6; echo two",
      yield_time_ms: 300,
    });
    expect(headerOf(started)).toEqual(["Process running with session ID 1"]);
    expect(started).toMatchObject({
      success: true,
      item: { status: "inProgress", processId: "1", aggregatedOutput: "one\n", exitCode: null },
    });
    expect(fixture.sessions.list()).toMatchObject([{ id: 1, running: true, itemId: "call_1", tty: false }]);

    const ended = await fixture.call("write_stdin", { session_id: 1 });
    expect(headerOf(ended)).toEqual(["Process exited with code 0"]);
    expect(outputOf(ended)).toBe("two\n");
    expect(ended.item).toMatchObject({
      id: "call_2",
      source: "unifiedExecInteraction",
      status: "completed",
      aggregatedOutput: "two\n",
      outputBytes: 8,
    });
    expect(fixture.ended.map((session) => session.aggregatedOutput)).toEqual(["one\ntwo\n"]);
    expect(fixture.sessions.list()).toEqual([]);
    expect(await fixture.prepare("write_stdin", { session_id: 1 })).toMatchObject({
      kind: "invalid",
      code: "tool_failed",
    });
  });

  test("is killed at its limit, with its children, even if they ignore SIGTERM", async () => {
    await using fixture = await toolFixture();
    const nap = longSleep();
    const began = performance.now();
    const result = await fixture.call("exec_command", {
      cmd: `trap '' TERM; echo start; (trap '' TERM; ${nap}; true) & while :; do sleep 0.1; done`,
      timeout_ms: 300,
    });
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(headerOf(result)).toEqual(["Process timed out after 0.3 seconds and was killed"]);
    expect(outputOf(result)).toBe("start\n");
    expect(result).toMatchObject({
      success: false,
      item: { status: "failed", error: { code: "command_timed_out" } },
    });
    expect(await processesWith(nap.slice(6))).toEqual([]);
  });

  test("does not wait for a grandchild that left its group and holds the output open", async () => {
    await using fixture = await toolFixture();
    const nap = longSleep();
    const began = performance.now();
    const result = await fixture.call("exec_command", {
      cmd: `setsid bash -c '${nap} & disown; ${nap}' & ${nap}`,
      timeout_ms: 300,
    });
    expect(performance.now() - began).toBeLessThan(8_000);
    expect(headerOf(result)).toEqual(["Process timed out after 0.3 seconds and was killed"]);
    expect(await processesWith(nap.slice(6))).toEqual([]);
  });

  test("ends when the turn is interrupted and keeps what it printed", async () => {
    await using fixture = await toolFixture();
    const nap = longSleep();
    const turn = new AbortController();
    const running = fixture.call("exec_command", { cmd: `echo begun; ${nap}` }, { signal: turn.signal });
    setTimeout(() => turn.abort(), 200);
    const result = await running;
    expect(headerOf(result)).toEqual(["Process was interrupted by the user and killed"]);
    expect(outputOf(result)).toBe("begun\n");
    expect(result).toMatchObject({
      success: false,
      item: { status: "failed", error: { code: "interrupted" } },
    });
    expect(await processesWith(nap.slice(6))).toEqual([]);
    const late = await fixture.call("exec_command", { cmd: "touch late" }, { signal: turn.signal });
    expect(late).toMatchObject({ success: false, item: { error: { code: "interrupted" } } });
    expect(existsSync(join(fixture.folder, "late"))).toBe(false);
  });

  test("outlives the turn that started it once it is in the background", async () => {
    await using fixture = await toolFixture();
    const turn = new AbortController();
    await fixture.call("exec_command", { cmd: longSleep(), yield_time_ms: 250 }, { signal: turn.signal });
    turn.abort();
    expect(fixture.sessions.list()).toMatchObject([{ id: 1, running: true }]);
    expect(await fixture.sessions.terminate(1)).toBe(true);
    expect(await fixture.sessions.terminate(1)).toBe(false);
    const last = await fixture.call("write_stdin", { session_id: 1 });
    expect(headerOf(last)).toEqual(["Process was terminated"]);
  });
});

describe("sessions", () => {
  test("refuse more than their number and drop finished ones that nobody asked for", async () => {
    await using fixture = await toolFixture({ maxSessions: 2 });
    const cmd = "sleep 0.4";
    await Promise.all([1, 2].map(() => fixture.call("exec_command", { cmd, yield_time_ms: 250 })));
    const refused = await fixture.call("exec_command", { cmd });
    expect(refused).toMatchObject({
      success: false,
      item: { error: { code: "command_start_failed", retryable: true } },
    });
    expect(refused.output).toContain("2 commands are running already");
    await new Promise((resolve) => setTimeout(resolve, 400));
    await fixture.call("exec_command", { cmd: longSleep(), yield_time_ms: 250 });
    expect(fixture.sessions.list().map(({ id, running }) => ({ id, running }))).toEqual([
      { id: 2, running: false },
      { id: 3, running: true },
    ]);
  });

  test("end after their lifetime even in the background", async () => {
    await using fixture = await toolFixture({ maxLifetimeMs: 400 });
    await fixture.call("exec_command", { cmd: longSleep(), yield_time_ms: 250 });
    const last = await fixture.call("write_stdin", { session_id: 1 });
    expect(headerOf(last)).toEqual(["Process timed out after 0.4 seconds and was killed"]);
  });

  test("close kills everything, twice if asked, and nothing starts afterwards", async () => {
    await using fixture = await toolFixture();
    const nap = longSleep();
    await fixture.call("exec_command", { cmd: `${nap} & ${nap}`, yield_time_ms: 250 });
    await Promise.all([fixture.sessions.close(), fixture.sessions.close()]);
    expect(await processesWith(nap.slice(6))).toEqual([]);
    const late = await fixture.call("exec_command", { cmd: "true" });
    expect(late).toMatchObject({ success: false, item: { error: { code: "interrupted" } } });
  });
});

describe("the sandbox", () => {
  test("denies, and the model is told what it can do", async () => {
    await using fixture = await toolFixture({ mode: "workspace-write" });
    const inside = await fixture.call("exec_command", { cmd: "echo ok > file && cat file" });
    expect(outputOf(inside)).toBe("ok\n");
    const cmd = "echo x > /etc/quire-tools-test";
    const outside = await fixture.call("exec_command", { cmd });
    expect(outside).toMatchObject({
      success: false,
      item: { status: "failed", error: { code: "command_denied" } },
    });
    expect(headerOf(outside)).toEqual([
      expect.stringMatching(/^Process exited with code \d+$/),
      expect.stringMatching(/^The sandbox denied writing.*It cannot be allowed in this thread/),
    ]);
    expect(existsSync("/etc/quire-tools-test")).toBe(false);
  });

  test("is left only with a permit, and the model is told that it can ask", async () => {
    await using outside = await toolFixture();
    await using fixture = await toolFixture({
      mode: "workspace-write",
      unconfined: { start: (spec, options) => outside.startUnconfined(spec, options) },
    });
    const call = {
      cmd: "test $QUIRE_SANDBOX = danger-full-access || echo x > /etc/quire-tools-test",
      sandbox_permissions: "require_escalated",
      justification: "May I?",
      prefix_rule: ["test"],
    };
    const ready = readyCall(await fixture.prepare("exec_command", call));
    expect(ready.effects).toMatchObject([
      { kind: "command", escalation: { justification: "May I?", prefixRule: ["test"] } },
    ]);
    const confined = await ready.run({ sandbox: "session" });
    expect(confined).toMatchObject({ success: false, item: { error: { code: "command_denied" } } });
    expect(headerOf(confined).at(-1)).toContain('sandbox_permissions "require_escalated"');
    const free = await fixture.call("exec_command", call, { permit: { sandbox: "unconfined" } });
    expect(headerOf(free)).toEqual(["Process exited with code 0"]);
  });

  test("that does not work runs nothing, permit or not", async () => {
    await using fixture = await toolFixture({
      sandbox: {
        start: () =>
          Promise.resolve({
            kind: "unavailable",
            reason: {
              code: "bubblewrap-missing",
              cause: "bubblewrap is not installed",
              remedy: "apt install bubblewrap",
            },
          }),
      },
    });
    const result = await fixture.call("exec_command", { cmd: "touch file" });
    expect(result).toMatchObject({
      success: false,
      item: {
        status: "failed",
        error: { code: "sandbox_unavailable", next_step: "apt install bubblewrap" },
      },
      output: expect.stringContaining("bubblewrap is not installed"),
    });
    const unconfined = await fixture.call(
      "exec_command",
      { cmd: "touch file" },
      { permit: { sandbox: "unconfined" } },
    );
    expect(unconfined).toMatchObject({ success: false, item: { error: { code: "sandbox_unavailable" } } });
    expect(existsSync(join(fixture.folder, "file"))).toBe(false);
  });

  test("can be exchanged for the commands to come", async () => {
    await using fixture = await toolFixture();
    fixture.sessions.confineBy({
      sandbox: {
        start: () => Promise.resolve({ kind: "failed", code: "spawn-failed", message: "the new one" }),
      },
    });
    expect((await fixture.call("exec_command", { cmd: "true" })).output).toContain("the new one");
  });
});
