import { callArguments, missingCall } from "./calls.ts";
import { condition, negation, returnValue, ternary } from "./conditions.ts";
import { constant } from "./constants.ts";
import { missingGuard, missingStatement } from "./insertions.ts";
import { expression, variable, wrongName } from "./names.ts";
import { arithmetic, assignment, boundary, comparison, logic } from "./operators.ts";
import { deletedStatement, keptResult, loopControl, movedStatement } from "./statements.ts";
import type { LineTemplate, TokenTemplate } from "./template.ts";
import { bounded, missingOperand, offByOne, operands, sign, slices } from "./values.ts";

/** Every template that looks at one token. A new one is a function in a file of its subject and a line here. */
export const TOKEN_TEMPLATES: readonly TokenTemplate[] = [
  comparison,
  boundary,
  arithmetic,
  logic,
  assignment,
  negation,
  sign,
  constant,
  offByOne,
  variable,
  expression,
  wrongName,
  callArguments,
  missingCall,
  slices,
  condition,
  ternary,
  operands,
  returnValue,
  missingOperand,
  bounded,
];

/** Every template that looks at one line. */
export const LINE_TEMPLATES: readonly LineTemplate[] = [
  deletedStatement,
  movedStatement,
  loopControl,
  keptResult,
  missingGuard,
  missingStatement,
];
