import { around, field, isTarget, type SyntaxNode } from "../source/tree.ts";
import { type SourceUnit, textOf } from "../source/unit.ts";
import { type Kind, kindOf, useOf } from "./ingredients.ts";
import { choices, type Edit, inLanguage, put, type Site, type TemplateName } from "./template.ts";

/**
 * Operators, words of the languages and empty values, with what is meant in their stead. A map, not an object: words
 * like `constructor` must not find anything.
 */
const WORDS = new Map(
  Object.entries({
    "<": "<= 90  > 55  >= 45  != 15  == 12",
    "<=": "< 90  >= 55  > 45  == 15  != 8",
    ">": ">= 90  < 55  <= 45  != 15  == 12",
    ">=": "> 90  <= 55  < 45  == 15  != 8",
    "==": "!= 85  <= 30  >= 30  === 20  < 15  > 15",
    "!=": "== 85  < 25  > 25  !== 20  <= 15  >= 15",
    "===": "!== 85  >= 25  <= 25  == 20  < 12  > 12",
    "!==": "=== 85  < 20  > 20  != 20  >= 10  <= 10",
    in: "not in 60",
    "not in": "in 60",
    is: "is not 60  == 30",
    "is not": "is 60",
    "+": "- 80  * 35  // 5  % 5  ** 5  / 4",
    "-": "+ 80  * 20  // 8  % 8  ** 6  / 6",
    "*": "/ 55  + 50  // 35  ** 35  - 15  % 15",
    "/": "* 60  // 60  % 30  - 10  + 6  ** 4",
    "//": "% 60  * 50  / 45  + 6  - 6  ** 4",
    "%": "// 55  / 45  * 30  + 6  - 6  ** 4",
    "**": "* 70  + 10  - 8  / 8  // 8  % 8",
    "&": "| 60  ^ 50",
    "|": "& 60  ^ 50",
    "^": "& 60  | 50  ** 20",
    "<<": ">> 70  * 5",
    ">>": "<< 70  >>> 30",
    ">>>": ">> 40  << 30",
    and: "or 80",
    or: "and 80",
    "&&": "|| 80  ?? 3",
    "||": "&& 75  ?? 35",
    "??": "|| 50  && 15",
    "=": "+= 35  -= 8  *= 6",
    "+=": "-= 75  = 40  *= 30  //= 8  /= 6  |= 4",
    "-=": "+= 75  = 25  *= 10  //= 8  /= 6  %= 5",
    "*=": "+= 45  /= 40  //= 40  = 20  **= 10",
    "/=": "//= 50  *= 50  -= 20",
    "//=": "%= 45  /= 40  *= 40  -= 15",
    "%=": "//= 50  /= 20  -= 15",
    "&=": "|= 60  ^= 40",
    "|=": "&= 60  ^= 40",
    "^=": "&= 50  |= 50",
    "<<=": ">>= 70",
    ">>=": "<<= 70",
    "||=": "??= 50  &&= 30",
    "&&=": "||= 50",
    "??=": "||= 50",
    "++": "-- 70",
    "--": "++ 70",
    break: "continue 60",
    continue: "break 60",
    pass: "break 12  continue 12",
    while: "if 12",
    if: "while 12",
    elif: "if 20",
    True: "False 80  None 10",
    False: "True 80  None 10",
    None: "0 25  [] 25  '' 20  False 20  True 12  {} 12",
    true: "false 80",
    false: "true 80",
    null: "undefined 40  [] 20  '' 20  0 15  false 15",
    undefined: "null 40  0 15  [] 15  '' 15  false 12",
    "[]": "[[]] 20  [0] 10  {} 8",
    "{}": "[] 12",
  }).map(([word, row]) => [word, choices(row)]),
);
const FOREIGN = { python: /^([=!]==|>>>)$/, script: /^(\/\/=?)$/ };

/** Whose words they are, and the template that exchanges them. */
const OWNERS: readonly (readonly [RegExp, TemplateName])[] = [
  [/^comparison$/, "comparison"],
  [/^arithmetic$/, "arithmetic"],
  [/^logic$/, "logic"],
  [/^(assignment|augmented|update)$/, "assignment"],
  [/^(jump|if|while|clause)$/, "loop-control"],
  [/^(constant|list|mapping)$/, "constant"],
];
const LONGEST_WORD = 9;

/** Operators, words of the language and empty values, where another one is meant. */
export function* otherWords(site: Site): Iterable<Edit> {
  const { unit, node } = site;
  const owner = node.role === "token" ? node.parent : node;
  const name = OWNERS.find(([roles]) => owner !== null && roles.test(owner.role))?.[1];
  if (owner === null || name === undefined || node.end - node.start > LONGEST_WORD) return;
  const text = textOf(unit, node);
  if (text === "=" && !isReassignment(site)) return;
  for (const [to, prior] of WORDS.get(text) ?? [])
    if (!inLanguage(unit, FOREIGN).test(to))
      yield put(
        name,
        node,
        to,
        prior * doubt(site, owner),
        `another ${node.role === "token" ? "operator or word" : "value"} is meant`,
      );
}

