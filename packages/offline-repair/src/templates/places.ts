import { isPlain, type Role } from "../source/roles.ts";
import {
  around,
  assignedIn,
  conditionOf,
  field,
  isLookedInto,
  isTarget,
  nameOfFunction,
  operatorsOf,
  type SyntaxNode,
} from "../source/tree.ts";
import type { SourceUnit } from "../source/unit.ts";
import { textOf } from "../source/unit.ts";
import { kindOf } from "./ingredients.ts";

const COUNTS: Partial<Record<Role, number>> = {
  slice: 0.5,
  subscript: 0.5,
  return: 0.4,
  assignment: 0.3,
  augmented: 0.3,
  arguments: 0.2,
  group: 0.08,
  keyword: 0.08,
  list: 0.08,
  ternary: 0.08,
  tuple: 0.08,
};
const COMMUTATIVE = /^([*&|^]|[=!]==?|is|is not|in|not in|instanceof)$/;

/** What asks a condition, by the condition. */
function askerOf(node: SyntaxNode): SyntaxNode | null {
  const home = node.parent?.role === "group" ? node.parent.parent : node.parent;
  return home !== null && home !== undefined && conditionOf(home) === node ? home : null;
}

/** Whether a value is used at a node, so that another value could be. */
function isUsed(node: SyntaxNode): boolean {
  const { role, parent } = node;
  const kept = isPlain(node) || role === "arithmetic";
  return (
    kept &&
    parent !== null &&
    !/^(function|constructor|name)$/.test(node.field) &&
    parent.role !== "expression" &&
    !isTarget(node)
  );
}

/** The name of what a call calls: a method's own, empty for a callee without one. */
export function calleeOf(unit: SourceUnit, call: SyntaxNode | null): string {
  const callee = call?.role === "call" ? field(call, "function") : undefined;
  const last = callee?.role === "attribute" ? callee.parts.at(-1) : callee;
  return last === undefined ? "" : textOf(unit, last);
}

/** `depth` of `walk(child, depth)` in `function walk(node, depth)`: a function rarely calls itself with all it was given. */
function isHandedOn(node: SyntaxNode, unit: SourceUnit): boolean {
  const callee = calleeOf(unit, node.parent?.parent ?? null);
  const position = node.parent?.parts.indexOf(node) ?? -1;
  const own = around(node, (home) => home.role === "function" && nameOfFunction(home, unit.text) === callee);
  const given = own === null ? undefined : field(own, "parameters")?.parts[position];
  return given !== undefined && textOf(unit, given) === textOf(unit, node);
}

type Test = (node: SyntaxNode, unit: SourceUnit) => number | boolean;

/** Places that a role does not name, with how much a node is one: between 0 and 1. */
const PLACES = {
  /** A value by itself, the whole chain of its elements and calls. */
  value: (node) =>
    isUsed(node) && node.role !== "arithmetic" && !isLookedInto(node) && (node.role === "name" ? 1 : 0.7),
  chain: (node) => kindOf(node) === "expression",
  /** The beginning of such a chain. */
  object: (node) => isUsed(node) && isLookedInto(node),
  /** All that is assigned, returned, handed over or looked up with. */
  whole: (node) => {
    if (!isUsed(node) || isLookedInto(node)) return 0;
    const place = node.parent?.role ?? "other";
    if (/^(assignment|return|subscript|slice|generator)$/.test(place)) return 1;
    return /^(arguments|augmented)$/.test(place) ? 0.6 : 0;
  },
  /** A value that may be one too high or too low: positions and bounds first. */
  count: (node, unit) => {
    const { parent } = node;
    if (!isUsed(node) || isLookedInto(node) || parent === null) return 0;
    if (parent.role === "comparison") return parent.parts.at(-1) === node ? 0.35 : 0.15;
    const isArgument = parent.role === "arguments";
    if (isArgument && (calleeOf(unit, parent.parent) === "range" || isHandedOn(node, unit))) return 0.6;
    return COUNTS[parent.role] ?? 0;
  },
  /** A factor, whose sum needs brackets. */
  factor: (node) =>
    node.parent?.role === "arithmetic" &&
    isUsed(node) &&
    /^[*/%]/.test(operatorsOf(node.parent)[0]?.type ?? "") &&
    0.06,
  /** `a + 1`, `a - 1`; less with another number. */
  step: (node, unit) => {
    const right = node.parts[1];
    if (
      node.role !== "arithmetic" ||
      right?.role !== "number" ||
      !/^[-+]$/.test(operatorsOf(node)[0]?.type ?? "")
    )
      return 0;
    return textOf(unit, right) === "1" ? 1 : 0.5;
  },
  /** An operation whose operands cannot be exchanged. */
  ordered: (node) => {
    const sign = operatorsOf(node)[0]?.type ?? "";
    if ((node.role !== "arithmetic" && node.role !== "comparison") || COMMUTATIVE.test(sign)) return 0;
    return sign === "+" ? 0.45 : 1;
  },
  /** What decides yes or no, and may be the wrong way round. */
  doubted: (node) => {
    const place = node.parent?.role;
    const weight =
      askerOf(node) !== null
        ? 0.55
        : place === "logic" || (place === "return" && !/^(number|string|tuple|list)$/.test(node.role))
          ? 0.25
          : 0;
    if (node.role === "not" || node.role === "token") return 0;
    // Where one operator decides, turning that round is the plainer edit.
    return node.role === "comparison" && operatorsOf(node).length === 1 ? weight * 0.35 : weight;
  },
  asked: (node) => askerOf(node) !== null,
  askedByBranch: (node) => /^(if|clause|filter)$/.test(askerOf(node)?.role ?? ""),
  askedAlways: (node) => askerOf(node) !== null && node.role === "constant",
  returned: (node) => /^(return|yield)$/.test(node.parent?.role ?? "") && node.role !== "token",
  returnedConstant: (node) => node.parent?.role === "return" && node.role === "constant",
  /** What a plain name gets. */
  assigned: (node) =>
    node.parent?.parent?.role === "expression" &&
    assignedIn(node.parent)?.value === node &&
    assignedIn(node.parent)?.target.role === "name",
  emptyReturn: (node) => node.role === "return" && node.parts.length === 0,
  /** A value that nothing is done with. */
  dropped: (node) =>
    node.parent?.role === "expression" &&
    /^(name|call|await|subscript|list|attribute)$/.test(node.role) &&
    around(node, ({ role }) => role === "function") !== null,
  methodCall: (node) => node.role === "call" && node.parts[0]?.role === "attribute",
  callWithOne: (node) =>
    node.role === "call" && node.parts[1]?.role === "arguments" && node.parts[1].parts.length === 1,
  /** `range(n)`, without a start. */
  range: (node, unit) =>
    node.parent?.role === "arguments" &&
    node.parent.parts.length === 1 &&
    calleeOf(unit, node.parent.parent) === "range",
  index: (node) =>
    node.parent?.role === "subscript" && node.parent.parts[1] === node && node.role !== "slice",
} as const satisfies Record<string, Test>;

/** Where a rule applies: a role, or a place that depends on more. */
export type Place = keyof typeof PLACES | Role;

/** How much a node is at a place, between 0 and 1. */
export function weightAt(place: Place, node: SyntaxNode, unit: SourceUnit): number {
  return place in PLACES
    ? Number(PLACES[place as keyof typeof PLACES](node, unit))
    : Number(node.role === place);
}
