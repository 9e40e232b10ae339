import { precedenceOf } from "../source/expressions.ts";
import { textAt } from "../source/unit.ts";
import { type Ingredient, isValueName, nearestFirst } from "./ingredients.ts";
import { type Proposal, replaceToken, type Site } from "./template.ts";

/** A variable where another one of the same function is meant. */
export function* variable(site: Site): Iterable<Proposal> {
  const { unit, index, pool } = site;
  const token = unit.tokens[index];
  if (token === undefined || !isValueName(unit, index)) return;
  const target = isTarget(site);
  const locals = pool.variables.filter((one) => isLocal(site, one));
  for (const [rank, name] of nearestFirst(locals, token.text, token.line, 7).entries()) {
    const prior = ((target ? 0.2 : 0.55) * likeness(site, name)) / (1 + rank * 0.45);
    yield replaceToken(site, "variable", name, prior, `\`${token.text}\` is used where \`${name}\` is meant`);
  }
  if (target || textAt(unit, index + 1) === "." || textAt(unit, index + 1) === "[") return;
  for (const [rank, number] of nearestFirst(pool.numbers, "", token.line, 2).entries())
    yield replaceToken(
      site,
      "variable",
      number,
      0.08 / (1 + rank),
      `\`${token.text}\` is used where ${number} is meant`,
    );
  if (
    unit.language === "python" &&
    pool.variables.some((one) => one.text === "self") &&
    token.text !== "self"
  )
    yield replaceToken(
      site,
      "variable",
      `self.${token.text}`,
      0.05,
      "the attribute is meant, not the local variable",
    );
}

/** A name beside an operator with the same name on its other side is likely wrong; one that would be is hardly meant. */
function likeness({ unit, index }: Site, name: string): number {
  const own = textAt(unit, index);
  for (const [operator, other] of [
    [index - 1, index - 2],
    [index + 1, index + 2],
  ] as const) {
    if (precedenceOf(textAt(unit, operator)) === undefined || textAt(unit, other + other - operator) === ".")
      continue;
    if (textAt(unit, other) === own) return 2.5;
    if (textAt(unit, other) === name) return 0.3;
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
  const after = textAt(unit, index + 1);
  const before = textAt(unit, index - 1);
  return (
    after === "=" ||
    (after.endsWith("=") && after.length === 2 && !"<>=!".includes(after[0] ?? "")) ||
    before === "for"
  );
}

const PAIRS: readonly (readonly string[])[] = [
  ["min", "max"],
  ["floor", "ceil", "round", "trunc"],
  ["any", "all"],
  ["some", "every"],
  ["push", "unshift"],
  ["pop", "shift"],
  ["append", "extend", "insert"],
  ["append", "appendleft"],
  ["pop", "popleft"],
  ["add", "update", "discard"],
  ["startsWith", "endsWith", "includes"],
  ["startswith", "endswith"],
  ["indexOf", "lastIndexOf", "findIndex"],
  ["find", "rfind", "index"],
  ["find", "filter"],
  ["map", "filter", "forEach", "flatMap"],
  ["upper", "lower", "title", "capitalize", "swapcase"],
  ["isupper", "islower"],
  ["isdigit", "isalpha", "isalnum", "isspace", "isnumeric"],
  ["toUpperCase", "toLowerCase"],
  ["trim", "trimStart", "trimEnd"],
  ["strip", "lstrip", "rstrip"],
  ["padStart", "padEnd"],
  ["ljust", "rjust", "center", "zfill"],
  ["slice", "splice", "substring", "substr"],
  ["keys", "values", "entries", "items"],
  ["parseInt", "parseFloat", "Number"],
  ["split", "rsplit", "partition"],
  ["isNaN", "isFinite", "isInteger"],
  ["reduce", "reduceRight"],
  ["sort", "sorted", "reverse", "reversed"],
  ["first", "last"],
  ["left", "right"],
  ["next", "prev", "previous"],
  ["width", "height"],
  ["start", "end"],
  ["has", "get"],
  ["encodeURIComponent", "encodeURI"],
  ["decodeURIComponent", "decodeURI"],
  ["int", "float", "round"],
  ["list", "set", "tuple", "sorted"],
  ["sum", "max", "min", "len"],
  ["ord", "chr"],
  ["exec", "test", "match"],
  ["replace", "replaceAll"],
  ["concat", "push"],
  ["resolve", "reject"],
  ["floor", "round", "int"],
  ["setdefault", "get"],
  ["getFullYear", "getUTCFullYear"],
  ["getMonth", "getUTCMonth"],
  ["getDate", "getUTCDate", "getDay"],
  ["getHours", "getUTCHours"],
  ["getMinutes", "getUTCMinutes"],
];

/** A function, method or attribute name where a related or neighbouring one is meant. */
export function* wrongName(site: Site): Iterable<Proposal> {
  const { unit, index, pool } = site;
  const token = unit.tokens[index];
  if (token?.kind !== "name") return;
  const before = textAt(unit, index - 1);
  const attribute = before === "." || before === "?.";
  const called = textAt(unit, index + 1) === "(";
  if ((!attribute && !called) || before === "def" || before === "function") return;
  const partners = new Set(PAIRS.filter((pair) => pair.includes(token.text)).flat());
  partners.delete(token.text);
  const why = (to: string) => `\`${token.text}\` is used where \`${to}\` is meant`;
  for (const [rank, name] of [...partners].entries())
    yield replaceToken(site, "wrong-name", name, 0.75 / (1 + rank * 0.35), why(name));
  const kind = attribute ? (called ? pool.methods : pool.properties) : pool.functions;
  for (const [rank, name] of nearestFirst(kind, token.text, token.line, 5).entries())
    if (!partners.has(name)) yield replaceToken(site, "wrong-name", name, 0.3 / (1 + rank * 0.5), why(name));
}
