import { expect, test } from "vitest";
import { answer, turnOf } from "./item-samples.ts";
import { openWindow } from "./tui-window.ts";

const at = { turnId: "1", itemId: "a" };

test("the terminal's word on its background chooses the theme and never reaches the composer", async () => {
  await using window = await openWindow();
  expect(window.written()).toContain("\x1b]11;?\x1b\\");
  window.type("hi\x1b]11;rgb:ff");
  await window.settled();
  window.type("ff/ffff/ffff\x1b\\ there");
  await window.settled();
  expect(window.emulator.screen()).toContain("› hi there");
  const before = window.written().length;
  window.notify("turn/started", { turn: turnOf({ status: "inProgress" }) });
  window.notify("item/started", { ...at, item: answer(""), startedAtMs: 0 });
  window.notify("item/completed", { ...at, item: answer("# Heading"), completedAtMs: 1 });
  await window.settled();
  expect(window.written().slice(before)).toContain("\x1b[1;38;5;25mHeading"); // the light theme's
});

test("a transcript fits itself to a new size, and gives the screen back when the connection ends", async () => {
  const words = "a long line of many words that has to be broken on a narrow screen, ".repeat(4);
  const turn = turnOf({ items: [answer(`${words}end.`)] });
  await using window = await openWindow({
    answers: { "thread/turns/list": () => ({ data: [turn], nextCursor: null, backwardsCursor: null }) },
  });
  window.type("\x14");
  await window.settled();
  window.resize(30, 12);
  await window.settled();
  const screen = window.emulator.screen();
  expect(screen.at(-1)).toMatch(/^\d+ of \d+/);
  expect(screen.filter((row) => row.includes("end."))).toHaveLength(1);
  await window[Symbol.asyncDispose]();
  await window.settled();
  expect(window.emulator.state().screen).toBe("normal");
});

test("a page of the transcript that cannot be read is said, and the transcript goes on", async () => {
  let calls = 0;
  await using window = await openWindow({
    answers: {
      "thread/turns/list": () => {
        calls += 1;
        if (calls > 1) return "no page";
        return { data: [turnOf({ items: [answer("shown")] })], nextCursor: "more", backwardsCursor: null };
      },
    },
  });
  window.type("\x14");
  await window.settled();
  window.type("g");
  await window.settled();
  expect(window.emulator.screen().join("\n")).toContain("! ");
  window.type("q");
  await window.settled();
  expect(window.emulator.state().screen).toBe("normal");
});

test("without another screen a transcript leaves nothing lost: what was shown is in the scrollback", async () => {
  const turn = turnOf({ items: [answer("of the transcript")] });
  await using window = await openWindow({
    hasOtherScreen: false,
    answers: { "thread/turns/list": () => ({ data: [turn], nextCursor: null, backwardsCursor: null }) },
  });
  window.notify("turn/started", { turn: turnOf({ status: "inProgress" }) });
  window.notify("item/completed", { ...at, item: answer("printed before"), completedAtMs: 1 });
  window.notify("turn/completed", { turn: turnOf() });
  await window.settled();
  window.type("\x14");
  await window.settled();
  expect(window.emulator.screen().join("\n")).toContain("of the transcript");
  window.type("q");
  await window.settled();
  const screen = window.emulator.screen().join("\n");
  expect(screen).toContain("› Say what to do");
  expect(screen).not.toContain("of the transcript");
  expect(window.emulator.rows().join("\n")).toContain("printed before");
  expect(window.emulator.state().screen).toBe("normal");
});
