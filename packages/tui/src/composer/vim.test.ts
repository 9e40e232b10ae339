import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyDecoder } from "../keys/decode-keys.ts";
import { EMPTY_EDITOR } from "./editor.ts";
import { pressInEditor } from "./editor-keys.ts";
import { pressInVim, VIM_INSERT, type VimState } from "./vim.ts";

/** Presses keys in normal mode; `|` in the text is the cursor, before and after. */
function vi(marked: string, keys: string): string {
  const cursor = marked.indexOf("|");
  let editor = { ...EMPTY_EDITOR, text: marked.replace("|", ""), cursor };
  let vim: VimState = { ...VIM_INSERT, mode: "normal" };
  for (const part of keys) {
    const decoder = new KeyDecoder();
    for (const event of [...decoder.decode(new TextEncoder().encode(part)), ...decoder.flush()]) {
      const step = pressInVim(editor, vim, event);
      vim = step.vim;
      editor = step.isHandled ? step.editor : (pressInEditor(step.editor, event) ?? step.editor);
    }
  }
  const { text } = editor;
  return `${text.slice(0, editor.cursor)}|${text.slice(editor.cursor)}`;
}

const ESC = "\x1b";

test.each([
  ["|one two", "w", "one |two"],
  ["|one two", "e", "on|e two"],
  ["one two|", "b", "one |two"],
  ["|a.b c", "ww", "a.|b c"],
  ["|one two three", "2w", "one two |three"],
  ["one |two", "0", "|one two"],
  ["  on|e", "^", "  |one"],
  ["|one", "$", "on|e"],
  ["o|ne\ntwo\nthree", "G", "one\ntwo\n|three"],
  ["one\nt|wo\nthree", "gg", "|one\ntwo\nthree"],
  ["one\ntwo\nthr|ee", "2G", "one\n|two\nthree"],
  ["on|e\ntwo", "j", "one\ntw|o"],
  ["one\ntw|o", "k", "on|e\ntwo"],
  ["|one", "hh", "|one"],
  ["|one", "9l", "on|e"],
  ["|日本語", "l", "日|本語"],
])("%j moves by %j to %j", (before, keys, after) => {
  expect(vi(before, keys)).toBe(after);
});

test.each([
  ["|one two", "x", "|ne two"],
  ["|one two", "3x", "| two"],
  ["|one two three", "dw", "|two three"],
  ["|one two three", "d2w", "|three"],
  ["one |two", "dw", "one| "],
  ["|one two", "de", "| two"],
  ["one two th|ree", "db", "one two |ree"],
  ["on|e two", "D", "o|n"],
  ["on|e two", "d0", "|e two"],
  ["one\nt|wo\nthree", "dd", "one\n|three"],
  ["one\nt|wo", "dd", "|one"],
  ["o|ne\ntwo\nthree", "2dd", "|three"],
  ["o|ne\ntwo\nthree", "dj", "|three"],
  ["one\nt|wo\nthree", "dG", "|one"],
  ["o|ne", "dd", "|"],
  ["|one two", `cwsix${ESC}`, "si|x two"],
  ["on|e two", `Cx${ESC}`, "on|x"],
  ["  |one\ntwo", `ccx${ESC}`, "|x\ntwo"],
  ["|one", "rx", "|xne"],
  ["|one", "2rx", "x|xe"],
  ["|one", "9rx", "|one"],
  ["|one", `ix${ESC}`, "|xone"],
  ["|one", `ax${ESC}`, "o|xne"],
  ["o|ne", `Ax${ESC}`, "one|x"],
  ["  o|ne", `Ix${ESC}`, "  |xone"],
  ["o|ne\ntwo", `ox${ESC}`, "one\n|x\ntwo"],
  ["o|ne", `Ox${ESC}`, "|x\none"],
])("%j is changed by %j to %j", (before, keys, after) => {
  expect(vi(before, keys)).toBe(after);
});

test.each([
  ["|one two", "ywP", "one| one two"],
  ["|one two", "yw$p", "one twoone| "],
  ["o|ne\ntwo", "yyp", "one\n|one\ntwo"],
  ["one\nt|wo", "yyP", "one\n|two\ntwo"],
  ["one\nt|wo", "yyp", "one\ntwo\n|two"],
  ["|one\ntwo", "ddp", "two\n|one"],
  ["|ab", "xp", "b|a"],
])("%j is copied by %j to %j", (before, keys, after) => {
  expect(vi(before, keys)).toBe(after);
});

test.each([
  ["|one two three", "dw.", "|three"],
  ["|one two three", "x..", "| two three"],
  ["|one two", `cwx${ESC}w.`, "x |x"],
  ["|one", `ix${ESC}.`, "|xxone"],
  ["|one two three", "dwuu", "|one two three"],
  ["|one two three", "dwdwuu\x12", "|two three"],
  ["|one", `d${ESC}x`, "|ne"],
  ["|one", "dzx", "|ne"],
  ["|one", "u", "|one"],
])("%j after %j is %j", (before, keys, after) => {
  expect(vi(before, keys)).toBe(after);
});

test("no keys bring the cursor out of the text or beside a character", () => {
  const keys = fc.array(fc.constantFrom(..."hjklwbe0^$GgiIaAoOxdDcCypPur.12", ESC, "\x12"), {
    maxLength: 30,
  });
  const text = fc.constantFrom("", "one", "one two\nthree\n\n日本 👨‍👩‍👧 x", "\n\n", "  a.b(c)");
  fc.assert(
    fc.property(text, keys, (before, pressed) => {
      const after = vi(`|${before}`, `${pressed.join("")}${ESC}`);
      const at = after.indexOf("|");
      expect(after.charAt(at + 1)).not.toMatch(/[\uDC00-\uDFFF]/);
      expect(at).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 300 },
  );
});
