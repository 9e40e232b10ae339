import fc from "fast-check";
import { expect, test } from "vitest";
import type { BlockView } from "../src/blocks/block-view.ts";
import { entryBlock } from "../src/blocks/entry.ts";
import { liveBlock } from "../src/blocks/live.ts";
import { MARKDOWN_BEGIN } from "../src/markdown/finished-part.ts";
import { loadSyntaxColours } from "../src/markdown/syntax.ts";
import { emptyThread } from "../src/state/thread-state.ts";
import { LiveScreen } from "../src/terminal/live-screen.ts";
import { DARK } from "../src/terminal/theme.ts";
import { commandQuestion, DIALOGS } from "./dialog-samples.ts";
import { command, ENDED, RUNNING, turnOf } from "./item-samples.ts";
import { outputTokens } from "./output-tokens.ts";
import { openedThread, openWindow, THREAD_ID } from "./tui-window.ts";

/** Clipboard, titles, links, cursor, screen, modes, pictures, device control, bells, bidi, tags, 8-bit controls. */
const HOSTILE = [
  "\x1b]52;c;ZXZpbA==\x07",
  "\x1b]0;owned\x07",
  "\x1b]8;;http://evil.invalid\x1b\\click\x1b]8;;\x1b\\",
  "\x1b[2J\x1b[3J\x1b[H\x1b[1A",
  "\x1b[?1049h\x1b[?1000h\x1b[?2026h\x1b[?25l",
  "\x1bPq#0;2;0;0;0~~@@vv\x1b\\",
  "\x1bP+q544e\x1b\\",
  "\x1b_Gf=32;AAAA\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\",
  "\x1bc\x1b7\x1b8\x1bM\x1bD\x1b(0",
  "\x07\b\v\f\x0e\x0f\x00\x7f\r",
  "\x9b2J\x9d0;owned\x9c\x90q\x9c",
  "\u202eabc\u202c\u2066x\u2069\u200b\u200f\ufeff\u{e0041}\u2028\u2029",
  "\x1b[31",
  "\x1b]",
  "\x1b",
  "[click](http://evil.invalid/\x1b]52;c;AA==\x07)",
  "```\x1b[2J\n\x1b[2J",
  "| a\x1b[2J | b |\n|---|---|\n| \x07 | \x1b]0;x\x07 |",
  "&lt;\x1b&#27;[2J",
  "\ud800 \udc00",
] as const;
const ALL = HOSTILE.join(" ");
const VIEW = { columns: 60, cwd: "/repo", unfolded: false } as const;

const hostileText = fc
  .array(
    fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: "binary", maxLength: 12 }), fc.constant("\n")),
    {
      maxLength: 8,
    },
  )
  .map((parts) => parts.join(""));

/** The value with hostile text in place of every string but those that say what it is. */
function poisoned<T>(value: T, text: string): T {
  // The shape stays what it was; only the contents of its strings change.
  return poison(value, text, "") as T;
}

const KEPT = new Set(["type", "status", "source", "decision", "verdict", "trigger", "kind", "id", "itemId"]);

function poison(value: unknown, text: string, key: string): unknown {
  if (typeof value === "string") return KEPT.has(key) ? value : `${value}${text}`;
  if (Array.isArray(value)) return value.map((part) => poison(part, text, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, poison(part, text, name)]));
}

test("no text field of any item, ended or running, folded or not, reaches the terminal as more than text", async () => {
  const syntax = await loadSyntaxColours(() => undefined);
  const palette = { depth: "truecolor", theme: DARK, links: true } as const;
  const draw = (text: string, unfolded: boolean) => {
    const view: BlockView = { ...VIEW, syntax, unfolded };
    const items = Object.values(ENDED).flatMap((samples) => Object.values(samples));
    const turn = turnOf({
      status: "failed",
      error: { message: text, codexErrorInfo: null, additionalDetails: null, misalignment: null },
    });
    const ended = [
      ...items
        .filter((item) => item.type !== "commandExecution" || (item.aggregatedOutput ?? "").length < 10_000)
        .flatMap((item) =>
          entryBlock(
            {
              kind: "item",
              item: poisoned(item, text),
              durationMs: 1,
              shown: 0,
              fence: null,
              isJoined: false,
            },
            view,
          ),
        ),
      ...entryBlock({ kind: "turnEnded", turn }, view),
      ...entryBlock({ kind: "notice", tone: "warn", code: text, message: text }, view),
    ];
    const live = RUNNING.map(({ item, streamed }) => ({
      item: poisoned(item, text),
      startedAtMs: 0,
      streamed: `${streamed}${text}`,
      shown: 0,
      place: MARKDOWN_BEGIN,
    }));
    const state = { ...emptyThread("t"), turn: { id: "1", startedAtMs: 0 }, live };
    const rows = liveBlock(state, view, 65_000, 100);
    const screen = new LiveScreen({ columns: 60, rows: 120 }, palette);
    outputTokens(screen.draw(ended, { lines: rows, cursor: null }));
  };
  draw(ALL, false);
  draw(ALL, true);
  fc.assert(fc.property(hostileText, fc.boolean(), draw), { numRuns: 60 });
});

