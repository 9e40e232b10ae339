import { expect, test } from "vitest";
import { proposal, turnOf } from "./item-samples.ts";
import { openedThread, openWindow, THREAD_ID, type TuiWindow, type WindowOptions } from "./tui-window.ts";

const GOAL = {
  threadId: THREAD_ID,
  objective: "Make everything right",
  status: "active",
  tokenBudget: 50_000,
  tokensUsed: 1200,
  timeUsedSeconds: 65,
  createdAt: 1,
  updatedAt: 2,
};
const turn = { turn: { id: "1", items: [], status: "inProgress" } };

/** Writes a line and gives what the screen shows then. */
async function enter(window: TuiWindow, text: string): Promise<string> {
  window.type(text);
  await window.settled();
  window.type("\r");
  await window.settled();
  return screen(window);
}

function screen(window: TuiWindow): string {
  return window.emulator.screen().join("\n");
}

/** Requests by the methods that change something. */
function sent(window: TuiWindow, ...methods: string[]): unknown[] {
  return window.requests.flatMap(({ method, params }) =>
    methods.includes(method) ? [[method, params]] : [],
  );
}

function mode(window: TuiWindow, kind: string, sandbox = "readOnly"): void {
  window.notify("thread/settings/updated", {
    threadSettings: {
      cwd: "/repo",
      model: "gpt-test",
      modelProvider: "test",
      effort: null,
      approvalPolicy: "on-request",
      sandboxPolicy: { type: sandbox },
      collaborationMode: { mode: kind },
    },
  });
}

async function planned(answers: WindowOptions["answers"] = {}): Promise<TuiWindow> {
  const window = await openWindow({ rows: 40, answers });
  await enter(window, "/plan");
  mode(window, "plan");
  window.notify("turn/started", { turn: turnOf({ status: "inProgress" }) });
  window.notify("item/completed", { turnId: "1", item: proposal("1. one"), completedAtMs: 1 });
  window.notify("turn/completed", { turn: turnOf() });
  await window.pass(1000);
  expect(screen(window)).toContain("Build this plan?");
  return window;
}

test("/plan changes the mode, and with words begins at once", async () => {
  await using window = await openWindow();
  await enter(window, "/plan off");
  expect(screen(window)).toContain("This thread is not in plan mode.");
  await enter(window, "/plan make it fast");
  const update = { threadId: THREAD_ID, collaborationMode: { mode: "plan" } };
  const input = [{ type: "text", text: "make it fast" }];
  expect(sent(window, "thread/settings/update", "turn/start")).toEqual([
    ["thread/settings/update", update],
    ["turn/start", { threadId: THREAD_ID, input }],
  ]);
});

test("a plan that was put away is asked about again, and approved with what was changed meanwhile", async () => {
  let approved = true;
  await using window = await planned({
    "model/list": () => ({ data: [] }),
    "thread/plan/read": () => ({ plan: { itemId: "l", text: "1. one", approved } }),
    "thread/plan/approve": () => turn,
  });
  window.type("\x1b");
  await window.pass(1000);
  expect(await enter(window, "/plan")).toContain("There is no plan to approve yet.");
  approved = false;
  await enter(window, "/model other");
  expect(await enter(window, "/plan")).toContain("Build this plan?");
  window.type("b");
  await window.settled();
  const threadId = THREAD_ID;
  expect(sent(window, "thread/settings/update", "thread/plan/approve")).toEqual([
    ["thread/settings/update", { threadId, collaborationMode: { mode: "plan" } }],
    ["thread/settings/update", { threadId, model: "other" }],
    ["thread/plan/approve", { threadId, itemId: "l" }],
  ]);
});

test("build begins the turn, leave ends the mode, words go on with it", async () => {
  const approve = { "thread/plan/approve": () => turn };
  await using building = await planned(approve);
  building.type("b");
  await building.settled();
  expect(sent(building, "thread/plan/approve")).toEqual([
    ["thread/plan/approve", { threadId: THREAD_ID, itemId: "l" }],
  ]);

  await using leaving = await planned();
  leaving.type("l");
  await leaving.settled();
  mode(leaving, "default", "workspaceWrite");
  await leaving.settled();
  expect(sent(leaving, "thread/settings/update").at(-1)).toEqual([
    "thread/settings/update",
    { threadId: THREAD_ID, collaborationMode: { mode: "default" } },
  ]);
  expect(screen(leaving)).toMatch(/^gpt-test · auto/m);

  await using revising = await planned();
  revising.type("c");
  await revising.settled();
  await enter(revising, "smaller");
  expect(sent(revising, "turn/start").at(-1)).toEqual([
    "turn/start",
    { threadId: THREAD_ID, input: [{ type: "text", text: "smaller" }] },
  ]);
});

