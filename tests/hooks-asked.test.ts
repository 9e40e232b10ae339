import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { execWorld, type WorldOptions } from "./support/exec-world.ts";

const EVENTS = ["PreToolUse", "PermissionRequest", "PostToolUse", "PreCompact", "PostCompact", "Interrupt"];
const ESCALATES = callsTool("exec_command", {
  cmd: "echo out",
  sandbox_permissions: "require_escalated",
  justification: "May I?",
});

/** An app-server whose user has a hook for every event; what they get is noted, what they say is given. */
async function hooked(
  steps: WorldOptions["steps"],
  answers: Record<string, { stdout?: object; exit?: number }> = {},
) {
  const world = await execWorld({ ...(steps ? { steps } : {}), script: { afterwards: says("Done.") } });
  const folder = join(world.home.path, "hooks");
  await mkdir(folder);
  const hooks: Record<string, object[]> = {};
  for (const event of EVENTS) {
    const { stdout, exit = 0 } = answers[event] ?? {};
    const script = join(folder, event);
    await writeFile(`${script}.out`, stdout === undefined ? "" : JSON.stringify(stdout));
    const lines = [`cat >> ${folder}/log`, `cat ${script}.out`, "echo NO >&2", `exit ${exit}`];
    await writeFile(script, `#!/bin/sh\n${lines.join("\n")}\n`, { mode: 0o755 });
    hooks[event] = [{ hooks: [{ type: "command", command: script }] }];
  }
  await writeFile(join(world.quireHome, "hooks.json"), JSON.stringify({ hooks }));
  const server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const asked: string[] = [];
  client.answers.set("item/commandExecution/requestApproval", ({ reason }) => {
    asked.push(reason);
    return { decision: "accept" };
  });
  const params = { cwd: world.repository.path, approvalPolicy: "on-request" };
  const { thread } = await client.request("thread/start", params);
  return {
    world,
    client,
    asked,
    threadId: String(thread.id),
    /** What the hooks got, each without what is the same for all of them. */
    async got(): Promise<object[]> {
      const lines = (await readFile(join(folder, "log"), "utf8")).trim().split("\n");
      return lines.map((line) => {
        const { session_id, turn_id, transcript_path, cwd, model, permission_mode, tool_use_id, ...own } =
          JSON.parse(line);
        return own;
      });
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

const BASH = { tool_name: "Bash", tool_input: { command: "echo out" } };
const REQUEST = {
  hook_event_name: "PermissionRequest",
  tool_name: "Bash",
  tool_input: { command: "echo out", description: "May I?" },
};
const behavior = (decision: object) => ({
  hookSpecificOutput: { hookEventName: "PermissionRequest", decision },
});

test.each([
  ["nothing", {}, ["May I?"], true],
  ["allow", { stdout: behavior({ behavior: "allow" }) }, [], true],
  ["deny", { stdout: behavior({ behavior: "deny", message: "Not today." }) }, [], false],
  ["exit code 2", { exit: 2 }, [], false],
] as const)(
  "a PermissionRequest hook that says %s answers in the person's place, or lets them",
  async (_, answer, asked, runs) => {
    await using run = await hooked([ESCALATES], { PermissionRequest: answer });
    const { frames } = await run.client.turn(run.threadId, "go");
    expect(run.asked).toEqual(asked);
    const item = frames.find(
      ({ method, params }) => method === "item/completed" && params.item.type === "commandExecution",
    )?.params.item;
    expect(item.status).toBe(runs ? "completed" : "declined");
    expect(await run.got()).toEqual([
      { hook_event_name: "PreToolUse", ...BASH },
      REQUEST,
      ...(runs ? [{ hook_event_name: "PostToolUse", ...BASH, tool_response: "out\n" }] : []),
    ]);
    if (runs) return;
    const reason = "stdout" in answer ? "Not today." : "NO";
    expect(run.world.server.requests[1]?.toolOutputs).toEqual([expect.stringContaining(reason)]);
  },
);

test("a hook that wants a person asked gets them asked, also where nothing else would", async () => {
  const decision = { permissionDecision: "ask", permissionDecisionReason: "Look at this." };
  const answer = { stdout: { hookSpecificOutput: { hookEventName: "PreToolUse", ...decision } } };
  await using run = await hooked([callsTool("exec_command", { cmd: "echo out" })], { PreToolUse: answer });
  const { turn } = await run.client.turn(run.threadId, "go");
  expect(turn.status).toBe("completed");
  expect(run.asked).toEqual([expect.stringMatching(/hook/)]);
  expect((await run.got()).at(-1)).toMatchObject({ hook_event_name: "PostToolUse", tool_response: "out\n" });
});

test("an Interrupt hook hears of an interrupted turn before its end is told", async () => {
  await using run = await hooked([callsTool("exec_command", { cmd: "sleep 600" })]);
  const { client, threadId } = run;
  const { turn } = await client.request("turn/start", { threadId, input: [{ type: "text", text: "go" }] });
  await client.wait(
    ({ method, params }) => method === "item/started" && params.item.type === "commandExecution",
  );
  await client.request("turn/interrupt", { threadId, turnId: turn.id });
  const end = await client.notified("turn/completed");
  expect(end.params.turn.status).toBe("interrupted");
  const events = (await run.got()).map((each) => "hook_event_name" in each && each.hook_event_name);
  expect(events.at(-1)).toBe("Interrupt");
});

test("compaction is told to hooks before and after, and one before it can stop it", async () => {
  await using run = await hooked([says("Hello."), says("A summary.")]);
  const { client, threadId } = run;
  await client.turn(threadId, "hi");
  const from = client.frames.length;
  await client.request("thread/compact/start", { threadId });
  const end = await client.notified("turn/completed", from);
  expect(end.params.turn.status).toBe("completed");
  expect(await run.got()).toMatchObject([
    { hook_event_name: "PreCompact", trigger: "manual" },
    { hook_event_name: "PostCompact", trigger: "manual" },
  ]);
  await using stopped = await hooked([says("Hello."), says("A summary.")], {
    PreCompact: { stdout: { continue: false, stopReason: "Keep it." } },
  });
  await stopped.client.turn(stopped.threadId, "hi");
  const before = stopped.client.frames.length;
  await stopped.client.request("thread/compact/start", { threadId: stopped.threadId });
  const refused = await stopped.client.notified("turn/completed", before);
  expect(refused.params.turn).toMatchObject({ status: "failed", error: { error: { code: "hook_blocked" } } });
  expect(await stopped.got()).toHaveLength(1);
  expect(stopped.world.server.requests).toHaveLength(1);
});
