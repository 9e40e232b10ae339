import { expect, test } from "vitest";
import { skillSuggestions } from "./skill-suggestions.ts";

test("skills of a report are offered with what they are for", () => {
  const report = JSON.stringify({
    skills: [{ name: "release", description: "make one", path: "/x" }, 7],
    problems: [],
  });
  expect(skillSuggestions(report)).toEqual([{ value: "release", hint: "make one", isComplete: true }]);
});

test.each(["", "no skills: the configuration is wrong", "null", '{"skills":3}', '{"skills":[{}]}'])(
  "%j offers none",
  (report) => {
    expect(skillSuggestions(report)).toEqual([]);
  },
);