/** A value compared with itself is a wrong variable, whatever the operator, and texts are hardly calculated with. */
function doubt({ unit }: Site, { role, parts }: SyntaxNode): number {
  const [left, right] = parts;
  if (role === "arithmetic" && parts.some((part) => part.role === "string")) return 0.15;
  return role === "comparison" && left && right && textOf(unit, left) === textOf(unit, right) ? 0.15 : 1;
}

/** `name = …` of what has a value already, so that `name += …` can run. */
function isReassignment({ unit, node, pool }: Site): boolean {
  const target = node.parent === null ? undefined : field(node.parent, "left");
  if (target?.role !== "name") return target?.role === "subscript" || target?.role === "attribute";
  return pool.isSetBefore(textOf(unit, target), node.line);
}

/** Names that are mistaken for one another, in groups. */
const GROUPS = `min max|floor ceil round trunc|any all|some every|push unshift|pop shift|append extend insert
append appendleft|pop popleft|add update discard|startsWith endsWith includes|startswith endswith
indexOf lastIndexOf findIndex|find rfind index|find filter|map filter forEach flatMap|upper lower title capitalize swapcase
isupper islower|isdigit isalpha isalnum isspace isnumeric|toUpperCase toLowerCase|trim trimStart trimEnd
strip lstrip rstrip|padStart padEnd|ljust rjust center zfill|slice splice substring substr|keys values entries items
parseInt parseFloat Number|split rsplit partition|isNaN isFinite isInteger|reduce reduceRight|sort sorted reverse reversed
first last|left right|next prev previous|width height|start end|has get|encodeURIComponent encodeURI
decodeURIComponent decodeURI|int float round|list set tuple sorted|sum max min len|ord chr|exec test match
replace replaceAll|concat push|resolve reject|floor round int|setdefault get|getFullYear getUTCFullYear
getMonth getUTCMonth|getDate getUTCDate getDay|getHours getUTCHours|getMinutes getUTCMinutes`
  .split(/[|\n]/)
  .map((group) => group.split(" "));

/** What is exchanged for the like of it from the same function: the template, and the prior of the nearest. */
const ALIKE: Partial<Record<Kind, readonly [TemplateName, prior: number]>> = {
  variable: ["variable", 0.55],
  function: ["wrong-name", 0.3],
  method: ["wrong-name", 0.3],
  property: ["wrong-name", 0.3],
  number: ["constant", 0.3],
  string: ["constant", 0.45],
};

/** A name, a number or a text where a related one, or a neighbouring one of the same kind, is meant. */
export function* otherNames(site: Site): Iterable<Edit> {
  const { unit, node, pool } = site;
  const kind = kindOf(node);
  const [name, prior] = (kind === null ? undefined : ALIKE[kind]) ?? [];
  if (kind === null || name === undefined || prior === undefined || isFixedText(unit, node)) return;
  const text = textOf(unit, node);
  const partners = new Set(GROUPS.filter((group) => group.includes(text)).flat());
  partners.delete(text);
  for (const [rank, to] of kind === "variable" ? [] : [...partners].entries())
    yield put(name, node, to, 0.75 / (1 + rank * 0.35), `another ${kind} is meant`);
  const scale = prior * (isTarget(node) ? 0.36 : 1);
  for (const [to, weight] of pool.near(kind, node.line, text))
    if (kind !== "variable" || !isType(to))
      yield put(
        name,
        node,
        to,
        scale * weight * (kind === "variable" ? likeness(site, to) : 1),
        `another ${kind} is meant`,
      );
}

/** Capitalised names are mostly types. */
const isType = (name: string) => /^[A-Z][a-z]/.test(name);

/**
 * A name beside an operator with the same name on its other side is likely wrong; one that would be is hardly meant.
 * Names that the function never sets are mostly functions and modules.
 */
function likeness({ unit, node, pool }: Site, to: string): number {
  const text = textOf(unit, node);
  const home = node.parent;
  const isOperation = home !== null && /^(arithmetic|comparison|logic|assignment)$/.test(home.role);
  const others = (isOperation ? home.parts : [])
    .filter((one) => one !== node)
    .flatMap((one) => [one, ...one.parts]);
  const beside = (name: string) => others.some((one) => textOf(unit, one) === name);
  const known = (name: string) => (pool.has("set", name) ? 1 : 0.6);
  const use = useOf(node);
  const isUnfit = use !== null && !pool.has(use, to) && pool.has(use === "opened" ? "counted" : "opened", to);
  return (isUnfit ? UNFIT : 1) * known(to) * known(text) * (beside(text) ? 2.5 : beside(to) ? 0.3 : 1);
}

const UNFIT = 0.25;

/** A docstring, or the name of a module. */
export function isFixedText(unit: SourceUnit, node: SyntaxNode): boolean {
  if (node.role !== "string") return false;
  const call = around(node.parent, ({ role }) => role !== "arguments");
  return (
    node.parent?.role === "expression" || (call !== null && unit.text.startsWith("require(", call.start))
  );
}
