import { expect, test } from "vitest";
import { ATTENTION_KINDS, STATUS_FIELDS } from "./fields.ts";
import { readPreferences } from "./preferences.ts";

test("nothing set is all there is", () => {
  const { keymap, ...rest } = readPreferences({});
  expect(keymap.problems).toEqual([]);
  expect(rest).toEqual({
    vim: false,
    statusLine: STATUS_FIELDS,
    title: ["status", "app", "thread"],
    notifications: { kinds: ATTENTION_KINDS, method: "auto", condition: "unfocused" },
    theme: null,
    screenReader: false,
    problems: [],
  });
});

test("what is set counts, in Codex's words too", () => {
  const read = readPreferences({
    vim_mode_default: true,
    status_line: ["model-with-reasoning", "current-dir", "tokens", "tokens"],
    terminal_title: [],
    notifications: ["approval-requested"],
    notification_method: "bell",
    notification_condition: "always",
    theme: "light",
    screen_reader: true,
  });
  expect(read).toMatchObject({
    vim: true,
    statusLine: ["model", "effort", "folder", "tokens"],
    title: [],
    notifications: { kinds: ["approval-requested"], method: "bell", condition: "always" },
    theme: "light",
    screenReader: true,
    problems: [],
  });
});

test("what is wrong is named with what there is, and nothing else is lost", () => {
  const read = readPreferences({
    status_line: ["model", "weather"],
    terminal_title: "quire",
    notifications: 3,
    notification_method: "smoke",
    keymap: { nothing: "f1" },
  });
  expect(read.statusLine).toEqual(["model"]);
  expect(read.problems).toEqual([
    `tui.status_line has no field "weather"; there are: ${STATUS_FIELDS.join(", ")}`,
    "tui.terminal_title must be a list of: app, status, thread, folder, branch, model",
    `tui.notifications must be true, false or a list of: ${ATTENTION_KINDS.join(", ")}`,
    'tui.notification_method = "smoke" is none of: auto, osc9, bell',
    'tui.keymap has no action "nothing"; /keymap lists them',
  ]);
});
