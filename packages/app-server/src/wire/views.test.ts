import { NO_USAGE, type ThreadEvent, type ThreadItem } from "@quire/protocol";
import { SERVER_NOTIFICATIONS, WireItemSchema } from "@quire/protocol/app-server";
import { expect, test } from "vitest";
import { commandActions } from "./command-actions.ts";
import { EventView } from "./event-view.ts";
import { itemView } from "./item-view.ts";
import { joinWords } from "./shell-words.ts";

const error = { code: "outcome_unknown", message: "m", retryable: false } as const;
const ITEMS: ThreadItem[] = [
  {
    type: "userMessage",
    id: "1",
    content: [
      { type: "text", text: "hi" },
      { type: "localImage", path: "/a.png" },
    ],
  },
  { type: "agentMessage", id: "2", text: "hello" },
  { type: "reasoning", id: "3", summary: ["s"], content: [] },
  {
    type: "todoList",
    id: "4",
    explanation: null,
    steps: [
      { step: "look", status: "completed" },
      { step: "do", status: "inProgress" },
    ],
  },
  {
    type: "commandExecution",
    id: "5",
    command: "ls",
    argv: ["/bin/bash", "-c", "ls"],
    cwd: "/w",
    processId: null,
    source: "agent",
    status: "unknown",
    aggregatedOutput: null,
    outputBytes: 0,
    exitCode: null,
    durationMs: null,
    error,
  },
  { type: "fileChange", id: "6", changes: [], status: "declined", error: null },
  { type: "toolCall", id: "7", tool: "x", arguments: "{broken", status: "failed", output: "no", error },
  { type: "webSearch", id: "8", query: "q", action: null },
  { type: "imageView", id: "9", path: "/a.png", status: "completed", error: null },
  {
    type: "approval",
    id: "10",
    itemId: "5",
    subject: "ls",
    reason: "r",
    decidedBy: "d",
    decision: "accept",
    savedPrefix: null,
  },
  { type: "warning", id: "11", code: "c", message: "m" },
  { type: "ruleCheck", id: "12", outcome: "passed", handedBack: false, checks: [] },
];

test("every kind of item has a view that the schema knows", () => {
  for (const item of ITEMS) expect(WireItemSchema.parse(itemView(item)).id).toBe(item.id);
  expect(itemView(ITEMS[3] as ThreadItem)).toMatchObject({ type: "plan", text: "- [x] look\n- [>] do" });
  expect(itemView(ITEMS[4] as ThreadItem)).toMatchObject({
    status: "failed",
    error: { code: "outcome_unknown" },
  });
  expect(itemView(ITEMS[6] as ThreadItem)).toMatchObject({
    type: "dynamicToolCall",
    arguments: "{broken",
    success: false,
  });
});

test("every item starts before it completes, once; warnings come as notifications too", () => {
  const view = new EventView(() => 5);
  const at = { threadId: "t", turnId: "u" };
  const turn = {
    id: "u",
    status: "inProgress" as const,
    error: null,
    startedAtMs: 1000,
    completedAtMs: null,
    usage: NO_USAGE,
    cost: null,
    finalText: null,
  };
  const [, message, , , command, , , , , , warning] = ITEMS as [ThreadItem, ...ThreadItem[]];
  const events: ThreadEvent[] = [
    { method: "turn/started", params: { threadId: "t", turn } },
    { method: "item/started", params: { ...at, item: command as ThreadItem } },
    { method: "item/started", params: { ...at, item: command as ThreadItem } },
    { method: "item/completed", params: { ...at, item: command as ThreadItem } },
    {
      method: "item/reasoning/summaryTextDelta",
      params: { ...at, itemId: "3", delta: "a", summaryIndex: 0 },
    },
    {
      method: "item/reasoning/summaryTextDelta",
      params: { ...at, itemId: "3", delta: "b", summaryIndex: 0 },
    },
    { method: "item/completed", params: { ...at, item: message as ThreadItem } },
    { method: "item/completed", params: { ...at, item: warning as ThreadItem } },
    {
      method: "turn/completed",
      params: {
        threadId: "t",
        turn: { ...turn, status: "failed", error: { ...error, code: "model_stalled" }, completedAtMs: 2500 },
      },
    },
  ];
  const shown = events.flatMap((event) => view.notificationsFor(event));
  for (const { method, params } of shown) SERVER_NOTIFICATIONS[method].parse(params);
  expect(shown.map(({ method }) => method)).toEqual([
    "thread/status/changed",
    "turn/started",
    "item/started",
    "item/completed",
    "item/reasoning/summaryPartAdded",
    "item/reasoning/summaryTextDelta",
    "item/reasoning/summaryTextDelta",
    "item/started",
    "item/completed",
    "item/started",
    "item/completed",
    "warning",
    "error",
    "thread/status/changed",
    "turn/completed",
  ]);
  expect(shown.at(-1)?.params).toMatchObject({
    turn: {
      durationMs: 1500,
      itemsView: "summary",
      items: [{ type: "agentMessage", startedAtMs: 5 }],
      error: { codexErrorInfo: { responseStreamDisconnected: { httpStatusCode: null } } },
    },
  });
});

test("what a command does, in words; anything that is not plain is left as it is", () => {
  expect(commandActions("sed -n 1,5p src/a.ts", "/w")).toEqual([
    {
      type: "read",
      command: "sed -n '1,5p' src/a.ts".replaceAll("'", ""),
      name: "a.ts",
      path: "/w/src/a.ts",
    },
  ]);
  expect(commandActions("rg -n TODO src && ls", "/w")).toEqual([
    { type: "search", command: "rg -n TODO src", query: "TODO", path: "src" },
    { type: "listFiles", command: "ls", path: null },
  ]);
  expect(commandActions("cat $(ls)", "/w")).toEqual([{ type: "unknown", command: "cat $(ls)" }]);
  expect(joinWords(["echo", "it's", ""])).toBe(`echo 'it'"'"'s' ''`);
});
