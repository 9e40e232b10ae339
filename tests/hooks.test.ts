import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { callsTool, runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { completedItems, type ExecWorld, execWorld } from "./support/exec-world.ts";

type Hooks = Record<string, { matcher?: string; command: string; timeout?: number }[]>;

async function putHooks(file: string, hooks: Hooks): Promise<void> {
  const groups = Object.entries(hooks).map(([event, list]) => [
    event,
    list.map(({ matcher, command, timeout }) => ({
      matcher,
      hooks: [{ type: "command", command, timeout }],
    })),
  ]);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify({ hooks: Object.fromEntries(groups) }));
}

const userFile = (world: ExecWorld) => join(world.quireHome, "hooks.json");
const print = (value: unknown) => `printf '%s' '${JSON.stringify(value)}'`;
const sent = (world: ExecWorld, index: number) => String(world.server.requests[index]?.raw);

test("hooks get what happens on stdin, in the shape of the reference, without secrets in their environment", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "echo hi" }), says("done")],
  });
  const log = join(world.home.path, "log");
  const events = [
    "SessionStart",
    "UserPromptSubmit",
    "PreModelRequest",
    "PostModelRequest",
    "PreToolUse",
    "PostToolUse",
    "Stop",
    "SessionEnd",
  ];
  await putHooks(
    userFile(world),
    Object.fromEntries(events.map((event) => [event, [{ command: `cat >> ${log}; env >> ${log}.env` }]])),
  );
  const { run } = await world.execJson(["do it"]);
  expect(run.exitCode).toBe(0);
  const lines = (await readFile(log, "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.map(({ hook_event_name }) => hook_event_name)).toEqual([
    "SessionStart",
    "UserPromptSubmit",
    "PreModelRequest",
    "PostModelRequest",
    "PreToolUse",
    "PostToolUse",
    "PreModelRequest",
    "PostModelRequest",
    "Stop",
    "SessionEnd",
  ]);
  const common = {
    session_id: expect.any(String),
    turn_id: expect.any(String),
    transcript_path: expect.stringContaining("rollout-"),
    cwd: world.repository.path,
    model: "gpt-5.3-codex",
    permission_mode: "bypassPermissions",
  };
  expect(lines[0]).toEqual({ ...common, hook_event_name: "SessionStart", source: "startup" });
  expect(lines[1]).toEqual({ ...common, hook_event_name: "UserPromptSubmit", prompt: "do it" });
  const tool = { tool_name: "Bash", tool_input: { command: "echo hi" }, tool_use_id: expect.any(String) };
  expect(lines[4]).toEqual({ ...common, hook_event_name: "PreToolUse", ...tool });
  expect(lines[5]).toEqual({
    ...common,
    hook_event_name: "PostToolUse",
    ...tool,
    tool_response: expect.stringContaining("hi"),
  });
  expect(lines[8]).toEqual({
    ...common,
    hook_event_name: "Stop",
    stop_hook_active: false,
    last_assistant_message: "done",
  });
  expect(await readFile(`${log}.env`, "utf8")).not.toContain("key-for-tests");
});

test("a hook blocks a call, by exit code or by JSON, changes its input and adds to what the model knows", async () => {
  await using world = await execWorld({
    steps: [
      callsTool("exec_command", { cmd: "rm -f a.txt" }),
      callsTool("exec_command", { cmd: "echo first" }),
      says("done"),
    ],
  });
  await putHooks(userFile(world), {
    PreToolUse: [
      { matcher: "Bash", command: "grep -q 'rm -f' && { echo 'no deleting' >&2; exit 2; }; exit 0" },
      {
        matcher: "Bash|Other",
        command: `grep -q first && ${print({ hookSpecificOutput: { updatedInput: { command: "echo second" }, additionalContext: "CONTEXT-1" } })}; exit 0`,
      },
      { matcher: "apply_patch", command: "echo never >&2; exit 2" },
    ],
    PostToolUse: [
      {
        matcher: "Bash",
        command: `grep -q second && ${print({ decision: "block", reason: "LOOK-AGAIN" })}; exit 0`,
      },
    ],
  });
  const { events } = await world.execJson(["go"]);
  const items = completedItems(events);
  expect(sent(world, 1)).toContain("Not run: a hook blocked this call. no deleting");
  expect(items).toContainEqual(
    expect.objectContaining({ code: "hook_blocked", message: expect.stringContaining("no deleting") }),
  );
  expect(items).toContainEqual(expect.objectContaining({ code: "hook_changed_input" }));
  expect(items).toContainEqual(expect.objectContaining({ command: expect.stringContaining("echo second") }));
  expect(sent(world, 2)).toContain("CONTEXT-1");
  expect(sent(world, 2)).toContain("LOOK-AGAIN");
  expect(JSON.stringify(items)).not.toContain("never");
});