test("no text of a dialog does, whatever is typed into it", () => {
  const screen = new LiveScreen({ columns: 60, rows: 40 }, { depth: "ansi16", theme: DARK, links: true });
  const view: BlockView = { ...VIEW, syntax: { lines: () => [] } };
  for (const dialog of Object.values(DIALOGS)) {
    let current = dialog(view);
    for (const text of HOSTILE) {
      const step = current.press({ type: "paste", text });
      if (step.kind === "open") current = step.dialog;
      outputTokens(screen.draw([], current.render({ columns: 60, rows: 40 })));
    }
  }
});

test("the whole program, with hostile text wherever it comes from, leaves the terminal as it should be", async () => {
  const turn = turnOf({ items: [command({ aggregatedOutput: ALL })] });
  await using window = await openWindow({
    model: `model ${ALL}`,
    cwd: `/repo/${ALL}`,
    branch: `branch ${ALL}`,
    name: `name ${ALL}`,
    how: { kind: "resume", threadId: THREAD_ID },
    history: [`earlier ${ALL}`],
    answers: {
      "thread/turns/list": () => ({ data: [poisoned(turn, ALL)], nextCursor: "more", backwardsCursor: null }),
      fuzzyFileSearch: () => ({ files: [{ path: `file ${ALL}`, match_type: "file" }] }),
      "thread/resume": () => poisoned(openedThread(), ALL),
    },
  });
  const at = { turnId: "1", itemId: "a" };
  window.type("\x1b[O"); // nobody looks: notifications go out
  window.notify("thread/name/updated", { threadName: ALL });
  window.notify("turn/started", { turn: turnOf({ status: "inProgress" }) });
  for (const [name, { item, streamed }] of Object.entries(RUNNING)) {
    const own = { ...poisoned(item, ALL), id: `r${name}` };
    window.notify("item/started", { ...at, item: own, startedAtMs: 0 });
    window.notify("item/agentMessage/delta", { ...at, itemId: own.id, delta: `${streamed}${ALL}\n\n${ALL}` });
    window.notify("item/commandExecution/outputDelta", { ...at, itemId: own.id, delta: ALL });
  }
  window.notify("turn/plan/updated", { ...at, plan: [{ step: ALL, status: "inProgress" }] });
  window.notify("error", { ...at, willRetry: true, error: { message: ALL } });
  await window.settled();
  window.ask("item/commandExecution/requestApproval", poisoned(commandQuestion(), ALL));
  window.ask("item/fileChange/requestApproval", { startedAtMs: 0, paths: [ALL], reason: ALL });
  window.ask("item/tool/requestUserInput", {
    isBlocking: true,
    autoResolutionMs: null,
    questions: [
      {
        id: "1",
        header: ALL,
        question: ALL,
        isOther: true,
        isSecret: false,
        options: [{ label: ALL, description: ALL }],
      },
      { id: "2", header: ALL, question: ALL, isOther: false, isSecret: false, options: null },
    ],
  });
  for (const key of ["y", "y", "\r", "\x1b"]) {
    await window.pass(400);
    window.type(key);
    await window.settled();
  }
  window.notify("turn/completed", { turn: poisoned(turnOf(), ALL) });
  for (const keys of [
    `\x1b[200~${ALL}\x1b[201~`,
    "\x03",
    "@fi",
    "\x03",
    "\x12",
    "\x1b",
    "\x14",
    "/",
    ALL.replaceAll("\x1b", ""),
    "\x1b",
    "q",
  ]) {
    window.type(keys);
    await window.settled();
  }
  const written = window.written();
  outputTokens(written);
  expect(window.responses.filter((answer) => JSON.stringify(answer).includes("error"))).toEqual([]);
  const shown = ["\x1b]9;", "\x1b[?1049h", "Earlier inputs", "@file", "May this command", "May these files"];
  expect(shown.filter((part) => !written.includes(part))).toEqual([]);
  const { title, ...state } = window.emulator.state();
  expect(state).toEqual({ screen: "normal", wraps: true });
  // The title is ours, with the thread's name in it made visible.
  expect(title).toMatch(/^(?:quire\P{Control}*)?$/u);
  expect(written.includes("\x1b]52")).toBe(false);
});
