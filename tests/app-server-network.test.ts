import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { callsTool, callsTools, says } from "@quire/test-support";
import { expect, test } from "vitest";
import { startAppServer, type WireFrame } from "./support/app-server.ts";
import { type ExecWorld, execWorld, type WorldOptions } from "./support/exec-world.ts";

const ASK = "item/commandExecution/requestApproval";
const RULES = '[network.domains]\n"known.example" = "allow"\n';

/** Nothing answers at this host; whether it may be contacted is all that is looked at. */
const HOST = "unknown.invalid";
const get = (path = "", host = HOST) =>
  `curl -sS --max-time 20 -o /dev/null -w '%{http_code} ' http://${host}/${path}`;

async function open(options: WorldOptions, params: object = {}) {
  const world = await execWorld({ script: { afterwards: says("Done.") }, config: RULES, ...options });
  const server = startAppServer(world);
  await server.client.initialize({ quireItems: true });
  const { thread } = await server.client.request("thread/start", {
    cwd: world.repository.path,
    approvalPolicy: "on-request",
    sandbox: "workspace-write",
    ...params,
  });
  return {
    world,
    server,
    client: server.client,
    threadId: String(thread.id),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await world[Symbol.asyncDispose]();
    },
  };
}

const questionsIn = (frames: readonly WireFrame[]) =>
  frames.flatMap((frame) => (frame.method === ASK ? [frame.params] : []));
const accessIn = (frames: readonly WireFrame[]) =>
  frames.flatMap((frame) =>
    frame.method === "item/completed" && frame.params.item.type === "networkAccess"
      ? [frame.params.item]
      : [],
  );
const outputsOf = (world: ExecWorld) => world.server.requests.flatMap((request) => request.toolOutputs);

test("an unknown host: one question in Codex's words, however many connections wait; the answer counts for the command", async () => {
  const many = `for i in 1 2 3 4; do ${get("$i")} & done; wait`;
  await using run = await open({
    steps: [
      callsTool("exec_command", { cmd: many }),
      callsTool("exec_command", { cmd: get() }),
      says("Done."),
    ],
  });
  let answers = 0;
  run.client.answers.set(ASK, () => {
    answers++;
    return { decision: answers === 1 ? "accept" : "decline" };
  });
  const { frames, turn } = await run.client.turn(run.threadId, "go");
  expect(turn.status).toBe("completed");
  const questions = questionsIn(frames);
  const [first, second] = questions;
  expect(questions).toHaveLength(2);
  expect(first).toMatchObject({
    kind: "command",
    threadId: run.threadId,
    turnId: turn.id,
    networkApprovalContext: { host: HOST, protocol: "http", port: 80 },
    proposedNetworkPolicyAmendments: [
      { host: HOST, action: "allow" },
      { host: HOST, action: "deny" },
    ],
    availableDecisions: [
      "accept",
      "acceptForSession",
      { applyNetworkPolicyAmendment: { network_policy_amendment: { host: HOST, action: "allow" } } },
      { applyNetworkPolicyAmendment: { network_policy_amendment: { host: HOST, action: "deny" } } },
      "decline",
      "cancel",
    ],
  });
  const command = frames.find(
    (frame) => frame.method === "item/started" && frame.params.item.type === "commandExecution",
  );
  expect(first.itemId).toBe(command?.params.item.id);
  expect(second.itemId).not.toBe(first.itemId);
  // The name does not exist, so what was allowed is refused for that reason.
  expect(accessIn(frames)).toEqual([
    expect.objectContaining({
      itemId: first.itemId,
      host: HOST,
      ports: [80],
      rule: "it has no address",
      count: 4,
    }),
    expect.objectContaining({ itemId: second.itemId, rule: "the user did not allow it", count: 1 }),
  ]);
  expect(outputsOf(run.world).at(-1)).toContain(
    `Network: ${HOST} (port 80) was not contacted: the user did not allow it.`,
  );
});

test("for this session: another command and another sandbox mode do not ask again", async () => {
  await using run = await open({
    steps: [
      callsTool("exec_command", { cmd: get() }),
      callsTool("exec_command", { cmd: get() }),
      says("one"),
      callsTool("exec_command", { cmd: get() }),
      says("two"),
    ],
  });
  run.client.answers.set(ASK, () => ({ decision: "acceptForSession" }));
  const first = await run.client.turn(run.threadId, "go");
  const second = await run.client.turn(run.threadId, "again", {
    sandboxPolicy: { type: "workspaceWrite", networkAccess: true },
  });
  expect(questionsIn([...first.frames, ...second.frames])).toHaveLength(1);
  expect(accessIn(second.frames)).toHaveLength(1);
});

