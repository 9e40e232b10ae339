import fc from "fast-check";
import { expect, test } from "vitest";
import { chordOf, chordText, parseChord } from "./chord.ts";
import { KeyDecoder } from "./decode-keys.ts";
import { ACTIONS, actionNames, buildKeymap, DEFAULT_KEYMAP } from "./keymap.ts";

/** The first key that a terminal sends with these bytes. */
function key(bytes: string) {
  const decoder = new KeyDecoder();
  const [event] = [...decoder.decode(new TextEncoder().encode(bytes)), ...decoder.flush()];
  if (event === undefined) throw new Error("no key");
  return event;
}

test.each([
  ["Ctrl-T", "ctrl-t"],
  ["control+t", "ctrl-t"],
  ["alt-UP", "alt-up"],
  ["shift-ctrl-z", "ctrl-shift-z"],
  ["option-space", "alt- "],
  ["ctrl--", "ctrl--"],
  ["PgDn", "pageDown"],
  ["esc", "escape"],
  ["f12", "f12"],
])("%s is the key %s", (written, chord) => {
  expect(parseChord(written)).toEqual({ chord });
});

test.each(["x", "ctrl-", "ctrl-foo", "hyper-x", "ctrl-x ctrl-s", "", "shift-a", "f13"])(
  "%s is no key, and it is said why",
  (written) => {
    expect(parseChord(written)).toEqual({ problem: expect.stringMatching(/key|alone it is text/) });
  },
);

test("every key that is shown can be written as it is shown", () => {
  for (const action of actionNames()) {
    for (const chord of ACTIONS[action].keys) expect(parseChord(chordText(chord))).toEqual({ chord });
  }
  fc.assert(
    fc.property(
      fc.constantFrom("ctrl-", "alt-", "ctrl-alt-"),
      fc.constantFrom(..."abcxyz-/_ "),
      (held, char) => {
        const chord = `${held}${char}`;
        expect(parseChord(chordText(chord))).toEqual({ chord });
      },
    ),
  );
});

test("keys of the terminal find their actions", () => {
  expect(DEFAULT_KEYMAP.actionOf(key("\x14"))).toBe("open_transcript");
  expect(DEFAULT_KEYMAP.actionOf(key("\x1b[1;3A"))).toBe("edit_queued_message");
  expect(DEFAULT_KEYMAP.actionOf(key("\x1a"))).toBe("suspend");
  // Shift beside an arrow changes nothing; beside Tab it is another key.
  expect(DEFAULT_KEYMAP.actionOf(key("\x1b[1;2D"))).toBe("move_left");
  expect(DEFAULT_KEYMAP.actionOf(key("\x1b[Z"))).toBeNull();
  expect(chordOf({ type: "text", text: "a" })).toBeNull();
});

test("the settings win over keys of other actions, which is said", () => {
  const keymap = buildKeymap({ open_transcript: ["f4", "ctrl-g"], toggle_vim_mode: "ctrl-o", yank: [] });
  expect(keymap.actionOf(key("\x07"))).toBe("open_transcript");
  expect(keymap.keysOf("open_transcript")).toEqual(["f4", "ctrl-g"]);
  expect(keymap.keysOf("open_external_editor")).toEqual([]);
  expect(keymap.keysOf("yank")).toEqual([]);
  expect(keymap.actionOf(key("\x14"))).toBeNull();
  expect(keymap.problems).toEqual([]);
  expect(keymap.notes).toEqual(["Ctrl-G is open_transcript now, and no longer open_external_editor"]);
});

test("what is wrong is named, and everything else counts", () => {
  const keymap = buildKeymap({
    open_transcirpt: "f4",
    undo: ["ctrl-hyper", "f5"],
    redo: "ctrl-x ctrl-r",
    interrupt: [],
    submit: "f6",
    queue: "f6",
    yank: 7,
    composer: { paste_image: "f7", nonsense: "f8" },
  });
  expect(keymap.problems).toEqual([
    'tui.keymap has no action "open_transcirpt"; /keymap lists them',
    'tui.keymap.undo = "ctrl-hyper": there is no key "hyper"',
    'tui.keymap.redo = "ctrl-x ctrl-r": one key at a time; sequences of keys are not known here',
    "tui.keymap.yank = 7: it must be a text",
    'tui.keymap has no action "nonsense"; /keymap lists them',
    "F6 is given to both submit and queue; submit has it",
    "tui.keymap leaves interrupt without a key; it keeps Ctrl-C",
  ]);
  expect(keymap.keysOf("undo")).toEqual(["f5"]);
  expect(keymap.keysOf("redo")).toEqual(["alt-z", "ctrl-shift-z"]);
  expect(keymap.keysOf("paste_image")).toEqual(["f7"]);
  expect(keymap.keysOf("submit")).toEqual(["f6"]);
  expect(keymap.actionOf(key("\x03"))).toBe("interrupt");
});

test("whatever the settings are, something can be sent and ended", () => {
  const value = fc.oneof(fc.string(), fc.array(fc.constantFrom("enter", "ctrl-c", "f1", "?")), fc.anything());
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...actionNames(), "other"), value), (settings) => {
      const keymap = buildKeymap(settings);
      expect(keymap.keysOf("submit").length).toBeGreaterThan(0);
      expect(keymap.keysOf("interrupt").length).toBeGreaterThan(0);
    }),
  );
});
