import { expect, test } from "vitest";
import { openWindow } from "./tui-window.ts";

const APPROVAL = "item/commandExecution/requestApproval";
const question = (command: string) => ({ kind: "command", startedAtMs: 0, environmentId: null, command });
/** Keys are not taken for so long after a dialog appears, in milliseconds. */
const MOMENT = 400;

test("a question that is answered elsewhere goes away, and the next one takes its place", async () => {
  await using window = await openWindow();
  window.ask(APPROVAL, question("make first"));
  window.ask(APPROVAL, question("make second"));
  await window.settled();
  expect(window.emulator.screen().join("\n")).toContain("make first");
  window.notify("serverRequest/resolved", { requestId: "q1" });
  await window.settled();
  expect(window.emulator.screen().join("\n")).toContain("make second");
  expect(window.emulator.screen().join("\n")).not.toContain("make first");
  // A key that comes at once was meant for what was there before.
  expect(window.emulator.screen()).toContain("one moment …");
  window.type("x");
  await window.pass(MOMENT);
  expect(window.emulator.screen()).toContain("↑↓ choose · Enter take · Esc cancel");
  window.type("y");
  await window.settled();
  expect(window.responses).toEqual([{ id: "q2", result: { decision: "accept" } }]);
});

test("a question that waits behind another one and is answered elsewhere is never shown", async () => {
  await using window = await openWindow();
  window.ask(APPROVAL, question("make first"));
  window.ask(APPROVAL, question("make second"));
  window.notify("serverRequest/resolved", { requestId: "q2" });
  await window.pass(MOMENT);
  window.type("n");
  await window.settled();
  window.notify("serverRequest/resolved", { requestId: "q1" });
  await window.settled();
  // The words that were being written for it are of no use any more either.
  expect(window.emulator.screen().join("\n")).toContain("› Say what to do");
  expect(window.responses).toEqual([]);
});

test("another command is proposed with a refusal; the same one, or none, is a plain refusal", async () => {
  await using window = await openWindow();
  for (const [typed, message] of [
    [" -v\r", "Do not run that. Run this command instead:\nmake -v"],
    ["\r", undefined],
    ["\x1b", undefined],
  ] as const) {
    const before = window.responses.length;
    window.ask(APPROVAL, question("make"));
    await window.pass(MOMENT);
    window.type("e");
    await window.pass(MOMENT);
    window.type(typed);
    await window.settled();
    const answer = { decision: "decline", ...(message === undefined ? {} : { message }) };
    expect(window.responses.slice(before)).toEqual([{ id: expect.any(String), result: answer }]);
  }
});

test("pasted lines stay one message, a long paste is a label, a dropped picture is attached", async () => {
  await using window = await openWindow();
  window.type("look:\x1b[200~ one\r\ntwo\rthree\x1b[201~");
  await window.settled();
  expect(window.emulator.screen().join("\n")).toContain("› look: one\n  two\n  three");
  window.type("\r");
  const long = Array.from({ length: 40 }, (_, at) => `line ${at}`).join("\n");
  window.type(`\x1b[200~${long}\x1b[201~`);
  window.type("\x1b[200~'/tmp/a picture.png'\x1b[201~");
  await window.settled();
  expect(window.emulator.screen().join("\n")).toContain("[Pasted #1: 40 lines] [Image #2: a picture.png]");
  window.type("\r");
  await window.settled();
  const sent = window.requests.flatMap(({ method, params }) =>
    method.startsWith("turn/") ? [params.input] : [],
  );
  expect(sent).toEqual([
    [{ type: "text", text: "look: one\ntwo\nthree" }],
    [
      { type: "text", text: `${long} [Image #2: a picture.png] ` },
      { type: "localImage", path: "/tmp/a picture.png" },
    ],
  ]);
});

test("a message that could not be sent stands above what is being written by then", async () => {
  let refuse = (): void => undefined;
  await using window = await openWindow({
    answers: {
      "turn/start": () =>
        new Promise((_resolve, reject) => {
          refuse = () => reject(new Error("no"));
        }),
    },
  });
  window.type("first\r");
  await window.settled();
  window.type("second");
  refuse();
  await window.settled();
  expect(window.emulator.screen().join("\n")).toContain("› first\n  second");
});