test.each([
  ["allow", HOST, "it has no address", "acceptAndRemember"],
  ["deny", HOST, `deny ${HOST}`, "declineAndRemember"],
  // Any port but those of the web is part of what is asked and saved.
  ["allow", `${HOST}:8443`, "it has no address", "acceptAndRemember"],
] as const)(
  "always %s %s: saved for this workspace, and holds for a new thread",
  async (action, place, rule, decision) => {
    await using run = await open({
      steps: [
        callsTool("exec_command", { cmd: get("", place) }),
        says("one"),
        callsTool("exec_command", { cmd: get("", place) }),
        says("two"),
      ],
    });
    const { client, world } = run;
    client.answers.set(ASK, ({ proposedNetworkPolicyAmendments }) => ({
      decision: {
        applyNetworkPolicyAmendment: {
          network_policy_amendment: proposedNetworkPolicyAmendments.find(
            (amendment: { action: string }) => amendment.action === action,
          ),
        },
      },
    }));
    const first = await client.turn(run.threadId, "go");
    expect(first.frames.find((frame) => frame.params?.item?.type === "approval")?.params.item).toMatchObject({
      subject: `network access to ${place.includes(":") ? place : `${place}:80`}`,
      decision,
    });
    const folder = join(world.quireHome, "rules", "workspaces");
    const [file = ""] = await readdir(folder);
    expect(await readFile(join(folder, file), "utf8")).toContain(
      `network_rule(host="${place}", protocol="https", decision="${action}"`,
    );
    const { thread } = await client.request("thread/start", {
      cwd: world.repository.path,
      approvalPolicy: "on-request",
    });
    const second = await client.turn(thread.id, "again");
    expect(questionsIn(second.frames)).toEqual([]);
    expect(accessIn(second.frames)).toEqual([expect.objectContaining({ host: HOST, verdict: "deny", rule })]);
  },
);

test("an interruption ends the wait for an answer", async () => {
  await using run = await open({ steps: [callsTool("exec_command", { cmd: get() })] });
  const { client, threadId } = run;
  const from = client.frames.length;
  const { turn } = await client.request("turn/start", { threadId, input: [{ type: "text", text: "go" }] });
  await client.asked(ASK);
  await client.request("turn/interrupt", { threadId, turnId: turn.id });
  const end = await client.notified("turn/completed", from);
  expect(end.params.turn.status).toBe("interrupted");
  expect(client.methods(from)).toContain("serverRequest/resolved");
  expect((await client.turn(threadId, "go on")).turn.status).toBe("completed");
});

test("where nobody may be asked, by policy or by configuration, nobody is", async () => {
  for (const [config, params] of [
    [RULES, { approvalPolicy: "never" }],
    [`[network]\nunknown_hosts = "deny"\n${RULES}`, {}],
  ] as const) {
    await using run = await open({ config, steps: [callsTool("exec_command", { cmd: get() })] }, params);
    const { frames } = await run.client.turn(run.threadId, "go");
    expect(questionsIn(frames)).toEqual([]);
    expect(outputsOf(run.world)[0]).toContain(`under [network.domains] in config.toml: "${HOST}" = "allow"`);
  }
});

test("without rules the network is off, nothing is asked and no log is made", async () => {
  await using run = await open(
    { config: "", steps: [callsTool("exec_command", { cmd: get() })] },
    { approvalPolicy: "never" },
  );
  const { frames } = await run.client.turn(run.threadId, "go");
  expect([...questionsIn(frames), ...accessIn(frames)]).toEqual([]);
  expect(existsSync(join(run.world.quireHome, "log", "network.jsonl"))).toBe(false);
  expect(run.world.server.requests[0]?.inputTexts.join("\n")).toContain("Network: off for commands");
});

const OVERRIDE = String.fromCodePoint(0x202e);
const ZERO_WIDTH = String.fromCodePoint(0x200b);

