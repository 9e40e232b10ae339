import type { Candidate } from "../candidates.ts";
import type { TemplateName } from "../templates/template.ts";

/** What an error message says about the kind of edit that may help. */
export interface ErrorHint {
  /** Edits that replace or contain this word are likelier. */
  word: string | null;
  /** Templates that are likelier; all others are a little less likely. */
  templates: readonly TemplateName[];
}

interface Rule {
  pattern: RegExp;
  templates: readonly TemplateName[];
}

const WRONG_VALUE: readonly TemplateName[] = [
  "variable",
  "wrong-name",
  "slice",
  "constant",
  "extra-call",
  "dropped-call",
  "argument",
  "swapped-arguments",
  "swapped-operands",
  "arithmetic",
  "return-value",
];
const WRONG_NAME: readonly TemplateName[] = ["variable", "wrong-name", "constant"];

/** Messages of Python and JavaScript errors; the first group, where there is one, is the word. */
const RULES: readonly Rule[] = [
  { pattern: /NameError: (?:global )?name '(\w+)' is not defined/g, templates: WRONG_NAME },
  {
    pattern: /UnboundLocalError: .*?'(\w+)'/g,
    templates: ["variable", "assignment", "misplaced-statement", "missing-statement"],
  },
  { pattern: /ReferenceError: (\w+) is not defined/g, templates: WRONG_NAME },
  { pattern: /AttributeError: .* has no attribute '(\w+)'/g, templates: [...WRONG_NAME, "missing-guard"] },
  {
    pattern: /TypeError: (?:[\w$.[\]()]*\.)?(\w+) is not a (?:function|constructor)/g,
    templates: WRONG_NAME,
  },
  {
    pattern: /Cannot (?:read|set) propert(?:y|ies) .*?\b(?:reading|setting) '(\w+)'/g,
    templates: [
      "variable",
      "off-by-one",
      "missing-guard",
      "constant",
      "logic",
      "negation",
      "comparison",
      "condition",
      "wrong-name",
    ],
  },
  {
    pattern:
      /TypeError: .*(?:not subscriptable|not callable|not iterable|is not iterable|object cannot be interpreted|unsupported operand|must be|not supported between|bad operand|can only concatenate|no len\(\))/g,
    templates: WRONG_VALUE,
  },
  {
    pattern: /TypeError: .*(?:positional arguments?|unexpected keyword|missing \d+ required)/g,
    templates: ["argument", "wrong-name", "swapped-arguments"],
  },
  {
    pattern: /IndexError|RangeError: Invalid (?:array|string|count)/g,
    templates: [
      "off-by-one",
      "comparison",
      "constant",
      "variable",
      "slice",
      "missing-guard",
      "argument",
      "logic",
    ],
  },
  {
    pattern: /ZeroDivisionError|(?:min|max)\(\) (?:arg|iterable)/g,
    templates: ["missing-guard", "comparison", "negation", "off-by-one", "constant", "variable", "condition"],
  },
  {
    pattern: /RecursionError|Maximum call stack/g,
    templates: [
      "missing-guard",
      "comparison",
      "condition",
      "constant",
      "off-by-one",
      "argument",
      "variable",
      "arithmetic",
    ],
  },
];

/** Reads the errors out of a test run's output. Assertion failures say nothing about the edit and are skipped. */
export function errorHints(output: string): ErrorHint[] {
  return RULES.flatMap(({ pattern, templates }) =>
    [...output.matchAll(pattern)].slice(0, 3).map((match) => ({ word: match[1] ?? null, templates })),
  );
}

/** What a test that never ends says: something in a loop does not move on. */
export const HANGING: ErrorHint = {
  word: null,
  templates: [
    "off-by-one",
    "assignment",
    "comparison",
    "arithmetic",
    "variable",
    "constant",
    "missing-statement",
    "misplaced-statement",
    "negation",
  ],
};

/** How much likelier an edit is in the light of the errors: 1 without any. */
export function weighByErrors(hints: readonly ErrorHint[]): (candidate: Candidate) => number {
  if (hints.length === 0) return () => 1;
  return ({ unit, start, end, template }) => {
    const old = unit.text.slice(start, end);
    let best = 0.6;
    for (const { word, templates } of hints) {
      const named = word !== null && old.length < 80 && new RegExp(`(^|\\W)${word}(\\W|$)`).test(old);
      best = Math.max(best, (templates.includes(template) ? 1.5 : 0.6) * (named ? 2.2 : 1));
    }
    return best;
  };
}
