import type { Candidate } from "../candidates.ts";

/** What an error message says about the kind of edit that may help. */
export interface ErrorHint {
  /** Edits that replace or contain this word are likelier. */
  word: string | null;
  /** Templates that are likelier, in words; all others are a little less likely. */
  templates: string;
}

const WRONG_NAME = "variable wrong-name constant";

/** Messages of Python and JavaScript errors; the first group, where there is one, is the word. */
const RULES: readonly (readonly [pattern: RegExp, templates: string])[] = [
  [/NameError: (?:global )?name '(\w+)' is not defined/g, `${WRONG_NAME} missing-statement`],
  [/UnboundLocalError: .*?'(\w+)'/g, "variable assignment misplaced-statement missing-statement"],
  [/ReferenceError: (\w+) is not defined/g, WRONG_NAME],
  [/AttributeError: .* has no attribute '(\w+)'/g, `${WRONG_NAME} missing-guard condition`],
  [/TypeError: (?:[\w$.[\]()]*\.)?(\w+) is not a (?:function|constructor)/g, WRONG_NAME],
  [
    /Cannot (?:read|set) propert(?:y|ies) .*?\b(?:reading|setting) '(\w+)'/g,
    `${WRONG_NAME} off-by-one missing-guard logic negation comparison condition`,
  ],
  [
    /TypeError: .*(?:not subscriptable|not callable|not iterable|object cannot be interpreted|unsupported operand|must be|not supported between|bad operand|can only concatenate|no len\(\))/g,
    `${WRONG_NAME} slice extra-call dropped-call argument swapped-arguments swapped-operands arithmetic return-value`,
  ],
  [
    /TypeError: .*(?:positional arguments?|unexpected keyword|missing \d+ required)/g,
    "argument wrong-name swapped-arguments",
  ],
  [
    /IndexError|RangeError: Invalid (?:array|string|count)/g,
    "off-by-one comparison constant variable slice missing-guard argument logic condition",
  ],
  [/changed size during iteration/g, "dropped-call assignment"],
  [
    /ZeroDivisionError|(?:min|max)\(\) (?:arg|iterable)/g,
    "missing-guard comparison negation off-by-one constant variable condition",
  ],
  [
    /RecursionError|Maximum call stack/g,
    "missing-guard missing-statement comparison condition constant off-by-one argument variable arithmetic slice dropped-call",
  ],
];

/** Reads the errors out of a test run's output. Assertion failures say nothing about the edit and are skipped. */
export function errorHints(output: string): ErrorHint[] {
  return RULES.flatMap(([pattern, templates]) =>
    [...output.matchAll(pattern)].slice(0, 3).map((match) => ({ word: match[1] ?? null, templates })),
  );
}

/** What a test that never ends says: something in a loop does not move on. */
export const HANGING: ErrorHint = {
  word: null,
  templates:
    "off-by-one assignment comparison arithmetic variable constant missing-statement misplaced-statement negation condition",
};

/** How much likelier an edit is in the light of the errors: 1 without any. */
export function weighByErrors(hints: readonly ErrorHint[]): (candidate: Candidate) => number {
  if (hints.length === 0) return () => 1;
  return ({ unit, start, end, text, template }) => {
    const touched = start === end ? text : unit.text.slice(start, end);
    let best = 0.6;
    for (const { word, templates } of hints) {
      const named = word !== null && touched.length < 80 && new RegExp(`(^|\\W)${word}(\\W|$)`).test(touched);
      best = Math.max(best, (templates.split(" ").includes(template) ? 1.5 : 0.6) * (named ? 2.2 : 1));
    }
    return best;
  };
}
