import { expect, test } from "vitest";
import { emptyThread, type ThreadState } from "../state/thread-state.ts";
import { plainText } from "../text/styled-line.ts";
import { type StatusFacts, statusLine } from "./status-line.ts";
import { windowTitle } from "./window-title.ts";

const COUNTS = { input: 900, cached: 0, output: 100, reasoning: 0, total: 1000 };
const STATE: ThreadState = {
  ...emptyThread("t"),
  name: "tidy\x07up",
  usage: {
    total: COUNTS,
    last: COUNTS,
    window: 10_000,
    cost: { kind: "known", usd: 0.5, priced_as_of: "2026-01-01" },
  },
};
const FACTS: StatusFacts = {
  settings: {
    model: "m-1",
    modelProvider: "p",
    effort: "high",
    cwd: "/home/me/repo",
    sandbox: { type: "workspaceWrite" },
    approvalPolicy: "on-request",
  },
  state: STATE,
  branch: "main",
  homeDir: "/home/me",
  hint: null,
};

test("everything, in its usual order", () => {
  expect(plainText(statusLine(FACTS, 80))).toBe(
    "m-1 high · auto · ~/repo (main)         90% context left · 1.0k tokens · $0.5000",
  );
});

test("what is chosen, in the order in which it is named", () => {
  const shown = (fields: NonNullable<StatusFacts["fields"]>) =>
    plainText(statusLine({ ...FACTS, fields }, 40)).trim();
  expect(shown(["branch", "folder", "model"])).toBe("main · ~/repo · m-1");
  expect(shown(["effort"])).toBe("effort high");
  expect(shown([])).toBe("");
});

test("commands in the background are counted", () => {
  const item = {
    type: "commandExecution",
    id: "c",
    command: "npm start",
    cwd: "/",
    processId: "7",
    source: "agent",
    status: "inProgress",
    commandActions: [],
    aggregatedOutput: null,
    exitCode: null,
    durationMs: null,
  } as const;
  const live = [{ item, startedAtMs: 0, streamed: "", shown: 0, fence: null }];
  // Only what the line looks at matters here.
  const state = { ...STATE, live: live as unknown as ThreadState["live"] };
  expect(plainText(statusLine({ ...FACTS, state, fields: ["background"] }, 40)).trim()).toBe(
    "1 in the background",
  );
});

test("a hint takes the place of the figures, and of everything where there is no room", () => {
  expect(plainText(statusLine({ ...FACTS, hint: "again leaves" }, 60))).toMatch(/^m-1 high.* again leaves$/);
  expect(plainText(statusLine({ ...FACTS, hint: "again leaves" }, 20))).toBe("again leaves");
});

test("threads elsewhere are told by where they stand, before figures, and on a line of any width", () => {
  const others = ["works", "asks", "works", "ended"] as const;
  const line = (columns: number) => plainText(statusLine({ ...FACTS, others }, columns));
  expect(line(100)).toBe(
    "m-1 high · auto · ~/repo (main)   elsewhere 1 asking, 1 done, 2 working · 90% context left · $0.5000",
  );
  expect(line(60)).toBe("m-1 high · auto · ~/…  elsewhere 1 asking, 1 done, 2 working");
  expect(line(45)).toBe("elsewhere 1 asking, 1 done, 2 working");
});

test("plan mode is named, with the rights that hold in it", () => {
  const state = { ...STATE, mode: "plan" } as const;
  expect(plainText(statusLine({ ...FACTS, state }, 80))).toMatch(
    /^m-1 high · plan mode · read-only · ~\/repo/,
  );
});

test("a goal says where it stands, with the tokens that it has used and may use", () => {
  const goal = {
    threadId: "t",
    objective: "o",
    status: "active",
    tokenBudget: 50_000,
    tokensUsed: 1200,
    timeUsedSeconds: 3,
    createdAt: 1,
    updatedAt: 2,
  } as const;
  const of = (more: Partial<NonNullable<ThreadState["goal"]>>) =>
    statusLine({ ...FACTS, state: { ...STATE, goal: { ...goal, ...more } }, fields: ["goal"] }, 60).spans.at(
      -1,
    );
  expect(of({})).toEqual({ text: "goal active 1.2k of 50.0k", ink: "accent" });
  expect(of({ tokenBudget: null, status: "paused" })).toEqual({ text: "goal paused 1.2k", ink: "muted" });
  expect(of({ status: "budgetLimited" })).toEqual({ text: "goal out of tokens 1.2k of 50.0k", ink: "warn" });
});

test("of several budgets the one that is nearest to its end is shown, and set off when that is near", () => {
  const of = (budgets: ThreadState["budgets"]) =>
    statusLine({ ...FACTS, state: { ...STATE, budgets }, fields: ["budget"] }, 60).spans.at(-1);
  const day = { scope: "day", unit: "usd", limit: 10, spent: 2, reserved: 0.5 } as const;
  const turn = { scope: "turn", unit: "tokens", limit: 20_000, spent: 12_000, reserved: 5000 } as const;
  expect(of([])).toBeUndefined();
  expect(of([day])).toMatchObject({ text: "$2.00 of $10.00 today", ink: "muted" });
  expect(of([day, turn])).toMatchObject({ text: "12.0k tokens of 20.0k tokens this turn", ink: "warn" });
  expect(of([{ ...day, spent: null }])).toMatchObject({ text: "? of $10.00 today", ink: "warn" });
});

test("the title says what is asked for, and nothing in it reaches the terminal raw", () => {
  const running = { ...STATE, turn: { id: "1", startedAtMs: 0 } };
  expect(windowTitle(["status", "app", "thread"], { ...FACTS, state: running })).toBe("● quire tidy␇up");
  expect(windowTitle(["folder", "branch"], FACTS)).toBe("~/repo main");
  expect(windowTitle([], FACTS)).toBeNull();
});
