import { endsValue } from "../source/expressions.ts";
import { textAt } from "../source/unit.ts";
import { choiceTable } from "./choices.ts";
import { nearestFirst } from "./ingredients.ts";
import { type Proposal, replaceToken, type Site } from "./template.ts";

/** Numbers, strings and the literal words. */
export function* constant(site: Site): Iterable<Proposal> {
  const token = site.unit.tokens[site.index];
  if (token?.kind === "number") yield* numbers(site, token.text);
  else if (token?.kind === "string") yield* strings(site, token.text);
  else if (token?.kind === "keyword") yield* words(site, token.text);
  else if (token?.text === "[" || token?.text === "{") yield* emptyCollection(site);
}

function* numbers(site: Site, text: string): Iterable<Proposal> {
  const { unit, index, pool } = site;
  const size = Number(text.replaceAll("_", ""));
  if (!Number.isFinite(size)) return;
  const token = unit.tokens[index];
  const sign = textAt(unit, index - 1);
  const signed = sign === "-" && !endsValue(unit, index - 2);
  const added = !signed && (sign === "+" || sign === "-");
  // A minus sign belongs to its number: -1 becomes 0, not -0.
  const start = (signed ? unit.tokens[index - 1]?.start : token?.start) ?? 0;
  const end = token?.end ?? 0;
  const old = signed ? `-${text}` : text;
  const value = signed ? -size : size;
  const options = Number.isInteger(value)
    ? integers(value, textAt(unit, index - 1) === "[" && textAt(unit, index + 1) === "]")
    : decimals(value, old);
  for (const [rank, near] of nearestFirst(pool.numbers, text, token?.line ?? 0, 5).entries())
    options.push([near, 0.3 / (1 + rank * 0.4)]);
  const seen = new Set([old]);
  for (const [to, weight] of options) {
    if (seen.has(to)) continue;
    seen.add(to);
    // "+ 0" is written by dropping the operand, which is another template's edit; "+ -1" by turning the sign.
    const prior = added && (to === "0" || to.startsWith("-")) ? weight * 0.1 : weight;
    yield {
      template: "constant",
      start,
      end,
      text: to,
      prior,
      why: `the constant is ${old} where ${to} is meant`,
    };
  }
}

type Option = [text: string, prior: number];

function integers(value: number, index: boolean): Option[] {
  const small = Math.abs(value) <= 2;
  const options: Option[] = [
    [String(value + 1), index ? 0.8 : 0.65],
    [String(value - 1), index ? 0.8 : value === 0 ? 0.5 : 0.65],
    ["0", small ? 0.5 : 0.2],
    ["1", small ? 0.5 : 0.2],
    ["2", 0.25],
    [String(-value), index ? 0.5 : 0.3],
    [String(value + 2), 0.12],
    [String(value * 2), 0.1],
    [String(value * 10), 0.12],
  ];
  if (value >= 10)
    options.push([String(Math.floor(value / 10)), 0.12], [String(Math.floor(value / 2)), 0.08]);
  return options;
}

function decimals(value: number, text: string): Option[] {
  return [
    [decimal(value + 1), 0.4],
    [decimal(value - 1), 0.4],
    ["1.0", 0.25],
    ["0.0", 0.2],
    [decimal(value * 10), 0.2],
    [decimal(value / 10), 0.2],
    [decimal(value * 2), 0.15],
    [text.startsWith("-") ? text.slice(1) : `-${text}`, 0.2],
  ];
}

function decimal(value: number): string {
  const text = String(Number(value.toPrecision(12)));
  return /[.e]/.test(text) ? text : `${text}.0`;
}

function* strings(site: Site, text: string): Iterable<Proposal> {
  const { unit, index, pool } = site;
  const line = unit.tokens[index]?.line ?? 0;
  if (isDocstring(site)) return;
  const why = "the text constant is the wrong one";
  const quote = text.at(-1) ?? '"';
  const open = text.indexOf(quote);
  const inner = text.slice(open + 1, -1);
  const made: [string, number][] = [];
  for (const [rank, near] of nearestFirst(pool.strings, text, line, 6).entries())
    made.push([near, 0.45 / (1 + rank * 0.5)]);
  if (quote !== "`" && open >= 0 && !text.startsWith(quote.repeat(3))) {
    const wrap = (body: string) => text.slice(0, open) + quote + body + quote;
    if (inner === "") made.push([wrap(" "), 0.35]);
    else {
      if (inner.length <= 2) made.push([wrap(""), 0.35]);
      if (inner.trim() !== inner) made.push([wrap(inner.trim()), 0.2], [wrap(inner.replace(/\s$/, "")), 0.1]);
      if (inner === "," || inner === ":" || inner === ";") made.push([wrap(`${inner} `), 0.2]);
      if (inner === "-" || inner === "_") made.push([wrap(inner === "-" ? "_" : "-"), 0.2]);
      if (inner !== inner.toLowerCase()) made.push([wrap(inner.toLowerCase()), 0.15]);
      if (inner !== inner.toUpperCase()) made.push([wrap(inner.toUpperCase()), 0.12]);
      if (inner.length > 4 && /^(\w)(?!\1+$)/.test(inner)) made.push([wrap(inner.slice(1)), 0.03]);
    }
  }
  for (const [to, prior] of made) if (to !== text) yield replaceToken(site, "constant", to, prior, why);
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

function* words(site: Site, text: string): Iterable<Proposal> {
  for (const [to, prior] of WORDS.get(text) ?? [])
    yield replaceToken(site, "constant", to, prior, `the value is ${text} where ${to} is meant`);
}

function* emptyCollection(site: Site): Iterable<Proposal> {
  const { unit, index } = site;
  const open = textAt(unit, index);
  const close = unit.partner[index];
  if (close !== index + 1 || endsValue(unit, index - 1)) return;
  if (open === "{" && unit.language !== "python") return;
  const start = unit.tokens[index]?.start ?? 0;
  const end = unit.tokens[close]?.end ?? 0;
  const none = unit.language === "python" ? "None" : "null";
  const options: [string, number][] =
    open === "["
      ? [
          ["[[]]", 0.2],
          [none, 0.12],
          ["[0]", 0.1],
          ["{}", 0.08],
        ]
      : [
          ["set()", 0.2],
          ["[]", 0.12],
        ];
  for (const [text, prior] of options)
    yield {
      template: "constant",
      start,
      end,
      text,
      prior,
      why: `the empty value is \`${open}${open === "[" ? "]" : "}"}\` where \`${text}\` is meant`,
    };
}
