import { beforeAll, expect, test } from "vitest";
import { rankCandidates } from "../candidates.ts";
import { loadGrammars } from "../source/grammars.ts";
import { createSourceUnit } from "../source/unit.ts";
import { fullestLineFirst } from "./search.ts";

beforeAll(loadGrammars);

test("of the edits that pass, those of the line with the most of them come first, by rank", () => {
  const text = "def sign(number):\n    if number != 0:\n        return False\n    return number > 0\n";
  const ranked = ["a.py", "b.py"].flatMap((path) => {
    const unit = createSourceUnit({ path, text, firstLine: 1, offset: 0 }, "python");
    return rankCandidates([{ unit, suspicion: new Map([2, 3, 4].map((line) => [line, 1])) }], 500);
  });
  const at = (path: string, wanted: number, rank: number) => {
    const found = ranked.filter(({ unit, line }) => unit.path === path && line === wanted)[rank];
    if (found === undefined) throw new Error("there is no such candidate");
    return found;
  };
  const [first, second, third] = [at("a.py", 3, 0), at("a.py", 2, 0), at("a.py", 2, 4)];
  expect(fullestLineFirst([first, second, at("b.py", 3, 0), third])).toEqual([
    second,
    third,
    first,
    at("b.py", 3, 0),
  ]);
  expect(fullestLineFirst([first, second])).toEqual([first, second]);
});
