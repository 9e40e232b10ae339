import { type Form, fill, formsOf } from "./fill.ts";
import { type Place, weightAt } from "./places.ts";
import { type Both, type Edit, inLanguage, put, type Site, type TemplateName } from "./template.ts";

const OPPOSITE = "the condition is the wrong way round";
const INSTEAD = "another value is meant";
const LACKS = "the condition lacks a part";
const ORDER = "the operands are in the wrong order";
const STEP = "the value lacks a last step";
const PASSES = "the value must not pass a bound";

/**
 * What may be put where: the name of the template, the place, the texts in its stead with their priors in percent (see
 * `fill.ts`), what was wrong, and, where the languages differ, JavaScript's texts at the end.
 */
const TABLE: readonly (readonly [TemplateName, Place, forms: string, why: string, script?: string])[] = [
  ["negation", "not", "$1 75", OPPOSITE],
  ["negation", "doubted", "not <$> 100", OPPOSITE, "!<$> 100"],
  ["negation", "unary", "$1 55", "the sign of the value is wrong"],
  ["negation", "whole", "-<$> 8", "the sign of the value is wrong"],

  ["condition", "asked", "True 12", "the condition should not be there", "true 12"],
  ["condition", "askedByBranch", "False 15", "the branch should never be taken", "false 15"],
  ["condition", "asked", "{condition} 12", "the condition is that of another branch"],
  [
    "condition",
    "asked",
    "<$> and {condition} 6  <$> or {condition} 6",
    LACKS,
    "<$> && {condition} 6  <$> || {condition} 6",
  ],
  ["condition", "asked", "{test} and <$> 10  {test} or <$> 10", LACKS, "{test} && <$> 10  {test} || <$> 10"],
  ["condition", "asked", "{test} 1  {comparison} 4", INSTEAD],
  ["condition", "askedAlways", "{test} 8  {comparison} 30", INSTEAD],
  [
    "condition",
    "askedAlways",
    "{variable} == {variable} 12  {variable} != {variable} 12  {variable} < {variable} 12  {variable} <= {variable} 8  " +
      "{variable} in {variable} 10  {variable} not in {variable} 8  {variable} % 2 == 0 10  {variable} % 2 == 1 8",
    INSTEAD,
    "{variable} === {variable} 12  {variable} !== {variable} 12  {variable} < {variable} 12  {variable} <= {variable} 8  " +
      "{variable} % 2 === 0 8",
  ],
  ["condition", "logic", "$1 30  $2 30", "one part of the condition does not belong there"],
  [
    "condition",
    "ternary",
    "$3 if $2 else $1 40",
    "the two branches are the wrong way round",
    "$1 ? $3 : $2 40",
  ],
  ["condition", "ternary", "$1 10  $3 10", "the value does not depend on the condition", "$2 10  $3 10"],

  ["off-by-one", "count", "$ + 1 100", "the value is one too low"],
  ["off-by-one", "count", "$ - 1 100", "the value is one too high"],
  ["off-by-one", "factor", "($ + 1) 100  ($ - 1) 100", "the factor is one off"],
  ["off-by-one", "step", "$1 60", "the value is one off"],
  ["off-by-one", "range", "1, $ 35  2, $ 8", "the range starts too early"],

  ["swapped-operands", "ordered", "$2 $op $1 45", ORDER],
  ["operand", "arithmetic", "$1 30  $2 25", "one operand does not belong there"],
  [
    "operand",
    "whole",
    "<$> + {variable} 13  <$> - {variable} 8  <$> * {variable} 5  <$> + {expression} 6",
    "the value lacks an operand",
  ],
  ["operand", "value", "$ ** 2 3  $ * $ 3", "the square is meant"],

  ["expression", "chain", "{expression} 12", INSTEAD],
  ["expression", "value", "{variable} 10", INSTEAD],
  ["variable", "value", "{number} 8", INSTEAD],
  [
    "assignment",
    "assigned",
    "max($target, $) 10  min($target, $) 10  max(0, $) 10",
    PASSES,
    "Math.max($target, $) 6  Math.min($target, $) 6  Math.max(0, $) 6",
  ],

  ["extra-call", "callWithOne", "$2.1 30", "the call does not belong there"],
  ["extra-call", "methodCall", "$1.1 25", "the call does not belong there"],
  ["dropped-call", "value", "{function}($) 16", STEP],
  [
    "dropped-call",
    "value",
    "len($) 5  abs($) 5  sorted($) 5  str($) 5  int($) 5  list($) 5  set($) 5  reversed($) 5  sum($) 5  max($) 5  min($) 5  float($) 4  round($) 4",
    STEP,
    "Math.abs($) 5  Math.floor($) 5  Math.ceil($) 4  Math.round($) 4  String($) 5  Number($) 5  Boolean($) 3  Array.from($) 3",
  ],
  [
    "dropped-call",
    "value",
    "$.copy() 5  $[:] 5  $[::-1] 5  $.lower() 5  $.upper() 5  $.strip() 5  $[1:] 5  $[:-1] 5  $[{variable}:] 7  $[:{variable}] 4",
    STEP,
    "$.length 6  $.slice() 5  $.toLowerCase() 5  $.toUpperCase() 5  $.trim() 5  $.reverse() 5  $.sort() 5  $.slice(1) 5  $.slice(0,-1) 5  $.slice({variable}) 5",
  ],
  ["dropped-call", "value", "$[{index}] 15  $[{variable}] 4  $.{property} 5  $.{method}() 4", STEP],
  ["dropped-call", "object", "$[{index}] 3  $.{property} 3  $.{method}() 3", STEP],
  ["dropped-call", "call", "", "the promise is not awaited", "await $ 12"],

  ["slice", "subscript", "$1 20", "the index or slice does not belong there"],
  ["slice", "index", "$: 15  :$ 15  :: 1", "a part is meant, not an element", ""],

  ["return-value", "emptyReturn", "return {variable} 40", "nothing is returned"],
  ["return-value", "dropped", "return $ 35", "the value is not returned"],
  ["return-value", "returned", "{variable} 25  {expression} 6", "the wrong value is returned"],
  [
    "return-value",
    "returned",
    "True 14  False 12  None 11  0 10  1 9  -1 8  [] 8  '' 7",
    "the wrong value is returned",
    "true 14  false 12  null 11  undefined 10  0 9  1 8  -1 8  [] 7  '' 7",
  ],
  ["return-value", "returned", "{variable} + <$> 10", "the returned value lacks a part"],
  ["return-value", "returned", "-<$> 15", "the sign of the result is wrong"],
  [
    "return-value",
    "returned",
    "[$] 5  sorted($) 5  list($) 5  len($) 5  abs($) 5  sum($) 5  set($) 5  str($) 5  tuple($) 5",
    STEP,
    "",
  ],
  [
    "return-value",
    "returnedConstant",
    "{comparison} 12  {condition} 8  {expression} 8",
    "the wrong value is returned",
  ],
  [
    "return-value",
    "returnedConstant",
    "{string} 15  {step}({variable}) 9  {step}({step}({variable})) 6  {step}({variable}.{turn}()) 6  " +
      "{step}({step}({variable}.{turn}())) 5  {variable}.{turn}() 5  ''.join({variable}) 6  {variable}[::-1] 5  " +
      "{variable} + {variable} 6  {variable} - {variable} 5  {variable} * {variable} 5  {variable} / {variable} 3  " +
      "{variable} // {variable} 3  {variable} ** 2 5  {variable} == {variable} 6  {variable} in {variable} 4  " +
      "[one for one in {variable} if {variable} in one] 3",
    "a value is to be computed",
    "{string} 15",
  ],

  ["assignment", "dropped", "$1.1 = $2.1 8  $1.1 = $ 5", "the result is not kept"],
];

interface Rule {
  name: TemplateName;
  place: Place;
  why: string;
  forms: Both<Form[]>;
}

const RULES: readonly Rule[] = TABLE.map(([name, place, forms, why, script = forms]) => ({
  name,
  place,
  why,
  forms: { python: formsOf(forms), script: formsOf(script) },
}));

/** What the table says of a node. */
export function* tabled(site: Site): Iterable<Edit> {
  for (const { name, place, why, forms } of RULES) {
    const weight = weightAt(place, site.node, site.unit);
    if (weight === 0) continue;
    for (const form of inLanguage(site.unit, forms))
      for (const [text, prior] of fill(site, form)) yield put(name, site.node, text, prior * weight, why);
  }
}
