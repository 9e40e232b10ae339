import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  assertAppendOnly,
  callsTool,
  callsTools,
  patches,
  reasons,
  replies,
  says,
} from "@quire/test-support";
import { expect, test } from "vitest";
import { completedItems, execWorld } from "./support/exec-world.ts";

const PATCH = "*** Begin Patch\n*** Update File: a.txt\n@@\n-one\n+two\n*** End Patch";

test("a task becomes a change: command, patch, check, answer; stdout holds the answer alone", async () => {
  await using world = await execWorld({
    steps: [
      replies(says("I will look first."), callsTool("exec_command", { cmd: "cat a.txt" })),
      patches(PATCH),
      callsTool("exec_command", { cmd: "grep -q two a.txt" }),
      says("a.txt now says two."),
    ],
  });
  const run = await world.exec(["change one to two"]);
  expect({ stdout: run.stdout, exitCode: run.exitCode }).toEqual({
    stdout: "a.txt now says two.\n",
    exitCode: 0,
  });
  expect(await world.repository.read("a.txt")).toBe("two\n");
  expect(run.stderr).toContain("I will look first.");
  expect(run.stderr).toMatch(/changed update .*a\.txt \+1 -1/);
  expect(run.stderr).toMatch(/grep -q two a\.txt → exit 0 \(after the last edit\)/);
  expect(run.stderr).toContain("sandbox workspace-write, because this is a git repository");
  assertAppendOnly(world.server.requests);
  expect(world.server.requests[1]?.toolOutputs[0]).toMatch(/Process exited with code 0\nOutput:\none\n$/);
});

test("the first request is small, names its tools in a fixed order and carries the context", async () => {
  await using world = await execWorld({
    files: { "a.txt": "one\n", "AGENTS.md": "Always say please.\n" },
    steps: [says("hi")],
  });
  await world.exec(["say hi"]);
  const [request] = world.server.requests;
  expect(request?.raw.length).toBeLessThan(16 * 1024);
  expect(request?.tools.map((tool) => tool.name)).toEqual([
    "apply_patch",
    "exec_command",
    "update_plan",
    "view_image",
    "write_stdin",
  ]);
  expect(request?.inputTexts).toEqual([
    expect.stringMatching(/^<permissions>\nSandbox mode: workspace-write\./),
    expect.stringContaining("Always say please."),
    expect.stringMatching(new RegExp(`<cwd>${world.repository.path}</cwd>`)),
    "say hi",
  ]);
  expect(request?.headers.authorization).toBe("Bearer key-for-tests");
});

