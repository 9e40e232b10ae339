import { chordText } from "../keys/chord.ts";
import { ACTIONS, actionNames, type Keymap } from "../keys/keymap.ts";
import { lineOf, type StyledLine } from "../text/styled-line.ts";
import type { SlashCommand } from "./command.ts";

export const KEYMAP: SlashCommand = {
  name: "keymap",
  help: "which key does what, and what is wrong with [tui.keymap]",
  whileRunning: true,
  async run(_argument, { preferences, say }) {
    say(keymapLines(preferences.keymap));
  },
};

/** Every action with its keys, then what the settings changed and what is wrong with them. */
function keymapLines(keymap: Keymap): StyledLine[] {
  const rows = actionNames().map((action) => ({
    action,
    keys: keymap.keysOf(action).map(chordText).join(", ") || "(no key)",
  }));
  const widest = Math.max(...rows.map(({ action }) => action.length));
  const widestKeys = Math.min(40, Math.max(...rows.map(({ keys }) => keys.length)));
  const lines = rows.map(
    ({ action, keys }): StyledLine => ({
      spans: [
        { text: `  ${action.padEnd(widest)}  `, ink: "accent" },
        { text: keys.padEnd(widestKeys) },
        { text: `  ${ACTIONS[action].help}`, ink: "muted" },
      ],
      hanging: [{ text: " ".repeat(widest + 4) }],
    }),
  );
  return [
    lineOf('In config.toml: [tui.keymap], then ACTION = "ctrl-x", a list of keys, or [] for none.', {
      ink: "muted",
    }),
    ...lines,
    ...keymap.notes.map((note) => lineOf(`· ${note}`, { ink: "muted" })),
    ...keymap.problems.map((problem) => lineOf(`! ${problem}`, { ink: "warn" })),
  ];
}

export const VIM: SlashCommand = {
  name: "vim",
  help: "keys of vi in the composer, on or off; tui.vim_mode = true keeps them",
  whileRunning: true,
  async run(_argument, { say, toggleVim }) {
    const words = toggleVim()
      ? "Keys of vi: Esc leads to normal mode, i back."
      : "The keys are the usual ones again.";
    say([lineOf(words, { ink: "muted" })]);
  },
};
