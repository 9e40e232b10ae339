import { callArguments, missingCall } from "./calls.ts";
import { condition, negation } from "./conditions.ts";
import { constant } from "./constants.ts";
import { missingGuard, missingStatement } from "./guards.ts";
import { variable, wrongName } from "./names.ts";
import { offByOne } from "./off-by-one.ts";
import { operands, ternary } from "./operands.ts";
import { arithmetic, assignment, comparison, logic } from "./operators.ts";
import { slices } from "./slices.ts";
import { deletedStatement, loopControl, movedStatement } from "./statements.ts";
import type { LineTemplate, TokenTemplate } from "./template.ts";
import { missingOperand, returnValue, sign } from "./values.ts";

/** Every template that looks at one token. A new one is a function in a file of its subject and a line here. */
export const TOKEN_TEMPLATES: readonly TokenTemplate[] = [
  comparison,
  arithmetic,
  logic,
  assignment,
  negation,
  sign,
  constant,
  offByOne,
  variable,
  wrongName,
  callArguments,
  missingCall,
  slices,
  condition,
  ternary,
  operands,
  returnValue,
  missingOperand,
];

/** Every template that looks at one line. */
export const LINE_TEMPLATES: readonly LineTemplate[] = [
  deletedStatement,
  movedStatement,
  loopControl,
  missingGuard,
  missingStatement,
];
