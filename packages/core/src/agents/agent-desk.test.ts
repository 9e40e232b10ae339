import { NO_USAGE, type ThreadItem, type Turn } from "@quire/protocol";
import { expect, test } from "vitest";
import type { AgentScope, AgentThreads } from "./agent.ts";
import { AgentDesk, type AgentDeskSetup } from "./agent-desk.ts";
import { AgentFamily } from "./agent-family.ts";

const never = new AbortController().signal;

function turnOf(finalText: string, status: Turn["status"] = "completed"): Turn {
  const times = { startedAtMs: 0, completedAtMs: 0 };
  return { id: "turn", status, error: null, ...times, usage: NO_USAGE, cost: null, finalText };
}

/** A desk whose agents end when `end` is called with what they say. */
function deskWith(more: Partial<AgentDeskSetup> = {}) {
  const ends: ((turn: Turn) => void)[] = [];
  const opened: string[] = [];
  const threads: AgentThreads = {
    async open({ path, isNew }) {
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
    completed: (item) => items.push(item),
    bill: () => undefined,
    outer: null,
  };
  desk.enter(scope);
  const say = () => {
    hasMessages = true;
    desk.steered();
  };
  return { desk, ends, opened, items, say };
}

const order = (taskName: string, role: string | null = null) => ({
  taskName,
  message: "Work.",
  role,
  model: null,
  effort: null,
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
  const report = (await desk.atStop(never)) ?? "";
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
  expect(await desk.atStop(never)).toContain('"agent":"/root/cut","status":"errored"');
  expect(await desk.atStop(never)).toBeNull();
  expect(opened).toEqual([]);
  await desk.followUp("cut", "Go on.");
  while (ends.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(opened).toEqual(["/root/cut again"]);
  await desk.close();
});
