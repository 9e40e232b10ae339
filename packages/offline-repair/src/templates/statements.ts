import { isCompound, isSimple } from "../source/roles.ts";
import { field, type SyntaxNode } from "../source/tree.ts";
import {
  beside,
  endedBy,
  indentOf,
  isStatement,
  ownsLines,
  reindented,
  siblings,
  wholeLines,
} from "./layout.ts";
import { type Edit, exchanged, put, type Site } from "./template.ts";

/** A statement too many: taken out, or made empty where Python needs a body. */
export function* extraStatement({ unit, node }: Site): Iterable<Edit> {
  if (!isSimple(node) && node.role !== "if") return;
  const why = "the statement does not belong there";
  const prior = { return: 0.12, jump: 0.35, if: 0.1 }[String(node.role)] ?? 0.25;
  const python = unit.language === "python";
  if (python) yield put("extra-statement", node, "pass", prior * 0.7, why);
  if (!python || siblings(node).length > 1)
    yield put("extra-statement", ownsLines(unit, node) ? wholeLines(unit, node) : node, "", prior, why);
}

const WRONG_SIDE = "the statement is on the wrong side of the end of its block";
const LONGEST_MOVE = 800;

/** A statement at the wrong place: exchanged with its neighbour, or on the wrong side of the end of a block. */
export function* misplacedStatement({ unit, node }: Site): Iterable<Edit> {
  if (!isStatement(node) || node.role === "function") return;
  const next = beside(node, 1);
  if (next !== undefined && next.role !== "function" && next.end - node.start < LONGEST_MOVE) {
    const { text, ...span } = exchanged(unit, node, next);
    const prior = isSimple(node) && isSimple(next) ? 0.3 : 0.08;
    yield put("misplaced-statement", span, text, prior, "two statements are in the wrong order");
  }
  if (!ownsLines(unit, node)) return;
  const own = wholeLines(unit, node);
  let last = node;
  for (const prior of node.role === "return" ? [0.45, 0.2] : [0.25, 0.08]) {
    const home = endedBy(last);
    if (home === null || !ownsLines(unit, home)) break;
    const behind = wholeLines(unit, home).end;
    const filler =
      siblings(node).length === 1 && unit.language === "python" ? `${indentOf(unit, node)}pass\n` : "";
    const text = filler + unit.text.slice(own.end, behind) + reindented(unit, node, indentOf(unit, home));
    yield put("misplaced-statement", { start: own.start, end: behind }, text, prior, WRONG_SIDE);
    last = home;
  }
  const inside = lastInside(beside(node, -1));
  if (inside === undefined || !ownsLines(unit, inside)) return;
  const { end } = wholeLines(unit, inside);
  const text = reindented(unit, node, indentOf(unit, inside)) + unit.text.slice(end, own.start);
  yield put("misplaced-statement", { start: end, end: own.end }, text, 0.2, WRONG_SIDE);
}

/** The last statement of the last block of a branch or loop. */
function lastInside(node: SyntaxNode | undefined): SyntaxNode | undefined {
  if (node === undefined || node.role === "function" || !(isCompound(node) || node.role === "clause"))
    return undefined;
  const last = node.parts.at(-1);
  return last?.role === "block" ? last.parts.at(-1) : lastInside(last);
}

/** A test that should, or should not, be asked only when the one before it failed. */
export function* elseBranch({ unit, node }: Site): Iterable<Edit> {
  const [word, next] = node.children;
  if (
    word?.type === "if" &&
    unit.language === "python" &&
    field(node, "alternative") === undefined &&
    beside(node, -1)?.role === "if"
  )
    yield put("loop-control", word, "elif", 0.12, "the second test must depend on the first");
  if (word?.type === "else" && next?.role === "if")
    yield put(
      "loop-control",
      { start: word.start, end: next.start },
      "",
      0.1,
      "the second test must not depend on the first",
    );
}
