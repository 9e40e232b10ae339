import fc from "fast-check";
import { expect, test } from "vitest";
import { StopCutter } from "./stop-cutter.ts";

function cut(pieces: readonly string[], stops: readonly string[]): string {
  const cutter = new StopCutter(stops);
  return pieces.map((piece) => cutter.push(piece)).join("") + (cutter.stopped ? "" : cutter.end());
}

/** What the result is, said without a state: the text before the stop that is complete first. */
function expected(text: string, stops: readonly string[]): string {
  for (let end = 0; end <= text.length; end++) {
    const ending = stops.filter((stop) => stop !== "" && text.slice(0, end).endsWith(stop));
    const longest = Math.max(0, ...ending.map((stop) => stop.length));
    if (longest > 0) return text.slice(0, end - longest);
  }
  return text;
}

test("however a text is cut into pieces, the stop is found where it is in the whole", () => {
  // Few letters, so that stops overlap, repeat and nest all the time.
  const letters = fc.constantFrom("a", "b", "c", "🙂");
  const text = fc.array(letters, { maxLength: 30 });
  const stops = fc.array(fc.array(letters, { minLength: 1, maxLength: 4 }), { maxLength: 4 });
  const cuts = fc.array(fc.nat(30), { maxLength: 10 });
  fc.assert(
    fc.property(text, stops, cuts, (characters, stopCharacters, places) => {
      const whole = characters.join("");
      const sequences = stopCharacters.map((stop) => stop.join(""));
      const sorted = [...places, 0, whole.length]
        .map((at) => Math.min(at, whole.length))
        .sort((a, b) => a - b);
      const pieces = sorted.slice(1).map((at, index) => whole.slice(sorted[index], at));
      expect(cut(pieces, sequences)).toBe(expected(whole, sequences));
    }),
    { numRuns: 2_000 },
  );
});

test("nothing is held back that cannot become a stop", () => {
  const cutter = new StopCutter(["\n\n", "END"]);
  expect([cutter.push("abc"), cutter.push("E"), cutter.push("x\n"), cutter.push("y")]).toEqual([
    "abc",
    "",
    "Ex",
    "\ny",
  ]);
});