test("the JSON lines tell the whole run in Codex's words", async () => {
  await using world = await execWorld({
    steps: [
      replies(
        reasons("**Thinking** about it"),
        callsTools([
          [
            "update_plan",
            {
              plan: [
                { step: "Look", status: "in_progress" },
                { step: "Change", status: "pending" },
              ],
            },
          ],
          ["exec_command", { cmd: "exit 3" }],
        ]),
      ),
      patches(PATCH),
      callsTool("update_plan", {
        plan: [
          { step: "Look", status: "completed" },
          { step: "Change", status: "completed" },
        ],
      }),
      says("Done.", { usage: { input: 100, cached: 40, output: 7, reasoning: 2 } }),
    ],
  });
  const { run, events } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(0);
  expect(events.map((event) => ("item" in event ? `${event.type} ${event.item.type}` : event.type))).toEqual([
    "thread.started",
    "turn.started",
    "item.completed reasoning",
    "item.started todo_list",
    "item.started command_execution",
    "item.completed command_execution",
    "item.started file_change",
    "item.completed file_change",
    "item.updated todo_list",
    "item.completed agent_message",
    "item.completed todo_list",
    "turn.completed",
  ]);
  const [, , command, change] = completedItems(events)
    .filter((item) => item.type !== "todo_list")
    .concat([]);
  expect(completedItems(events).find((item) => item.type === "command_execution")).toMatchObject({
    command: expect.stringMatching(/bash -c 'exit 3'$/),
    exit_code: 3,
    status: "failed",
  });
  expect([command?.type, change?.type]).toEqual(["file_change", "agent_message"]);
  expect(completedItems(events).find((item) => item.type === "file_change")).toMatchObject({
    status: "completed",
    changes: [
      {
        path: join(world.repository.path, "a.txt"),
        kind: "update",
        added: 1,
        removed: 1,
        diff: expect.stringContaining("-one\n+two\n"),
      },
    ],
  });
  expect(events.at(-1)).toMatchObject({
    type: "turn.completed",
    usage: { output_tokens: expect.any(Number), turn: { output_tokens: expect.any(Number) } },
  });
  const ids = completedItems(events).map((item) => item.id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("two commands of one response run beside each other", async () => {
  await using world = await execWorld({
    steps: [
      callsTools([
        // Each ends only when the other has begun.
        ["exec_command", { cmd: "touch a; until [ -e b ]; do sleep 0.05; done; echo first" }],
        ["exec_command", { cmd: "touch b; until [ -e a ]; do sleep 0.05; done; echo second" }],
      ]),
      says("both"),
    ],
  });
  const { events } = await world.execJson(["go"]);
  const types = events.flatMap((event) => ("item" in event ? [event.type] : []));
  expect(types.slice(0, 2)).toEqual(["item.started", "item.started"]);
  expect(world.server.requests[1]?.toolOutputs.map((output) => output.split("Output:\n")[1])).toEqual([
    "first\n",
    "second\n",
  ]);
});

test("what goes wrong is shown with its code and told to the model in words it can use", async () => {
  await using world = await execWorld({
    steps: [
      callsTool("no_such_tool", { x: 1 }),
      callsTool("exec_command", "{broken"),
      patches("*** Begin Patch\n*** Update File: a.txt\n@@\n-absent\n+x\n*** End Patch"),
      patches("*** Begin Patch\n*** Add File: ../escape.txt\n+x\n*** End Patch"),
      says("I gave up."),
    ],
  });
  const { run, events } = await world.execJson(["go"]);
  expect(run.exitCode).toBe(0);
  const codes = completedItems(events).map((item) =>
    "error" in item && item.error ? item.error.code : item.type,
  );
  expect(codes).toEqual([
    "tool_unknown",
    "tool_bad_arguments",
    "patch_does_not_apply",
    "patch_path_refused",
    "agent_message",
  ]);
  const outputs = world.server.requests.at(-1)?.toolOutputs;
  expect(outputs?.[0]).toMatch(/no tool "no_such_tool".*exec_command/);
  expect(outputs?.[2]).toMatch(/apply_patch verification failed.*a\.txt/s);
  await expect(stat(join(world.repository.path, "..", "escape.txt"))).rejects.toMatchObject({
    code: "ENOENT",
  });
});

test("a call id that comes twice is answered once, and the second is shown as not run", async () => {
  await using world = await execWorld({
    steps: [
      callsTools([
        ["exec_command", { cmd: "echo a >> log.txt" }, { callId: "same" }],
        ["exec_command", { cmd: "echo b >> log.txt" }, { callId: "same" }],
      ]),
      says("ok"),
    ],
  });
  const { events } = await world.execJson(["go"]);
  expect(await world.repository.read("log.txt")).toBe("a\n");
  expect(completedItems(events).filter((item) => item.type === "error")).toHaveLength(1);
});

test("stdin is the prompt, or is added to it", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  await world.exec([], { stdin: "from stdin\n" });
  await world.exec(["-"], { stdin: "from dash\n" });
  await world.exec(["sum this up"], { stdin: "line\n" });
  expect(world.server.requests.map((request) => request.inputTexts.at(-1))).toEqual([
    "from stdin",
    "from dash",
    "sum this up\n\n<stdin>\nline\n</stdin>",
  ]);
});

test("an image reaches the model, the answer reaches a file, the schema reaches the request", async () => {
  const png = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  const schema = JSON.stringify({
    type: "object",
    properties: { color: { type: "string" } },
    required: ["color"],
    additionalProperties: false,
  });
  await using world = await execWorld({
    files: { "a.png": { content: png }, "schema.json": schema },
    steps: [says('{"color":"blue"}')],
  });
  const run = await world.exec([
    "-i",
    "a.png",
    "--output-schema",
    "schema.json",
    "-o",
    "last.txt",
    "what colour?",
  ]);
  expect(run).toMatchObject({ exitCode: 0, stdout: '{"color":"blue"}\n' });
  expect(await readFile(join(world.repository.path, "last.txt"), "utf8")).toBe('{"color":"blue"}');
  expect(world.server.requests[0]?.body).toMatchObject({
    text: { format: { type: "json_schema", strict: true, schema: JSON.parse(schema) } },
  });
  expect(world.server.requests[0]?.raw.toString()).toContain(
    `data:image/png;base64,${png.toString("base64")}`,
  );
});

test("an ephemeral run leaves no log, an ordinary one a private one", async () => {
  await using world = await execWorld({ script: { afterwards: says("ok") } });
  const hidden = await world.execJson(["--ephemeral", "go"]);
  expect(hidden.events[0]).toEqual({ type: "thread.started", thread_id: expect.any(String) });
  await expect(stat(join(world.quireHome, "sessions"))).rejects.toMatchObject({ code: "ENOENT" });
  const { events } = await world.execJson(["go"]);
  const [started] = events;
  const path = started?.type === "thread.started" ? (started.rollout_path ?? "") : "";
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect(await readFile(path, "utf8")).not.toContain("key-for-tests");
});
