import { existsSync } from "node:fs";
import { join } from "node:path";
import { callsTool, patches, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer } from "./support/app-server.ts";
import { completedItems, execWorld } from "./support/exec-world.ts";

const PLAN = "# Plan\n\n1. Make made.txt.\n2. Check that it is there.";
const PROPOSAL = `I looked around.\n<proposed_plan>\n${PLAN}\n</proposed_plan>`;
const PATCH = "*** Begin Patch\n*** Add File: made.txt\n+by a patch\n*** End Patch";
const QUESTION = {
  questions: [
    { id: "name", header: "Name", question: "Which name?", options: [{ label: "made.txt" }, { label: "b" }] },
  ],
};
const plan = { mode: "plan" };

test("plan mode changes nothing, asks, and proposes; the approved plan is built and survives a compaction", async () => {
  await using world = await execWorld({
    config: 'compactor = "extract"\n',
    steps: [
      callsTool("exec_command", { cmd: "touch made.txt" }),
      callsTool("exec_command", {
        cmd: "touch made.txt",
        sandbox_permissions: "require_escalated",
        justification: "I want to",
      }),
      patches(PATCH),
      callsTool("update_plan", { plan: [{ step: "a", status: "pending" }] }),
      callsTool("request_user_input", QUESTION),
      says(PROPOSAL, { delivery: { chunkBytes: 7 } }),
      callsTool("exec_command", { cmd: "echo built > made.txt && cat made.txt" }),
      says("Built."),
    ],
    script: { afterwards: says("ok") },
  });
  await using server = startAppServer(world);
  const { client } = server;
  client.answers.set("item/tool/requestUserInput", () => ({ answers: { name: { answers: ["made.txt"] } } }));
  await client.initialize({ experimentalApi: true });
  const { thread } = await client.request("thread/start", {
    cwd: world.repository.path,
    sandbox: "workspace-write",
    approvalPolicy: "on-request",
  });
  const threadId = thread.id;
  const planned = await client.turn(threadId, "make made.txt", { collaborationMode: plan });
  expect(planned.turn).toMatchObject({ status: "completed", finalText: `I looked around.\n\n${PLAN}` });
  expect(existsSync(join(world.repository.path, "made.txt"))).toBe(false);
  const said = world.server.requests.slice(1, 6).map(({ toolOutputs }) => toolOutputs.at(-1));
  expect(said).toEqual([
    expect.stringContaining("Read-only file system"),
    expect.stringMatching(/^Not run: in plan mode no command leaves the read-only sandbox/),
    expect.stringMatching(/^Not done: in plan mode nothing is changed \(.*made\.txt\)/),
    expect.stringMatching(/^update_plan was not run/),
    '{"answers":{"name":{"answers":["made.txt"]}}}',
  ]);
  expect(client.methods().filter((method) => method.endsWith("requestApproval"))).toEqual([]);
  const first = world.server.requests[0];
  expect(first?.inputTexts.filter((text) => text.startsWith("<collaboration_mode>")).length).toBe(1);
  expect(first?.inputTexts.find((text) => text.startsWith("<permissions>"))).toContain("read-only");

  const items = planned.frames.flatMap(({ method, params }) =>
    method === "item/completed" && /^(plan|agentMessage)$/.test(params.item.type) ? [params.item] : [],
  );
  expect(items.map(({ type, text }) => [type, text])).toEqual([
    ["agentMessage", "I looked around."],
    ["plan", PLAN],
  ]);
  const deltas = planned.frames.flatMap(({ method, params }) =>
    method === "item/plan/delta" ? [params.delta] : [],
  );
  expect(deltas.join("").trim()).toBe(PLAN);

  const read = await client.request("thread/plan/read", { threadId });
  expect(read).toEqual({ plan: { itemId: items[1].id, text: PLAN, approved: false } });
  const other = await client.call("thread/plan/approve", { threadId, itemId: "another" });
  expect(other.error?.data?.code).toBe("usage_invalid");

  const from = client.frames.length;
  await client.request("thread/plan/approve", { threadId, itemId: read.plan.itemId, message: "Be quick." });
  const built = await client.notified("turn/completed", from);
  expect(built.params.turn).toMatchObject({ status: "completed", finalText: "Built." });
  expect(existsSync(join(world.repository.path, "made.txt"))).toBe(true);
  const settings = await client.notified("thread/settings/updated", from);
  expect(settings.params.threadSettings).toMatchObject({
    collaborationMode: { mode: "default" },
    sandboxPolicy: { type: "workspaceWrite" },
  });
  const building = world.server.requests[6];
  expect(building?.inputTexts.at(-1)).toBe(
    "I approve the plan. Build it, all of it, and check the result as it says.\n\nBe quick.",
  );
  expect(building?.inputTexts.filter((text) => text.startsWith("<collaboration_mode>")).at(-1)).toContain(
    "Plan mode is over",
  );
  expect(await client.request("thread/plan/read", { threadId })).toMatchObject({ plan: { approved: true } });

  const compacting = client.frames.length;
  await client.request("thread/compact/start", { threadId });
  await client.notified("turn/completed", compacting);
  await client.turn(threadId, "and now?");
  const summary = world.server.requests
    .at(-1)
    ?.inputTexts.find((text) => text.startsWith("<context_summary>"));
  expect(summary).toContain(`## The plan that the user approved\n${PLAN}\n`);
});