test("a blocked prompt is not sent, and the turn ends with its own code", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await putHooks(userFile(world), {
    UserPromptSubmit: [{ command: print({ decision: "block", reason: "not today" }) }],
  });
  const { run } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(1);
  expect(run.stdout).toContain("hook_blocked");
  expect(run.stdout).toContain("not today");
  expect(world.server.requests).toEqual([]);
});

test("hooks that hang or flood are ended and said; the work goes on", async () => {
  await using world = await execWorld({
    steps: [callsTool("exec_command", { cmd: "echo hi" }), says("done")],
  });
  await putHooks(userFile(world), {
    PreToolUse: [
      { command: "sleep 60 & sleep 60", timeout: 0.3 },
      { command: "yes" },
      { command: "echo broken >&2; exit 7" },
    ],
    PostToolUse: [{ command: "echo '{not json'" }],
    SessionEnd: [{ command: "sleep 60", timeout: 0.2 }],
  });
  const { run, events } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(0);
  const said = completedItems(events).flatMap((item) => ("message" in item ? [item.message] : []));
  expect(said).toEqual([
    expect.stringContaining("took longer than 0.3 s"),
    expect.stringContaining("wrote more than 256 KiB"),
    expect.stringContaining("failed (exit code 7): broken"),
    expect.stringContaining("wrote JSON that is not as hooks write it"),
  ]);
});

test("a Stop hook sends the agent back to work, with its reason", async () => {
  await using world = await execWorld({ steps: [says("done?"), says("done!")] });
  await putHooks(userFile(world), {
    Stop: [
      { command: `grep -q '"stop_hook_active":false' && { echo 'run the tests' >&2; exit 2; }; exit 0` },
    ],
  });
  await world.exec(["go"]);
  expect(world.server.requests).toHaveLength(2);
  expect(sent(world, 1)).toContain("run the tests");
});

test("a project's hooks run once trusted, in the sandbox, may forbid, and cannot permit", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const file = join(world.repository.path, ".quire/hooks.json");
  const outside = join(world.home.path, "escaped");
  await putHooks(file, { UserPromptSubmit: [{ command: `touch ${outside}; echo IN-SANDBOX` }] });
  const first = await world.execJson(["go"]);
  expect(sent(world, 0)).not.toContain("IN-SANDBOX");
  expect(completedItems(first.events)).toContainEqual(
    expect.objectContaining({ code: "hooks_untrusted", message: expect.stringContaining(file) }),
  );
  await world.exec(["--trust", "go"]);
  await world.exec(["go"]);
  expect(sent(world, 2)).toContain("IN-SANDBOX");
  await expect(readFile(outside)).rejects.toThrow("ENOENT");
  await putHooks(file, { UserPromptSubmit: [{ command: "echo CHANGED" }] });
  const changed = await world.execJson(["go"]);
  expect(sent(world, 3)).not.toContain("CHANGED");
  expect(completedItems(changed.events)).toContainEqual(expect.objectContaining({ code: "hooks_untrusted" }));
});

test("quire hooks list names every hook with its file; hooks test runs one dry", async () => {
  await using world = await execWorld({
    config: '[[hooks.Stop]]\nhooks = [{ type = "command", command = "true" }]\n',
  });
  await putHooks(userFile(world), {
    PreToolUse: [{ matcher: "Bash", command: print({ decision: "block", reason: "because" }) }],
    SubagentStop: [{ command: "true" }],
  });
  const run = (...words: string[]) =>
    runQuire(["hooks", ...words], { cwd: world.repository.path, home: world.home.path });
  const list = await run("list");
  expect(list.stdout).toContain("PreToolUse");
  expect(list.stdout).toContain("config.toml");
  expect(list.stdout).toMatch(/SubagentStop: true\n/);
  const input = join(world.home.path, "input.json");
  await writeFile(input, JSON.stringify({ tool_name: "Bash", tool_input: { command: "ls" } }));
  const dry = await run("test", "PreToolUse", "--input", input);
  expect(JSON.parse(dry.stdout)).toMatchObject({ block: "because" });
});
