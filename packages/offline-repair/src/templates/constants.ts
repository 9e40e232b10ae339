import { operatorsOf } from "../source/tree.ts";
import { textOf } from "../source/unit.ts";
import { type Choice, choices, type Edit, put, type Site } from "./template.ts";
import { isFixedText } from "./words.ts";

const MEANT = "the constant is the wrong one";

/** Numbers and texts near the one that is written. */
export function* otherConstants(site: Site): Iterable<Edit> {
  const { unit, node } = site;
  const text = textOf(unit, node);
  if (node.role === "number") yield* numbers(site, text);
  else if (node.role === "string" && !isFixedText(unit, node)) {
    const [, open = "", inner = "", close] = /^([a-zA-Z]*["'])([^\n]*)(["'])$/.exec(text) ?? [];
    for (const [to, prior] of close === undefined || /^["']{2}./.test(text) ? [] : otherTexts(inner))
      yield put("constant", node, open + to + close, prior, MEANT);
  }
}

function* numbers({ unit, node }: Site, text: string): Iterable<Edit> {
  const size = Number(text.replaceAll("_", ""));
  const { parent } = node;
  if (!Number.isFinite(size)) return;
  // A minus sign belongs to its number: -1 becomes 0, not -0.
  const signed = parent?.role === "unary" && textOf(unit, parent).startsWith("-") ? parent : null;
  const value = signed ? -size : size;
  const sign = parent === null ? "" : (operatorsOf(parent)[0]?.type ?? "");
  const isIndex = node.field === "index" || node.field === "subscript";
  for (const [to, prior] of Number.isInteger(value) ? integers(value, isIndex) : decimals(value)) {
    // "+ 0" is written by dropping the operand, which is another template's edit; "+ -1" by turning the sign.
    const odd = /^[-+]$/.test(sign) && node === parent?.parts[1] && (to === "0" || to.startsWith("-"));
    yield put("constant", signed ?? node, to, odd ? prior * 0.1 : prior, MEANT);
  }
  // Operator and number wrong together: `size == 0` where `size <= 1` is meant.
  const [equal, left] = [parent && operatorsOf(parent)[0], parent?.parts[0]];
  if (parent?.role !== "comparison" || !equal?.type.startsWith("==") || left === node) return;
  const why = "the comparison treats the values beside the boundary the wrong way";
  for (const to of [`<= ${value + 1}`, `>= ${value - 1}`])
    yield put("comparison", { start: equal.start, end: node.end }, to, 0.1, why);
}

function integers(value: number, isIndex: boolean): readonly Choice[] {
  const near = isIndex ? 80 : 65;
  const known = Math.abs(value) <= 2 ? 50 : 20;
  return choices(
    `${value + 1} ${near}  ${value - 1} ${value === 0 && !isIndex ? 50 : near}  0 ${known}  1 ${known}  2 25  ${-value} ${isIndex ? 50 : 30}  ` +
      `${value + 2} 12  ${value * 2} 10  ${value * 10} 12  ${Math.floor(value / 10)} 10  ${Math.floor(value / 2)} 8`,
  );
}

function decimals(value: number): readonly Choice[] {
  const text = (other: number) => String(Number(other.toPrecision(12))).replace(/^-?\d+$/, "$&.0");
  return choices(
    `${text(value + 1)} 40  ${text(value - 1)} 40  ${text(value * 10)} 20  ${text(value / 10)} 20  ${text(value * 2)} 15  ${text(-value)} 20  1.0 25  0.0 20`,
  );
}

const FILLINGS = choices(", 12  - 10  _ 6  . 6  0 6  / 6  : 5  \\n 5");

function otherTexts(inner: string): readonly Choice[] {
  if (inner === "") return [[" ", 0.35], [", ", 0.12], ...FILLINGS];
  return [
    ["", inner.length <= 2 ? 0.35 : 0.04],
    [inner.trim(), 0.2],
    [`${inner} `, /^[,:;]$/.test(inner) ? 0.2 : 0.02],
    [inner.replace(/^[-_]$/, (mark) => (mark === "-" ? "_" : "-")), 0.2],
    [inner.toLowerCase(), 0.15],
    [inner.toUpperCase(), 0.12],
  ];
}
