import fc from "fast-check";
import { expect, test } from "vitest";
import { createEmulator } from "../../test/emulator.ts";
import { lineOf } from "../text/styled-line.ts";
import { LiveScreen } from "./live-screen.ts";
import { DARK } from "./theme.ts";

const PALETTE = { depth: "none", theme: DARK, links: false } as const;

interface Step {
  readonly finished: number;
  readonly live: readonly string[];
  /** How far into the live area the cursor stands. */
  readonly cursorAt: number;
  readonly size: { readonly columns: number; readonly rows: number } | null;
}

const row = fc.stringMatching(/^[a-z][a-z ]{0,70}$/);
const size = fc.record({ columns: fc.integer({ min: 8, max: 100 }), rows: fc.integer({ min: 3, max: 40 }) });
const STEP = {
  finished: fc.nat(3),
  live: fc.array(row, { minLength: 1, maxLength: 8 }),
  cursorAt: fc.constantFrom(0, 0.3, 0.7, 1),
};
const step: fc.Arbitrary<Step> = fc.record({ ...STEP, size: fc.option(size, { freq: 2 }) });

/** Every finished line is a number of its own, so that a lost or doubled one shows. */
async function play(steps: readonly Step[], columns: number, rows: number) {
  const emulator = createEmulator(columns, rows);
  const screen = new LiveScreen({ columns, rows }, PALETTE);
  let printed = 0;
  for (const { finished, live, size: next, cursorAt } of steps) {
    const lines = Array.from({ length: finished }, () => {
      printed += 1;
      return lineOf(`#${printed}.`);
    });
    const place = Math.floor((live.length - 1) * cursorAt);
    const cursor = { row: place, column: Math.floor((live[place] ?? "").length * cursorAt) };
    await emulator.write(screen.draw(lines, { lines: live.map((text) => lineOf(`~${text}`)), cursor }));
    if (next !== null) {
      emulator.resize(next.columns, next.rows);
      await emulator.write(screen.resize(next));
    }
  }
  await emulator.write(screen.draw([], { lines: [lineOf("~end")], cursor: null }));
  return { rows: emulator.rows().filter((text) => text !== ""), printed };
}

const wanted = (printed: number) => Array.from({ length: printed }, (_, at) => `#${at + 1}.`);

test("however often the size changes, no finished line is lost or doubled", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 10 }),
      size,
      async (steps, { columns, rows }) => {
        const { rows: shown, printed } = await play(steps, columns, rows);
        expect(shown.filter((text) => text.startsWith("#"))).toEqual(wanted(printed));
      },
    ),
    { numRuns: 80 },
  );
});

test("nothing of an old live area stays, unless it became taller than the screen", async () => {
  const roomy = fc.record({
    columns: fc.integer({ min: 20, max: 200 }),
    rows: fc.integer({ min: 36, max: 60 }),
  });
  const roomyStep = fc.record({ ...STEP, size: fc.option(roomy, { freq: 2 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(roomyStep, { minLength: 1, maxLength: 10 }),
      roomy,
      async (steps, { columns, rows }) => {
        const { rows: shown, printed } = await play(steps, columns, rows);
        expect(shown).toEqual([...wanted(printed), "~end"]);
      },
    ),
    { numRuns: 80 },
  );
});