test.each([
  ["accept, accept", ["accept", "accept"], true],
  ["accept, then no", ["accept", "decline"], false],
  ["for the session, then for the session", ["acceptForSession", "acceptForSession"], false],
  ["no", ["decline"], false],
] as const)("text that hides something is confirmed twice: %s", async (_name, decisions, runs) => {
  const cmd = `echo safe ${OVERRIDE}\necho x${ZERO_WIDTH} > hidden-ran`;
  await using run = await open({
    steps: [
      callsTool("exec_command", { cmd, sandbox_permissions: "require_escalated", justification: "please" }),
      says("Done."),
    ],
  });
  const left = [...decisions];
  run.client.answers.set(ASK, () => ({ decision: left.shift() ?? "cancel" }));
  const { frames } = await run.client.turn(run.threadId, "go");
  const questions = questionsIn(frames);
  expect(questions).toHaveLength(decisions.length);
  expect(questions[0]).toMatchObject({
    hidesText: true,
    confirmation: "first",
    escapedText: "echo safe <U+202E>\necho x<U+200B> > hidden-ran",
  });
  expect(questions[0].hiddenCharacters).toBeUndefined();
  if (questions.length > 1) {
    expect(questions[1]).toMatchObject({
      confirmation: "second",
      approvalId: expect.any(String),
      availableDecisions: ["accept", "decline", "cancel"],
      hiddenCharacters: [
        { character: "U+202E", name: "direction override or embedding", line: 1, column: 11 },
        { character: "U+200B", name: "zero-width space", line: 2, column: 7 },
      ],
      reason: expect.stringContaining("U+202E (direction override or embedding) in line 1, column 11"),
    });
  }
  expect(existsSync(join(run.world.repository.path, "hidden-ran"))).toBe(runs);
});

test("a preset changes with the next turn, in both directions, and the model is told", async () => {
  const write = (name: string) => callsTool("exec_command", { cmd: `echo x > ${name}` });
  await using run = await open(
    {
      config: "",
      steps: [write("one"), says("a"), write("two"), says("b"), write("three"), says("c")],
    },
    { approvalPolicy: "never" },
  );
  const { client, threadId, world } = run;
  await client.turn(threadId, "first");
  await client.turn(threadId, "second", { sandboxPolicy: { type: "readOnly" } });
  await client.turn(threadId, "third", { sandboxPolicy: { type: "dangerFullAccess" } });
  const there = ["one", "two", "three"].map((name) => existsSync(join(world.repository.path, name)));
  expect(there).toEqual([true, false, true]);
  const told = world.server.requests.map((request) =>
    request.inputTexts
      .filter((text) => text.startsWith("<permissions>"))
      .map((text) => /Sandbox mode: ([\w-]+)/.exec(text)?.[1]),
  );
  expect([told[0], told[2], told[4]]).toEqual([
    ["workspace-write"],
    ["workspace-write", "read-only"],
    ["workspace-write", "read-only", "danger-full-access"],
  ]);
});

test("two commands beside each other that want the same host: one question", async () => {
  await using run = await open({
    steps: [
      callsTools([
        ["exec_command", { cmd: get("a") }],
        ["exec_command", { cmd: get("b") }],
      ]),
      says("Done."),
    ],
  });
  run.client.answers.set(ASK, (_params, frame) => {
    setTimeout(() => run.client.send({ id: frame.id, result: { decision: "decline" } }), 600);
    return undefined;
  });
  const { frames } = await run.client.turn(run.threadId, "go");
  expect(questionsIn(frames)).toHaveLength(1);
  expect(accessIn(frames)).toHaveLength(2);
});

test("settings that change while a turn runs count from the next one; what cannot be is said and changes nothing", async () => {
  const write = (name: string) => callsTool("exec_command", { cmd: `sleep 1; echo x > ${name}` });
  await using run = await open(
    { config: "", steps: [write("one"), says("a"), write("two"), says("b")] },
    { approvalPolicy: "never" },
  );
  const { client, threadId, world } = run;
  const from = client.frames.length;
  const input = [{ type: "text", text: "go" }];
  const { turn } = await client.request("turn/start", { threadId, input });
  await client.wait(
    (frame) => frame.method === "item/started" && frame.params.item.type === "commandExecution",
    from,
  );
  const readOnly = { threadId, sandboxPolicy: { type: "readOnly" } };
  expect(await client.request("thread/settings/update", readOnly)).toEqual({});
  await client.wait((frame) => frame.method === "turn/completed" && frame.params.turn.id === turn.id, from);
  const updated = await client.notified("thread/settings/updated", from);
  expect(updated.params).toMatchObject({
    threadId,
    threadSettings: {
      sandboxPolicy: { type: "readOnly" },
      approvalPolicy: "never",
      cwd: world.repository.path,
    },
  });
  await client.turn(threadId, "again");
  const there = ["one", "two"].map((name) => existsSync(join(world.repository.path, name)));
  expect(there).toEqual([true, false]);
  const wrong = await client.call("thread/settings/update", { threadId, cwd: "/does/not/exist" });
  expect(wrong.error?.data?.code).toBe("directory_unusable");
  expect((await client.turn(threadId, "still here")).turn.status).toBe("completed");
});
