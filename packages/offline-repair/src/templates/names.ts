import { precedenceOf, primaryStartingAt } from "../source/expressions.ts";
import { textAt, textOfSpan } from "../source/unit.ts";
import { type Ingredient, isValueName, nearestFirst } from "./ingredients.ts";
import { type Choice, type Proposal, replace, type Site } from "./template.ts";

function meant(old: string, to: string): string {
  return `\`${old}\` is used where \`${to}\` is meant`;
}

/** A variable where another one of the same function, a number of it or an attribute is meant. */
export function* variable(site: Site): Iterable<Proposal> {
  const { unit, index, pool } = site;
  const token = unit.tokens[index];
  if (token === undefined || !isValueName(unit, index)) return;
  const target = isTarget(site);
  const to = ([text, prior]: Choice) =>
    replace(unit, index, "variable", [text, prior], meant(token.text, text));
  const locals = pool.variables.filter((one) => isLocal(site, one));
  for (const [rank, name] of nearestFirst(locals, token.text, token.line, 7).entries())
    yield to([name, ((target ? 0.2 : 0.55) * likeness(site, name)) / (1 + rank * 0.45)]);
  if (target || textAt(unit, index + 1) === "." || textAt(unit, index + 1) === "[") return;
  for (const [rank, number] of nearestFirst(pool.numbers, "", token.line, 2).entries())
    yield to([number, 0.08 / (1 + rank)]);
  const hasSelf = unit.language === "python" && pool.variables.some((one) => one.text === "self");
  if (hasSelf && token.text !== "self") yield to([`self.${token.text}`, 0.05]);
}

/** A name beside an operator with the same name on its other side is likely wrong; one that would be is hardly meant. */
function likeness({ unit, index }: Site, name: string): number {
  const own = textAt(unit, index);
  for (const step of [-1, 1]) {
    if (precedenceOf(textAt(unit, index + step)) === undefined || textAt(unit, index + 3 * step) === ".")
      continue;
    if (textAt(unit, index + 2 * step) === own) return 2.5;
    if (textAt(unit, index + 2 * step) === name) return 0.3;
  }
  return 1;
}

/** Names that were seen as targets, parameters or plain values; capitalised ones are mostly types. */
function isLocal({ unit, pool }: Site, one: Ingredient): boolean {
  if (pool.params.includes(one.text)) return true;
  if (unit.language === "typescript" && /^(string|number|boolean|void|unknown|any|never)$/.test(one.text))
    return false;
  return !/^[A-Z][a-z]/.test(one.text);
}

function isTarget({ unit, index }: Site): boolean {
  return /^([-+*/%&|^@]?=)$/.test(textAt(unit, index + 1)) || textAt(unit, index - 1) === "for";
}

/** A call, an element or an attribute where a variable or another such expression of the function is meant. */
export function* expression({ unit, index, pool }: Site): Iterable<Proposal> {
  const token = unit.tokens[index];
  if (
    token?.kind !== "name" ||
    /^(\?\.|\.|def|class|function|new|import|from)$/.test(textAt(unit, index - 1))
  )
    return;
  const span = primaryStartingAt(unit, index);
  if (span === null || span.last === index || unit.tokens[span.last]?.line !== token.line) return;
  const old = textOfSpan(unit, span);
  const put = (choice: Choice) => replace(unit, span, "expression", choice, meant(old, choice[0]));
  const target = textAt(unit, span.last + 1) === "=";
  for (const [rank, name] of nearestFirst(pool.expressions, old, token.line, 6).entries())
    yield put([name, 0.12 / (1 + rank * 0.4)]);
  if (target || textAt(unit, span.last) === "") return;
  for (const [rank, name] of nearestFirst(pool.variables, token.text, token.line, 6).entries())
    yield put([name, 0.1 / (1 + rank * 0.5)]);
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

/** A function, method or attribute name where a related or neighbouring one is meant. */
export function* wrongName({ unit, index, pool }: Site): Iterable<Proposal> {
  const token = unit.tokens[index];
  if (token?.kind !== "name") return;
  const before = textAt(unit, index - 1);
  const attribute = before === "." || before === "?.";
  const called = textAt(unit, index + 1) === "(";
  if ((!attribute && !called) || before === "def" || before === "function") return;
  const partners = new Set(GROUPS.filter((group) => group.includes(token.text)).flat());
  partners.delete(token.text);
  const kind = attribute ? (called ? pool.methods : pool.properties) : pool.functions;
  const near = nearestFirst(kind, token.text, token.line, 5);
  const options: Choice[] = [
    ...[...partners].map((name, rank): Choice => [name, 0.75 / (1 + rank * 0.35)]),
    ...near.map((name, rank): Choice => [name, 0.3 / (1 + rank * 0.5)]),
  ];
  for (const choice of options)
    yield replace(unit, index, "wrong-name", choice, meant(token.text, choice[0]));
}
