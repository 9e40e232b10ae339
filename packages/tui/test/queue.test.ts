import { expect, test } from "vitest";
import { answer, turnOf } from "./item-samples.ts";
import { playedQueue } from "./played-queue.ts";
import { openedThread, openWindow, THREAD_ID, type TuiWindow } from "./tui-window.ts";

const ALT_UP = "\x1b[1;3A";

const screen = (window: TuiWindow) => window.emulator.screen().join("\n");

const sent = (window: TuiWindow, ...methods: string[]) =>
  window.requests.filter(({ method }) => methods.includes(method));

async function press(window: TuiWindow, bytes: string): Promise<string> {
  window.type(bytes);
  await window.settled();
  return screen(window);
}

async function working(queue = playedQueue()): Promise<TuiWindow> {
  const answers = { ...queue.answers, "model/list": () => ({ data: [] }) };
  const window = await openWindow({ answers, rows: 30 });
  window.notify("turn/started", { turn: turnOf({ id: "1", status: "inProgress" }) });
  await window.settled();
  return window;
}

async function ends(window: TuiWindow, id = "1", status: "completed" | "interrupted" = "completed") {
  window.notify("turn/completed", { turn: turnOf({ id, status }) });
  await window.settled();
}

test("what is queued lies at the server, with what other clients queue, and the server begins it", async () => {
  const queue = playedQueue();
  await using window = await working(queue);
  expect(await press(window, "mine\t")).toContain("next: mine");
  queue.add("another's\x1b[2J");
  window.notify("thread/queue/changed", {});
  await window.settled();
  expect(screen(window)).toMatch(/next: mine\n.*next: another's/);
  queue.shift();
  await ends(window);
  window.notify("turn/started", { turn: turnOf({ id: "2", status: "inProgress" }) });
  window.notify("thread/queue/changed", {});
  await window.settled();
  expect(screen(window)).not.toContain("next: mine");
  expect(sent(window, "turn/start", "turn/steer", "thread/queue/add").map(({ params }) => params)).toEqual([
    {
      threadId: THREAD_ID,
      input: [{ type: "text", text: "mine" }],
      clientUserMessageId: expect.stringMatching(/^queued-\d+-1$/),
    },
  ]);
});

test("a queued message comes back with its picture; one that has begun by then does not", async () => {
  const queue = playedQueue();
  await using window = await working(queue);
  await press(window, "look at \x1b[200~/tmp/a.png\x1b[201~\t");
  expect(await press(window, ALT_UP)).toContain("› look at [Image #1: a.png]");
  await press(window, "\t");
  expect(sent(window, "thread/queue/add").map(({ params }) => params.input)).toEqual(
    Array.from({ length: 2 }, () => [
      { type: "text", text: expect.stringContaining("look at [Image #1: a.png]") },
      { type: "localImage", path: "/tmp/a.png" },
    ]),
  );
  queue.shift();
  expect(await press(window, ALT_UP)).not.toContain("› look at");
});

test("a command waits in the window, what is queued behind it too, and both go when the server has nothing left", async () => {
  const queue = playedQueue();
  await using window = await working(queue);
  await press(window, "one\t");
  await press(window, "!make\t");
  await press(window, "two\t");
  expect(screen(window)).toMatch(/next: one\n.*next: !make\n.*next: two/);
  expect(sent(window, "thread/queue/add")).toHaveLength(1);
  queue.shift();
  await ends(window);
  expect(sent(window, "thread/shellCommand")).toEqual([]);
  window.notify("turn/started", { turn: turnOf({ id: "2", status: "inProgress" }) });
  window.notify("thread/queue/changed", {});
  await window.settled();
  await ends(window, "2");
  expect(sent(window, "thread/shellCommand").map(({ params }) => params.command)).toEqual(["make"]);
  window.notify("turn/started", { turn: turnOf({ id: "3", status: "inProgress" }) });
  await window.settled();
  await ends(window, "3");
  expect(sent(window, "turn/start").map(({ params }) => params.input)).toEqual([
    [{ type: "text", text: "two" }],
  ]);
});

test("a model that was chosen before holds for what is queued, and one chosen behind it too", async () => {
  await using window = await working();
  await press(window, "/model first\r");
  await press(window, "one\t");
  await press(window, "/model second\r");
  expect(
    sent(window, "thread/settings/update", "thread/queue/add").map(({ params }) => params),
  ).toMatchObject([{ model: "first" }, { input: [{ text: "one" }] }, { model: "second" }]);
});

test("after an interrupt what is queued waits, and begins when it is told to", async () => {
  await using window = await working();
  await press(window, "later\t");
  await ends(window, "1", "interrupted");
  expect(screen(window)).toContain("waits: later");
  await press(window, "/queue\r");
  await window.pass(1000);
  await press(window, "1");
  await window.pass(1000);
  await press(window, "b");
  expect(sent(window, "thread/queue/start").map(({ params }) => params)).toEqual([
    { threadId: THREAD_ID, queuedSubmissionId: "m1" },
  ]);
});

test("a message that the server does not take comes back", async () => {
  await using window = await openWindow({
    answers: {
      "thread/queue/add": () => {
        throw new Error("no room");
      },
    },
  });
  window.notify("turn/started", { turn: turnOf({ id: "1", status: "inProgress" }) });
  await window.settled();
  const shown = await press(window, "kept\t");
  expect(shown).toContain("no room");
  expect(shown).toContain("› kept");
  expect(shown).not.toContain("next: kept");
});

test("a thread in which a turn runs already is shown once, with what waits, and what is written joins the turn", async () => {
  const queue = playedQueue();
  queue.add("from yesterday");
  const said = { ...answer("Said before."), id: "a1" };
  const running = turnOf({ id: "7", status: "inProgress", items: [said] });
  await using window = await openWindow({
    how: { kind: "resume", threadId: THREAD_ID },
    answers: {
      ...queue.answers,
      "thread/resume": () => openedThread(),
      "thread/goal/get": async () => {
        // Told before the history is read, which holds it as well.
        window?.notify("turn/started", { turn: turnOf({ id: "7", status: "inProgress" }) });
        return { goal: null };
      },
      "thread/turns/list": () => ({ data: [running], nextCursor: null, backwardsCursor: null }),
    },
  });
  window.notify("item/completed", { turnId: "7", item: said, completedAtMs: 1 });
  window.notify("item/completed", {
    turnId: "7",
    item: { ...answer("Said now."), id: "a2" },
    completedAtMs: 2,
  });
  await window.settled();
  const shown = screen(window);
  expect(shown.match(/Said before\./g)).toHaveLength(1);
  expect(shown.match(/Said now\./g)).toHaveLength(1);
  expect(shown).toContain("next: from yesterday");
  await press(window, "and this\r");
  expect(sent(window, "turn/steer", "turn/start").map(({ params }) => params)).toEqual([
    {
      threadId: THREAD_ID,
      input: [{ type: "text", text: "and this" }],
      clientUserMessageId: expect.any(String),
      expectedTurnId: "7",
    },
  ]);
});
