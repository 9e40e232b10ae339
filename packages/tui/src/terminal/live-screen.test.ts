import fc from "fast-check";
import { expect, test } from "vitest";
import { createEmulator } from "../../test/emulator.ts";
import { lineOf } from "../text/styled-line.ts";
import { type LiveArea, LiveScreen } from "./live-screen.ts";
import { DARK } from "./theme.ts";

const PALETTE = { depth: "ansi256", theme: DARK, links: false } as const;
const live = (...texts: string[]): LiveArea => ({
  lines: texts.map((text) => lineOf(text)),
  cursor: { row: texts.length - 1, column: 2 },
});

function trimmed(rows: string[]): string[] {
  const last = rows.findLastIndex((row) => row !== "");
  return rows.slice(0, last + 1);
}

test("finished lines stay, the live area below them is replaced", async () => {
  const emulator = createEmulator(20, 6);
  const screen = new LiveScreen({ columns: 20, rows: 6 }, PALETTE);
  await emulator.write(screen.draw([], live("working", "> ")));
  await emulator.write(screen.draw([lineOf("one"), lineOf("two")], live("working more", "> hi")));
  await emulator.write(screen.draw([], live("> hi")));
  expect(trimmed(emulator.rows())).toEqual(["one", "two", "> hi"]);
  expect(emulator.cursor()).toEqual({ row: 2, column: 2 });
});

test("a frame that changes nothing writes nothing, one that changes a row writes that row", () => {
  const screen = new LiveScreen({ columns: 20, rows: 6 }, PALETTE);
  screen.draw([], live("first", "second"));
  expect(screen.draw([], live("first", "second"))).toBe("");
  const bytes = screen.draw([], live("first", "changed"));
  expect(bytes).toContain("changed");
  expect(bytes).not.toContain("first");
});

test("code is given to the terminal whole, prose is broken between words", async () => {
  const emulator = createEmulator(10, 8);
  const screen = new LiveScreen({ columns: 10, rows: 8 }, PALETTE);
  const code = { ...lineOf("abcdefghijklmno"), verbatim: true };
  await emulator.write(screen.draw([code, lineOf("some words here")], live("> ")));
  expect(trimmed(emulator.rows())).toEqual(["abcdefghij", "klmno", "some words", "here", ">"]);
});

test("a live area that is higher than the screen keeps its last rows", async () => {
  const emulator = createEmulator(20, 4);
  const screen = new LiveScreen({ columns: 20, rows: 4 }, PALETTE);
  await emulator.write(screen.draw([], live("a", "b", "c", "d", "> ")));
  expect(trimmed(emulator.rows())).toEqual(["c", "d", ">"]);
});

test("whatever is drawn, the terminal holds the finished lines in order and then the live area", async () => {
  const text = fc.stringMatching(/^[a-z]{1,30}$/);
  const frame = fc.record({
    finished: fc.array(text, { maxLength: 4 }),
    live: fc.array(text, { minLength: 1, maxLength: 9 }),
  });
  const run = async (frames: { finished: string[]; live: string[] }[], columns: number, rows: number) => {
    const emulator = createEmulator(columns, rows);
    const screen = new LiveScreen({ columns, rows }, PALETTE);
    const printed: string[] = [];
    for (const { finished, live: area } of frames) {
      printed.push(...finished.flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, "g")) ?? []));
      await emulator.write(
        screen.draw(
          finished.map((line) => lineOf(line)),
          live(...area),
        ),
      );
    }
    const cut = (line: string) => (line.length > columns ? `${line.slice(0, columns - 1)}…` : line);
    const area = (frames.at(-1)?.live ?? []).slice(-(rows - 1)).map(cut);
    expect(trimmed(emulator.rows())).toEqual([...printed, ...area]);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(frame, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 5, max: 40 }),
      fc.integer({ min: 3, max: 12 }),
      run,
    ),
    { numRuns: 300 },
  );
});

test("after the terminal became narrower the old live area is gone", async () => {
  const emulator = createEmulator(40, 10);
  const screen = new LiveScreen({ columns: 40, rows: 10 }, PALETTE);
  await emulator.write(screen.draw([lineOf("kept")], live("a status line of thirty cells.", "> typed text")));
  emulator.resize(15, 10);
  await emulator.write(screen.resize({ columns: 15, rows: 10 }));
  await emulator.write(screen.draw([], live("status", "> typed text")));
  expect(trimmed(emulator.rows())).toEqual(["kept", "status", "> typed text"]);
});