test("exec --plan asks nobody and prints the plan; a resume approves and builds it, another run is a plain one", async () => {
  await using world = await execWorld({
    config: 'plan_mode_reasoning_effort = "high"\nmodel_reasoning_effort = "low"\n',
    steps: [
      callsTool("request_user_input", QUESTION),
      says(PROPOSAL),
      callsTool("exec_command", { cmd: "echo built > made.txt" }),
      says("Built."),
    ],
    script: { afterwards: says("ok") },
  });
  const planned = await world.execJson(["-s", "workspace-write", "--plan", "make made.txt"]);
  expect(planned.run.exitCode).toBe(0);
  expect(completedItems(planned.events).filter(({ type }) => type === "plan")).toEqual([
    { id: expect.stringMatching(/^item_\d+$/), type: "plan", text: PLAN },
  ]);
  expect(world.server.requests[1]?.toolOutputs.at(-1)).toMatch(/^Nobody answered\. Decide yourself/);
  const built = await world.exec(["resume", "--last", "--approve-plan", "-s", "workspace-write"]);
  expect([built.exitCode, built.stdout]).toEqual([0, "Built.\n"]);
  expect(existsSync(join(world.repository.path, "made.txt"))).toBe(true);
  const efforts = world.server.requests.map(
    ({ body }) => (body as { reasoning: { effort: string } }).reasoning.effort,
  );
  expect(efforts).toEqual(["high", "high", "low", "low"]);
  const again = await world.exec(["resume", "--last", "--approve-plan"]);
  expect(again).toMatchObject({ exitCode: 2, stderr: expect.stringContaining("approved already") });
  const plain = await world.exec(["hello"]);
  expect(plain.exitCode).toBe(0);
  const tools = world.server.requests.at(-1)?.body as { tools: { name?: string }[] };
  expect(tools.tools.map(({ name }) => name)).not.toContain("request_user_input");
});

test("a thread that was left in plan mode is in it when it is resumed", async () => {
  await using world = await execWorld({ steps: [says(PROPOSAL)], script: { afterwards: says("ok") } });
  const { events } = await world.execJson(["--plan", "make made.txt"]);
  const threadId = events.flatMap((event) => (event.type === "thread.started" ? [event.thread_id] : []))[0];
  await using server = startAppServer(world);
  const { client } = server;
  await client.initialize();
  const resumed = await client.request("thread/resume", { threadId });
  expect(resumed).toMatchObject({
    collaborationMode: { mode: "plan" },
    sandbox: { type: "readOnly" },
  });
  const copy = await client.request("thread/fork", { threadId });
  expect(copy.collaborationMode).toEqual(resumed.collaborationMode);
  expect(await client.request("collaborationMode/list", {})).toMatchObject({
    data: [{ mode: "plan" }, { mode: "default" }],
  });
  await client.request("thread/settings/update", { threadId, collaborationMode: { mode: "default" } });
  const { params } = await client.notified("thread/settings/updated");
  expect(params.threadSettings.collaborationMode.mode).toBe("default");
});
