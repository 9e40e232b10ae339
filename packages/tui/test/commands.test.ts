import { expect, test } from "vitest";
import { openedThread, openWindow, type WindowOptions } from "./tui-window.ts";

const LOG = "/home/user/.quire/sessions/2026/11/21/rollout-2026-11-21T16-00-00-0193a0b2-77aa-7b5e-9d1c.jsonl";

test.each([40, 80, 200])(
  "/status at %i columns: a path is one line for whoever copies it",
  async (columns) => {
    const opened = openedThread({ cwd: "/repo/packages/a-folder-with-a-rather-long-name/src" });
    const withLog = { ...opened, thread: { ...opened.thread, path: LOG } };
    await using window = await openWindow({ columns, rows: 30, answers: { "thread/start": () => withLog } });
    window.type("/status\r");
    await window.settled();
    // What the terminal broke it gives back whole; a line end or an indent of ours would be in the way.
    expect(window.emulator.rows().join("")).toContain(`log      ${LOG}`);
    expect(window.written()).toContain(LOG);
    expect(window.written()).toContain(withLog.cwd);
  },
);

/** What is on the screen after a command was given. */
async function after(command: string, options: WindowOptions = {}): Promise<string> {
  await using window = await openWindow({ columns: 160, ...options });
  window.type(`${command}\r`);
  await window.settled();
  return window.emulator.screen().join("\n");
}

test.each(["/copy that", "/diff of last week", "/keymap submit", "/status now"])(
  "%s: words that the command does not take are kept, and nothing is done",
  async (line) => {
    const screen = await after(line);
    expect(screen).toContain(`${line.split(" ")[0]} takes no words, and nothing was done.`);
    expect(screen).toContain(`› ${line}`);
  },
);

test("/theme names the themes when there is none of that name", async () => {
  expect(await after("/theme nosuch")).toContain('"nosuch" is no theme. There are: dark, light, plain.');
});

test.each([
  ["EEXIST", "it exists already, and nothing is written over"],
  ["ENOENT", "its folder does not exist"],
  ["EACCES", "you may not write there"],
])("/export says what is wrong with a path: %s", async (code, why) => {
  const failing = async () => {
    throw Object.assign(new Error(`${code}: no`), { code });
  };
  const screen = await after("/export notes.md", { saveFile: failing });
  expect(screen).toContain(`The thread could not be written to notes.md: ${why}.`);
  expect(screen).not.toContain("Written to");
});

test("/context asks for the next request of this thread, with what was chosen and not sent yet", async () => {
  const asked: unknown[] = [];
  const reports: WindowOptions["reports"] = {
    has: (name) => name === "context",
    nextRequest: async (next) => {
      asked.push(next);
      return "as it would be sent\n";
    },
  };
  await using window = await openWindow({ reports, answers: { "model/list": () => ({ data: [] }) } });
  window.type("/model another\r");
  await window.settled();
  window.type("/permissions read-only\r");
  await window.settled();
  window.type("/context\r");
  await window.settled();
  expect(window.emulator.screen().join("\n")).toContain("as it would be sent");
  expect(asked).toEqual([
    {
      threadId: null,
      mode: "default",
      settings: {
        model: "another",
        modelProvider: "test",
        effort: null,
        cwd: "/repo",
        sandbox: { type: "readOnly" },
        approvalPolicy: "on-request",
      },
    },
  ]);
});
