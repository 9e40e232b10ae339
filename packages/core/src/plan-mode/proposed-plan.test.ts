import fc from "fast-check";
import { expect, test } from "vitest";
import { PlanSplitter, splitPlan } from "./proposed-plan.ts";

test("words and plan of a message, wherever the plan stands in it", () => {
  const cases: [message: string, text: string, plan: string | null][] = [
    ["no plan here", "no plan here", null],
    [
      "Here:\n<proposed_plan>\n# Plan\n1. a\n</proposed_plan>\nThat is it.",
      "Here:\nThat is it.",
      "# Plan\n1. a",
    ],
    ["<proposed_plan>\nonly\n</proposed_plan>", "", "only"],
    ["  <proposed_plan>  \nindented\n  </proposed_plan>", "", "indented"],
    ["<proposed_plan>\nnever closed", "", "never closed"],
    ["the tag <proposed_plan> in a sentence\n", "the tag <proposed_plan> in a sentence\n", null],
    ["<proposed_plan>\n</proposed_plan>", "<proposed_plan>\n</proposed_plan>", null],
    ["<proposed_plan>\na `</proposed_plan>` b\n</proposed_plan>", "", "a `</proposed_plan>` b"],
  ];
  expect(cases.map(([message]) => splitPlan(message))).toEqual(
    cases.map(([, text, plan]) => ({ text, plan })),
  );
});

test("however a message is cut into deltas, the pieces amount to the same", () => {
  const part = fc.constantFrom(
    "<proposed_plan>",
    "</proposed_plan>",
    "\n",
    " ",
    "a",
    "<pro",
    "posed_plan>",
    "</",
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 20 }), fc.array(fc.nat(8), { maxLength: 40 }), (parts, cuts) => {
      const message = parts.join("");
      const whole = new PlanSplitter();
      const expected = merged([...whole.push(message), ...whole.end()]);
      const cut = new PlanSplitter();
      const pieces = [];
      let at = 0;
      for (const length of cuts) {
        pieces.push(...cut.push(message.slice(at, at + length)));
        at += length;
      }
      pieces.push(...cut.push(message.slice(at)), ...cut.end());
      expect(merged(pieces)).toEqual(expected);
    }),
  );
});

function merged(pieces: readonly { of: "text" | "plan"; text: string }[]) {
  const of = (kind: "text" | "plan") =>
    pieces
      .filter((piece) => piece.of === kind)
      .map(({ text }) => text)
      .join("");
  return { text: of("text"), plan: of("plan") };
}
