import fc from "fast-check";
import { expect, test } from "vitest";
import { KeyDecoder } from "./decode-keys.ts";
import type { KeyEvent } from "./key-event.ts";

const NONE = { ctrl: false, alt: false, shift: false };
const bytes = (text: string) => new TextEncoder().encode(text);

function decodeAll(text: string, sizes: readonly number[] = [1024]): KeyEvent[] {
  const decoder = new KeyDecoder();
  const data = bytes(text);
  const events: KeyEvent[] = [];
  for (let at = 0, turn = 0; at < data.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    events.push(...decoder.decode(data.subarray(at, at + size)));
    at += size;
  }
  return [...events, ...decoder.flush()];
}

test.each<[string, string, KeyEvent[]]>([
  ["letters", "héllo", [{ type: "text", text: "héllo" }]],
  ["enter", "\r", [{ type: "key", key: "enter", ...NONE }]],
  ["ctrl-j", "\n", [{ type: "key", key: { char: "j" }, ...NONE, ctrl: true }]],
  ["ctrl-c", "\x03", [{ type: "key", key: { char: "c" }, ...NONE, ctrl: true }]],
  ["alt-b", "\x1bb", [{ type: "key", key: { char: "b" }, ...NONE, alt: true }]],
  ["alt-backspace", "\x1b\x7f", [{ type: "key", key: "backspace", ...NONE, alt: true }]],
  [
    "up in either form",
    "\x1b[A\x1bOA",
    [
      { type: "key", key: "up", ...NONE },
      { type: "key", key: "up", ...NONE },
    ],
  ],
  ["ctrl-right", "\x1b[1;5C", [{ type: "key", key: "right", ...NONE, ctrl: true }]],
  ["delete", "\x1b[3~", [{ type: "key", key: "delete", ...NONE }]],
  ["shift-tab", "\x1b[Z", [{ type: "key", key: "tab", ...NONE, shift: true }]],
  ["shift-enter, kitty", "\x1b[13;2u", [{ type: "key", key: "enter", ...NONE, shift: true }]],
  ["shift-enter, modifyOtherKeys", "\x1b[27;2;13~", [{ type: "key", key: "enter", ...NONE, shift: true }]],
  ["ctrl-a, kitty", "\x1b[97;5u", [{ type: "key", key: { char: "a" }, ...NONE, ctrl: true }]],
  ["a release is not a key", "\x1b[97;1:3u", []],
  [
    "focus",
    "\x1b[I\x1b[O",
    [
      { type: "focus", focused: true },
      { type: "focus", focused: false },
    ],
  ],
  ["a lone escape", "\x1b", [{ type: "key", key: "escape", ...NONE }]],
  [
    "two escapes",
    "\x1b\x1b",
    [
      { type: "key", key: "escape", ...NONE },
      { type: "key", key: "escape", ...NONE },
    ],
  ],
  [
    "a paste keeps what looks like keys",
    "\x1b[200~a\r\n\x1b[A\tb\x1b[201~",
    [{ type: "paste", text: "a\n\x1b[A\tb" }],
  ],
  ["an answer of the terminal is not a key", "\x1b[?62;4c", []],
])("%s", (_name, sent, events) => {
  expect(decodeAll(sent)).toEqual(events);
});

test("wherever the bytes are split, the keys are the same", () => {
  const part = fc.constantFrom(
    "a",
    "é",
    "日本",
    "👍🏽",
    "\r",
    "\x03",
    "\x1b[A",
    "\x1b[1;5C",
    "\x1b[13;2u",
    "\x1b[200~p\nq\x1b[201~",
    "\x1b[3~",
  );
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 });
  const joined = (events: readonly KeyEvent[]) => {
    const merged: KeyEvent[] = [];
    for (const event of events) {
      const last = merged.at(-1);
      if (event.type !== "text" || last?.type !== "text") merged.push(event);
      else merged[merged.length - 1] = { type: "text", text: last.text + event.text };
    }
    return merged;
  };
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), sizes, (parts, split) => {
      const text = parts.join("");
      expect(joined(decodeAll(text, split))).toEqual(joined(decodeAll(text)));
    }),
  );
});

test("any bytes are survived", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (data) => {
      const decoder = new KeyDecoder();
      decoder.decode(data);
      decoder.flush();
    }),
  );
});

test("a megabyte of paste is one event", () => {
  const text = "0123456789abcdef".repeat(65_536);
  expect(decodeAll(`\x1b[200~${text}\x1b[201~`, [65_536])).toEqual([{ type: "paste", text }]);
});

test("answers of the terminal are no text, however they are split", () => {
  const answers = [
    "\x1b]11;rgb:ffff/ffff/ffff\x1b\\",
    "\x1b]11;rgb:00/00/00\x07",
    "\x1bP>|term 1.0\x1b\\",
    "\x1b]52;c;AAAA\x07",
  ];
  const bytes = new TextEncoder().encode(`a${answers.join("b")}c`);
  for (let at = 0; at <= bytes.length; at += 1) {
    const backgrounds: unknown[] = [];
    const decoder = new KeyDecoder((background) => backgrounds.push(background));
    const first = decoder.decode(bytes.slice(0, at));
    const isBeginning = bytes[at - 1] === 0x1b || bytes[at - 2] === 0x1b;
    const between = isBeginning ? [] : decoder.flush();
    const events = [...first, ...between, ...decoder.decode(bytes.slice(at))];
    const text = events.flatMap((event) => (event.type === "text" ? [event.text] : [])).join("");
    expect([at, text]).toEqual([at, "abbbc"]);
    expect(backgrounds).toEqual([
      { type: "background", red: 1, green: 1, blue: 1 },
      { type: "background", red: 0, green: 0, blue: 0 },
    ]);
  }
});
