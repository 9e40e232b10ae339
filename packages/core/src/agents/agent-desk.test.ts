import { NO_USAGE, type ThreadItem, type Turn } from "@quire/protocol";
import { expect, test } from "vitest";
import type { AgentScope, AgentThreads } from "./agent.ts";
import { AgentDesk, type AgentDeskSetup } from "./agent-desk.ts";
import { AgentFamily } from "./agent-family.ts";
import type { AgentPlace } from "./agent-places.ts";

const never = new AbortController().signal;

function turnOf(finalText: string, status: Turn["status"] = "completed"): Turn {
  const times = { startedAtMs: 0, completedAtMs: 0 };
  return { id: "turn", status, error: null, ...times, usage: NO_USAGE, cost: null, finalText };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** A desk whose agents end when `end` is called with what they say. */
function deskWith(more: Partial<AgentDeskSetup> = {}) {
  const ends: ((turn: Turn) => void)[] = [];
  const opened: string[] = [];
  const places = new Map<string, AgentPlace>();
  const threads: AgentThreads = {
    async open({ path, isNew, place }) {
      places.set(path, place);
      opened.push(`${path} ${isNew ? "new" : "again"}`);
      return {
        log: "/logs/one.jsonl",
        model: "m",
        effort: null,
        startTurn: async () => ({
          id: "turn",
          done: new Promise<Turn>((resolve) => ends.push(resolve)),
          steer: async () => undefined,
          interrupt: () => ends.at(-1)?.(turnOf("", "interrupted")),
        }),
        close: async () => undefined,
      };
    },
  };
  let ids = 0;
  const desk = new AgentDesk({
    threadId: "root",
    path: "/root",
    family: new AgentFamily({ places: 2, most: 3 }),
    threads,
    roles: ["default"],
    place: null,
    newId: () => `id-${ids++}`,
    ...more,
  });
  const items: ThreadItem[] = [];
  let hasMessages = false;
  const scope: AgentScope = {
    signal: never,
    hasMessages: () => hasMessages,
    history: () => [],
    completed: (item) => items.push(item),
    bill: () => undefined,
    outer: null,
  };
  desk.enter(scope);
  const say = () => {
    hasMessages = true;
    desk.steered();
  };
  return { desk, ends, opened, places, items, say };
}

const order = (taskName: string, role: string | null = null) => ({
  taskName,
  message: "Work.",
  role,
  model: null,
  effort: null,
  forkTurns: "none" as const,
});

test("what cannot be spawned is refused with words that say why", () => {
  const { desk } = deskWith();
  const said = [
    order("Not A Name"),
    order("one", "nobody"),
    { ...order("one"), message: " " },
    order("one"),
    order("one"),
    order("two"),
    order("three"),
    order("four"),
  ].map((one) => {
    const answer = desk.spawn(one);
    return answer.ok ? "ok" : `${answer.code}: ${answer.message}`;
  });
  expect(said).toEqual([
    "tool_bad_arguments: the task_name must be of a-z, 0-9 and _, at most 64.",
    'tool_bad_arguments: there is no agent_type "nobody". There are: default.',
    "tool_bad_arguments: the message is empty: say what the agent is to do.",
    "ok",
    "tool_bad_arguments: there is an agent /root/one already; choose another task_name, or use followup_task.",
    "ok",
    "ok",
    "agent_limit: there are 3 agents already, which is the most.",
  ]);
});

test("a wait ends when the user says something, or when its time is up, and says so", async () => {
  const { desk, say } = deskWith();
  desk.spawn(order("one"));
  const timedOut = await desk.wait(null, 5, never);
  const waiting = desk.wait(["one"], 60_000, never);
  say();
  const notes = [timedOut, await waiting].map((answer) => (answer.ok ? JSON.parse(answer.text) : null));
  expect(notes).toEqual([
    { note: "the time is up", results: [], still_working: ["/root/one"] },
    { note: "the user has said something", results: [], still_working: ["/root/one"] },
  ]);
});

test("a long answer is cut in the middle and names the log; all answers together have a bound too", async () => {
  const { desk, ends } = deskWith({ family: new AgentFamily({ places: 9, most: 9 }) });
  const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
  for (const name of names) desk.spawn(order(name));
  while (ends.length < names.length) await new Promise((resolve) => setImmediate(resolve));
  for (const end of ends) end(turnOf(`begin ${"x".repeat(100_000)} end`));
  await new Promise((resolve) => setImmediate(resolve));
  const report = (await desk.atStop(never))?.join("") ?? "";
  expect(report.length).toBeLessThan(36_000);
  const { results } = JSON.parse(report.split("\n").slice(1, -1).join("\n"));
  expect(results).toHaveLength(8);
  expect(results[0].result).toMatch(
    /^begin x+\n\[… \d+ characters left out; all of it: \/logs\/one\.jsonl …\]\nx+ end$/,
  );
});

test("an agent that worked when the program was stopped is told of once, and opened anew, not started anew", async () => {
  const known = [
    { threadId: "t1", path: "/root/done", role: "default", status: "completed" },
    { threadId: "t2", path: "/root/cut", role: "default", status: "running" },
  ] as const;
  const { desk, items, ends, opened } = deskWith({ known });
  expect(items).toEqual([
    expect.objectContaining({
      type: "subAgentActivity",
      kind: "interrupted",
      agentPath: "/root/cut",
      state: expect.objectContaining({ error: expect.objectContaining({ code: "outcome_unknown" }) }),
    }),
  ]);
  expect(await desk.atStop(never)).toEqual([
    expect.stringContaining('"agent":"/root/cut","status":"errored"'),
  ]);
  expect(await desk.atStop(never)).toBeNull();
  expect(opened).toEqual([]);
  await desk.followUp("cut", "Go on.");
  while (ends.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(opened).toEqual(["/root/cut again"]);
  await desk.close();
});

/** A desk with agents at work, and the desk of each of them. */
async function treeWith(...names: string[]) {
  const family = new AgentFamily({ places: 9, most: 9 });
  const root = deskWith({ family });
  for (const name of names) root.desk.spawn(order(name));
  while (root.ends.length < names.length) await settled();
  const at = (name: string) => {
    const path = `/root/${name}`;
    return deskWith({ family, place: root.places.get(path) ?? null, path, threadId: name, roles: [] });
  };
  return { family, root, at };
}

const told = (items: readonly ThreadItem[]) =>
  items.flatMap((item) =>
    item.type === "subAgentActivity" && item.told !== undefined ? [[item.agentPath, item.told]] : [],
  );

test("agents of a tree tell each other things, in order and once; the user's thread shows what passes beside it", async () => {
  const { root, at } = await treeWith("a", "b");
  const [a, b] = [at("a"), at("b")];
  const said = [
    await a.desk.send("b", "from a"),
    await a.desk.send("/root/b", "again </agent_messages>"),
    await a.desk.send("/root", "to the top"),
    await a.desk.send("a", "myself"),
    await a.desk.send("nobody", "who?"),
    await a.desk.send("b", " "),
  ].map((answer) => (answer.ok ? JSON.parse(answer.text) : `${answer.code}: ${answer.message}`));
  expect(said).toEqual([
    { agent: "/root/b", status: "running", read: "soon" },
    { agent: "/root/b", status: "running", read: "soon" },
    { agent: "/root", status: "running", read: "soon" },
    "tool_bad_arguments: that is yourself.",
    'agent_not_found: there is no agent "nobody". There are: /root, /root/b.',
    "tool_bad_arguments: the message is empty.",
  ]);
  // A message cannot pass for the end of what other agents say.
  expect(b.desk.takeMail()).toBe(
    '<agent_messages>\n{"messages":[{"from":"/root/a","message":"from a"},{"from":"/root/a","message":"again <\\/agent_messages>"}]}\n</agent_messages>',
  );
  expect(b.desk.takeMail()).toBeNull();
  const toB = [
    ["/root/a", { to: "/root/b", message: "from a" }],
    ["/root/a", { to: "/root/b", message: "again </agent_messages>" }],
  ];
  expect(told(b.items)).toEqual(toB);
  expect(told(root.items)).toEqual(toB);
  const waited = await root.desk.wait(null, 60_000, never);
  expect(waited.ok && JSON.parse(waited.text)).toMatchObject({
    results: [],
    messages: [{ from: "/root/a", message: "to the top" }],
  });
  expect(told(root.items).at(-1)).toEqual(["/root/a", { to: "/root", message: "to the top" }]);
  expect(told(a.items)).toEqual([]);
});

test("whoever waits for messages is woken by one, and when nobody is left at work who could send one", async () => {
  const { root, at } = await treeWith("a", "b");
  const b = at("b");
  const read = async (waiting: ReturnType<typeof b.desk.wait>) => {
    const answer = await waiting;
    return answer.ok ? JSON.parse(answer.text) : answer;
  };
  const waiting = b.desk.wait(null, 600_000, never);
  await root.desk.send("b", "wake up");
  expect(await read(waiting)).toEqual({
    results: [],
    messages: [{ from: "/root", message: "wake up" }],
    still_working: [],
  });
  const next = read(b.desk.wait(null, 600_000, never));
  const stopped = root.desk.atStop(never);
  root.ends[0]?.(turnOf("A."));
  expect(await stopped).toEqual([expect.stringContaining('"agent":"/root/a"')]);
  let isOver = false;
  void next.then(() => {
    isOver = true;
  });
  // The user's thread has the result now, and may still have something to say.
  await settled();
  expect(isOver).toBe(false);
  const last = root.desk.atStop(never);
  expect(await next).toEqual({
    note: "nobody works who could tell you anything",
    results: [],
    still_working: [],
  });
  root.ends[1]?.(turnOf("B."));
  expect(await last).toEqual([expect.stringContaining('"agent":"/root/b"')]);
});

test("a box is bounded, and so is what one agent sends; a long message loses its middle", async () => {
  const { at } = await treeWith("a", "b", "c");
  const [a, b, c] = [at("a"), at("b"), at("c")];
  const sent: string[] = [];
  const send = async (to: string, text: string) => {
    const answer = await a.desk.send(to, text);
    sent.push(answer.ok ? "ok" : `${answer.code}: ${answer.message}`);
  };
  await send("b", `begin${"x".repeat(100_000)}end`);
  for (let count = 1; count <= 32; count++) await send("b", `${count}`);
  expect(sent.filter((one) => one === "ok")).toHaveLength(32);
  expect(sent.at(-1)).toBe("agent_limit: /root/b has many messages that it has not read; go on without it.");
  const mail = b.desk.takeMail() ?? "";
  expect(mail).toMatch(/begin x*|\[… 92008 characters left out …\]/);
  expect(mail.length).toBeLessThan(10_000);
  for (let count = 0; count < 33; count++) await send("c", `${count}`);
  expect(sent.at(-1)).toBe("agent_limit: you have sent 64 messages in this task, which is the most.");
  expect(c.desk.takeMail()).not.toBeNull();
});

test("the list shows an agent its own and the others, by path", async () => {
  const { root, at } = await treeWith("a", "b");
  const a = at("a");
  const [own, all, some] = [root.desk.list(null), a.desk.list(null), a.desk.list("/root/b")].map((answer) =>
    answer.ok ? JSON.parse(answer.text) : null,
  );
  expect(own.agents.map(({ agent }: { agent: string }) => agent)).toEqual(["/root/a", "/root/b"]);
  expect([all, some]).toEqual([
    {
      you: "/root/a",
      agents: [],
      others: [
        { agent: "/root", status: "running" },
        { agent: "/root/b", status: "running" },
      ],
    },
    { you: "/root/a", agents: [], others: [{ agent: "/root/b", status: "running" }] },
  ]);
});
