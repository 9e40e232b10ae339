import { endsValue } from "../source/expressions.ts";
import { textAt } from "../source/unit.ts";
import { nearestFirst } from "./ingredients.ts";
import {
  byLanguage,
  type Choice,
  choices,
  choiceTable,
  type Proposal,
  replace,
  type Site,
} from "./template.ts";

/** Numbers, strings, the literal words and empty collections. */
export function* constant(site: Site): Iterable<Proposal> {
  const token = site.unit.tokens[site.index];
  if (token?.kind === "number") yield* numbers(site, token.text);
  else if (token?.kind === "string") yield* strings(site, token.text);
  else if (token?.kind === "keyword") yield* words(site, token.text);
  else if (token?.text === "[" || token?.text === "{") yield* emptyCollection(site);
}

function* numbers({ unit, index, pool }: Site, text: string): Iterable<Proposal> {
  const size = Number(text.replaceAll("_", ""));
  if (!Number.isFinite(size)) return;
  const sign = textAt(unit, index - 1);
  // A minus sign belongs to its number: -1 becomes 0, not -0.
  const signed = sign === "-" && !endsValue(unit, index - 2);
  const added = !signed && (sign === "+" || sign === "-");
  const span = { first: signed ? index - 1 : index, last: index };
  const old = signed ? `-${text}` : text;
  const value = signed ? -size : size;
  const near = nearestFirst(pool.numbers, text, unit.tokens[index]?.line ?? 0, 5);
  const options = [
    ...(Number.isInteger(value)
      ? integers(value, sign === "[" && textAt(unit, index + 1) === "]")
      : decimals(value)),
    ...near.map((one, rank): Choice => [one, 0.3 / (1 + rank * 0.4)]),
  ];
  for (const [to, weight] of options) {
    // "+ 0" is written by dropping the operand, which is another template's edit; "+ -1" by turning the sign.
    const prior = added && (to === "0" || to.startsWith("-")) ? weight * 0.1 : weight;
    yield replace(unit, span, "constant", [to, prior], `the constant is ${old} where ${to} is meant`);
  }
}

function integers(value: number, index: boolean): Choice[] {
  const small = Math.abs(value) <= 2;
  return [
    [String(value + 1), index ? 0.8 : 0.65],
    [String(value - 1), index ? 0.8 : value === 0 ? 0.5 : 0.65],
    ["0", small ? 0.5 : 0.2],
    ["1", small ? 0.5 : 0.2],
    ["2", 0.25],
    [String(-value), index ? 0.5 : 0.3],
    [String(value + 2), 0.12],
    [String(value * 2), 0.1],
    [String(value * 10), 0.12],
    [String(Math.floor(value / 10)), 0.1],
    [String(Math.floor(value / 2)), 0.08],
  ];
}

function decimals(value: number): Choice[] {
  const made: Choice[] = [
    [decimal(value + 1), 0.4],
    [decimal(value - 1), 0.4],
    [decimal(value * 10), 0.2],
    [decimal(value / 10), 0.2],
    [decimal(value * 2), 0.15],
    [decimal(-value), 0.2],
  ];
  return [...made, ...choices("1.0 25  0.0 20")];
}

function decimal(value: number): string {
  const text = String(Number(value.toPrecision(12)));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function* strings(site: Site, text: string): Iterable<Proposal> {
  const { unit, index, pool } = site;
  if (isDocstring(site)) return;
  const near = nearestFirst(pool.strings, text, unit.tokens[index]?.line ?? 0, 6);
  const made = near.map((one, rank): Choice => [one, 0.45 / (1 + rank * 0.5)]);
  const quote = text.at(-1) ?? '"';
  const open = text.indexOf(quote);
  if (quote !== "`" && open >= 0 && !text.startsWith(quote.repeat(3)))
    for (const [inner, prior] of otherTexts(text.slice(open + 1, -1)))
      made.push([text.slice(0, open) + quote + inner + quote, prior]);
  for (const choice of made)
    yield replace(unit, index, "constant", choice, "the text constant is the wrong one");
}

function otherTexts(inner: string): Choice[] {
  if (inner === "") return [[" ", 0.35]];
  return [
    ["", inner.length <= 2 ? 0.35 : 0.04],
    [inner.trim(), 0.2],
    [`${inner} `, /^[,:;]$/.test(inner) ? 0.2 : 0.02],
    [inner.replace(/^[-_]$/, (mark) => (mark === "-" ? "_" : "-")), 0.2],
    [inner.toLowerCase(), 0.15],
    [inner.toUpperCase(), 0.12],
  ];
}

function isDocstring({ unit, index }: Site): boolean {
  const token = unit.tokens[index];
  const line = unit.lines[token?.line ?? 0];
  return unit.language === "python" && line?.firstToken === index && line.code === token?.start;
}

const WORDS = choiceTable({
  True: "False 80  None 10",
  False: "True 80  None 10",
  None: "0 25  [] 25  '' 20  False 20  True 12  {} 12",
  true: "false 80",
  false: "true 80",
  null: "undefined 40  [] 20  '' 20  0 15  false 15",
  undefined: "null 40  0 15  [] 15  '' 15  false 12",
});

function* words({ unit, index }: Site, text: string): Iterable<Proposal> {
  for (const choice of WORDS.get(text) ?? [])
    yield replace(unit, index, "constant", choice, `the value is ${text} where ${choice[0]} is meant`);
}

function* emptyCollection({ unit, index }: Site): Iterable<Proposal> {
  const close = unit.partner[index];
  if (close !== index + 1 || endsValue(unit, index - 1)) return;
  const list = textAt(unit, index) === "[";
  if (!list && unit.language !== "python") return;
  const none = byLanguage(unit, "None", "null");
  const options = choices(list ? `[[]] 20  ${none} 12  [0] 10  {} 8` : "set() 20  [] 12");
  for (const choice of options)
    yield replace(
      unit,
      { first: index, last: close },
      "constant",
      choice,
      `\`${choice[0]}\` is meant for the empty value`,
    );
}
