import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { callsTool, fault, runQuire, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { cast, lastOutput, speakerOf } from "./support/agent-cast.ts";
import { completedItems, type ExecWorld, execWorld } from "./support/exec-world.ts";

const ON = "[agents]\nenabled = true\n";

async function put(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

function requestOf(world: ExecWorld, path: string, at = 0) {
  return world.server.requests.filter((request) => speakerOf(request) === path)[at];
}

const spawn = (role: string) =>
  callsTool("spawn_agent", { task_name: "a", message: "Go.", agent_type: role });

test("a role of the user's own switches agents on, and decides about model, effort, tools, prompt and rights", async () => {
  const script = cast({ "/root": [spawn("scout"), says("ok"), says("done")], "/root/a": [says("Seen.")] });
  await using world = await execWorld({ script: { afterwards: script }, model: "gpt-5.3-codex" });
  const role = `description = "Looks at one thing."
developer_instructions = "You scout."
model = "gpt-5.1-codex-mini"
model_reasoning_effort = "low"
sandbox_mode = "danger-full-access"
tools = ["exec_command"]
mcp_servers = {}
`;
  await put(join(world.quireHome, "agents", "scout.toml"), role);
  const { events } = await world.execJson(["Go."]);
  const [first] = world.server.requests;
  expect(JSON.stringify(first?.body)).toContain("- scout: Looks at one thing.");
  const request = requestOf(world, "/root/a");
  expect({
    model: request?.model,
    effort: JSON.parse(String(request?.raw)).reasoning.effort,
    tools: request?.tools.map(({ name }) => name),
    prompt: request?.inputTexts.some((text) => text.includes("You scout.\n\nYou are the agent /root/a.")),
    // More rights than the parent's are not to be had by asking for them.
    mode: request?.inputTexts[0]?.includes("Sandbox mode: workspace-write"),
  }).toEqual({
    model: "gpt-5.1-codex-mini",
    effort: "low",
    tools: ["exec_command"],
    prompt: true,
    mode: true,
  });
  expect(completedItems(events)).toContainEqual(
    expect.objectContaining({
      type: "error",
      code: "agent_key_unused",
      message: expect.stringContaining("mcp_servers"),
    }),
  );
});

test("a project's role counts only as it was trusted", async () => {
  const script = cast({
    "/root": [
      spawn("helper"),
      says("ok"),
      spawn("helper"),
      says("ok"),
      says("done"),
      spawn("helper"),
      says("ok"),
    ],
    "/root/a": [says("Done.")],
  });
  await using world = await execWorld({ config: ON, script: { afterwards: script } });
  const file = join(world.repository.path, ".quire", "agents", "helper.toml");
  await put(file, 'description = "Helps."\ndeveloper_instructions = "FROM THE PROJECT"\n');
  const untrusted = await world.execJson(["Go."]);
  expect(completedItems(untrusted.events)).toContainEqual(
    expect.objectContaining({ code: "agent_untrusted", message: expect.stringContaining("helper.toml") }),
  );
  expect(world.server.requests[1]?.toolOutputs).toEqual([
    'spawn_agent did nothing: there is no agent_type "helper". There are: default, explorer, reviewer.',
  ]);
  await world.exec(["--trust", "Go."]);
  expect(requestOf(world, "/root/a")?.inputTexts.join("\n")).toContain("FROM THE PROJECT");
  await put(file, 'description = "Helps."\ndeveloper_instructions = "CHANGED"\n');
  const changed = await world.execJson(["Go."]);
  expect(completedItems(changed.events)).toContainEqual(expect.objectContaining({ code: "agent_untrusted" }));
  expect(requestOf(world, "/root/a", 1)).toBeUndefined();
});

test("what goes wrong with an agent is its typed result, and harms nobody else", async () => {
  const heard: unknown[] = [];
  const wait = (targets: string[]) => callsTool("wait_agent", { targets });
  const script = cast({
    "/root": [
      callsTool("spawn_agent", { task_name: "broken", message: "Go.", agent_type: "broken" }),
      callsTool("spawn_agent", { task_name: "capped", message: "Go.", agent_type: "capped" }),
      callsTool("spawn_agent", { task_name: "late", message: "Go.", agent_type: "late" }),
      callsTool("spawn_agent", { task_name: "fine", message: "Go." }),
      ...["broken", "capped", "late", "fine"].map(
        (name, at) => (request: Parameters<typeof lastOutput>[0]) => {
          if (at > 0) heard.push(lastOutput(request));
          return wait([name]);
        },
      ),
      (request) => {
        heard.push(lastOutput(request));
        return says("done");
      },
    ],
    "/root/broken": [fault({ status: 400, message: "no such thing" })],
    "/root/capped": [callsTool("exec_command", { cmd: "true" }), says("never")],
    "/root/late": [callsTool("exec_command", { cmd: "sleep 60", yield_time_ms: 30_000 }), says("never")],
    "/root/fine": [says("Fine.")],
  });
  await using world = await execWorld({
    config: `${ON}[agents.broken]\nconfig_file = "roles/broken.toml"\n`,
    script: { afterwards: script },
  });
  await put(join(world.quireHome, "roles", "broken.toml"), 'description = "Breaks."\n');
  await put(join(world.quireHome, "agents", "capped.toml"), "[budget]\nmax_calls = 1\n");
  await put(join(world.quireHome, "agents", "late.toml"), "[budget]\ntimeout_seconds = 1.5\n");
  const run = await world.exec(["Go."]);
  const results = heard.flatMap((report) => (report as { results: object[] }).results);
  expect({ exitCode: run.exitCode, stdout: run.stdout, results }).toEqual({
    exitCode: 0,
    stdout: "done\n",
    results: [
      expect.objectContaining({ agent: "/root/broken", status: "errored", error: "model_bad_request" }),
      expect.objectContaining({ agent: "/root/capped", status: "errored", error: "budget_exceeded" }),
      expect.objectContaining({ agent: "/root/late", status: "errored", error: "budget_exceeded" }),
      expect.objectContaining({ agent: "/root/fine", status: "completed", result: "Fine." }),
    ],
  });
});

test("SubagentStart and SubagentStop run for an agent, in place of the session's", async () => {
  const script = cast({
    "/root": [spawn("explorer"), says("ok"), says("done")],
    "/root/a": [says("First."), says("Second.")],
  });
  await using world = await execWorld({ config: ON, script: { afterwards: script } });
  const log = join(world.home.path, "events.jsonl");
  const note = { type: "command", command: `cat >> ${log}` };
  const once = `grep -q '"stop_hook_active":true' && exit 0; echo "Look again." >&2; exit 2`;
  const hooks = {
    SessionStart: [{ hooks: [note] }],
    UserPromptSubmit: [{ hooks: [note] }],
    Stop: [{ hooks: [note] }],
    SubagentStart: [{ matcher: "explorer", hooks: [note, { type: "command", command: "echo FROM-HOOK" }] }],
    SubagentStop: [{ hooks: [note, { type: "command", command: once }] }],
  };
  await put(join(world.quireHome, "hooks.json"), JSON.stringify({ hooks }));
  const { run } = await world.execJson(["Go."]);
  expect(run.exitCode).toBe(0);
  const lines = (await readFile(log, "utf8")).trim().split("\n");
  const told = lines.map((line) => JSON.parse(line));
  expect(told.map(({ hook_event_name, agent_type }) => [hook_event_name, agent_type])).toEqual([
    ["SessionStart", undefined],
    ["UserPromptSubmit", undefined],
    ["SubagentStart", "explorer"],
    ["SubagentStop", "explorer"],
    ["SubagentStop", "explorer"],
    ["Stop", undefined],
  ]);
  const [session, , start, stop] = told;
  expect(start.session_id).toBe(session.session_id);
  expect(stop).toMatchObject({
    agent_id: start.agent_id,
    transcript_path: session.transcript_path,
    agent_transcript_path: expect.stringContaining(start.agent_id),
    last_assistant_message: "First.",
  });
  expect(requestOf(world, "/root/a")?.inputTexts.join("\n")).toContain("FROM-HOOK");
  expect(requestOf(world, "/root/a", 1)?.inputTexts.at(-1)).toContain("Look again.");
});

test("quire agents roles lists the kinds that hold in a place, and names file, line and key of what is wrong", async () => {
  await using world = await execWorld({ config: '[agents.lost]\nconfig_file = "roles/lost.toml"\n' });
  const own = (name: string) => join(world.quireHome, "agents", `${name}.toml`);
  await put(own("scout"), 'description = "Looks\\u001b[31m."\nmodel = "m"\n[budget]\nmax_calls = 3\n');
  await put(own("explorer"), 'description = "Mine."\ncolour = "red"\n');
  await put(own("bad"), 'model = "m"\nsandbox_mode = "none"\n');
  await put(join(world.repository.path, ".quire", "agents", "helper.toml"), 'description = "Helps."\n');
  const where = { home: world.home.path, cwd: world.repository.path };
  const [text, json, wrong] = await Promise.all([
    runQuire(["agents", "roles"], where),
    runQuire(["agents", "roles", "--json"], where),
    runQuire(["agents", "roles", "no/such/folder"], where),
  ]);
  expect(text.exitCode).toBe(1);
  expect(text.stdout).toContain(`scout  Looks␛[31m.\n  ${own("scout")}: model m, 3 calls\n`);
  expect(text.stdout).toContain(
    `explorer  Mine.\n  ${own("explorer")}: as the parent\n  in place of built in\n`,
  );
  expect(text.stderr).toContain(`${own("bad")}:2: sandbox_mode must be one of read-only, `);
  const view = JSON.parse(json.stdout);
  expect({
    ...{ ok: view.ok, enabled: view.enabled, hidden: view.hidden },
    names: view.roles.map((role: { name: string }) => role.name),
    problems: view.problems.map(({ code, file, line, key }: Record<string, unknown>) => [
      code,
      file,
      line,
      key,
    ]),
  }).toEqual({
    ok: false,
    enabled: true,
    hidden: [{ name: "explorer", file: null }],
    names: ["default", "explorer", "reviewer", "scout"],
    problems: [
      ["agent_untrusted", join(world.repository.path, ".quire", "agents", "helper.toml"), null, null],
      ["agent_invalid", join(world.quireHome, "roles", "lost.toml"), null, null],
      ["agent_invalid", own("bad"), 2, "sandbox_mode"],
      ["agent_key_unused", own("explorer"), 2, "colour"],
    ],
  });
  expect(wrong).toMatchObject({ exitCode: 2, stdout: "" });
});