test("an offer goes away when somebody else begins a turn, and none is made while a message waits", async () => {
  await using window = await planned();
  window.notify("turn/started", { turn: turnOf({ id: "2", status: "inProgress" }) });
  await window.settled();
  expect(screen(window)).not.toContain("Build this plan?");
  await enter(window, "");
  window.type("then this\t");
  await window.settled();
  window.notify("item/completed", { turnId: "2", item: proposal("1. two"), completedAtMs: 1 });
  window.notify("turn/completed", { turn: turnOf({ id: "2" }) });
  await window.pass(1000);
  expect(screen(window)).not.toContain("Build this plan?");
});

test("a thread that is opened again has its mode and its goal", async () => {
  await using window = await openWindow({
    columns: 100,
    how: { kind: "resume", threadId: THREAD_ID },
    answers: {
      "thread/resume": () => ({ ...openedThread(), collaborationMode: { mode: "plan" } }),
      "thread/goal/get": () => ({ goal: GOAL }),
    },
  });
  expect(screen(window)).toMatch(/^gpt-test · plan mode · read-only .* goal active 1\.2k of 50\.0k$/m);
});

test("/goal says how it stands, sets one with what was changed before, and changes it", async () => {
  let goal: typeof GOAL | null = null;
  await using window = await openWindow({
    rows: 40,
    answers: { "thread/goal/get": () => ({ goal }), "model/list": () => ({ data: [] }) },
  });
  expect(await enter(window, "/goal")).toContain("This thread has no goal.");
  await enter(window, "/goal pause");
  await enter(window, `/goal ${"x".repeat(4001)}`);
  expect(screen(window)).toContain("A goal has at most 4000 characters; these are 4001.");
  expect(sent(window, "thread/goal/set")).toEqual([]);
  await enter(window, "/model other");
  await enter(window, "/goal Make everything right");
  goal = GOAL;
  expect(await enter(window, "/goal")).toMatch(
    /goal active · 1\.2k of 50\.0k tokens, 1 min 05 s\nMake everything/,
  );
  await enter(window, "/goal pause");
  await enter(window, "/goal resume");
  await enter(window, "/goal clear");
  const threadId = THREAD_ID;
  expect(sent(window, "thread/settings/update", "thread/goal/set", "thread/goal/clear")).toEqual([
    ["thread/settings/update", { threadId, model: "other" }],
    ["thread/goal/set", { threadId, objective: "Make everything right" }],
    ["thread/goal/set", { threadId, status: "paused" }],
    ["thread/goal/set", { threadId, status: "active" }],
    ["thread/goal/clear", { threadId }],
  ]);
});

test("/memories says whether they are on, lists them, switches them and forgets one", async () => {
  const memory = {
    id: "global/tabs",
    scope: "global",
    project: null,
    text: "Use tabs.\x07",
    provenance: "agent",
    threadId: "t",
    createdAt: 1,
    path: "/home/user/memories/global/tabs.md",
  };
  await using window = await openWindow({
    rows: 60,
    answers: {
      "memory/status": () => ({
        useMemories: true,
        generateMemories: false,
        folder: "/home/user/memories",
        entries: 1,
        bytes: 9,
      }),
      "memory/list": () => ({ data: [memory] }),
      "memory/forget": ({ id }) => ({ forgotten: id === memory.id }),
      "config/batchWrite": () => ({ filePath: "/home/user/config.toml", overriddenMetadata: null }),
    },
  });
  expect(await enter(window, "/memories")).toMatch(
    /shown to new threads {2}on\nmade of threads {7}off\n1 here, in \/home\/user\/memories/,
  );
  expect(await enter(window, "/memories list")).toContain(
    "global/tabs (by the agent, not confirmed)\n  Use tabs.␇",
  );
  expect(await enter(window, "/memories on")).toContain("Memories are on from the next thread on.");
  expect(await enter(window, "/memories forget nothing")).toContain('There is no memory "nothing".');
  expect(await enter(window, "/memories forget global/tabs.md")).toContain("Forgotten: global/tabs");
  expect(await enter(window, "/memories forget")).toContain("Forget which memory?");
  window.type("\r");
  await window.settled();
  expect(await enter(window, "/memories sideways")).toContain("Say /memories, /memories list");
  const value = (key: string) => ({ keyPath: `memories.${key}`, value: true, mergeStrategy: "replace" });
  expect(sent(window, "config/batchWrite", "memory/forget")).toEqual([
    ["config/batchWrite", { edits: [value("use_memories"), value("generate_memories")] }],
    ["memory/forget", { id: "nothing" }],
    ["memory/forget", { id: "global/tabs" }],
    ["memory/forget", { id: "global/tabs" }],
  ]);
});
