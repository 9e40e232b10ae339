/** Lines [aStart, aEnd) of the old text became lines [bStart, bEnd) of the new one. 0-based. */
export interface DiffRun {
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

interface Box {
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

/** Steps of the search, summed over all regions, after which every region gets only the least cost. */
const STEP_BUDGET = 20_000_000;
const LEAST_COST = 16;

/**
 * The changed runs between two lists of lines, ascending: Myers' algorithm in linear space. Beyond `maxCost` edits
 * within one region it settles for a longer than shortest answer, so that any input ends soon; the answer is
 * always correct. The default is the larger of 256 and the square root of the number of lines.
 */
export function diffLines(
  a: readonly string[],
  b: readonly string[],
  options?: { readonly maxCost?: number },
): DiffRun[] {
  const { numbersA, numbersB } = numberLines(a, b);
  const maxCost = options?.maxCost ?? Math.max(256, Math.ceil(Math.sqrt(a.length + b.length)));
  const kept = keepCommonLines(numbersA, numbersB);
  const differ = new Differ(kept.a, kept.b, maxCost);
  differ.compare({ aStart: 0, aEnd: kept.a.length, bStart: 0, bEnd: kept.b.length });
  const changedA = new Uint8Array(a.length).fill(1);
  const changedB = new Uint8Array(b.length).fill(1);
  kept.aLines.forEach((line, index) => {
    if (differ.changedA[index] === 0) changedA[line] = 0;
  });
  kept.bLines.forEach((line, index) => {
    if (differ.changedB[index] === 0) changedB[line] = 0;
  });
  return collectRuns(changedA, changedB);
}

function numberLines(
  a: readonly string[],
  b: readonly string[],
): { numbersA: Int32Array; numbersB: Int32Array } {
  const numbers = new Map<string, number>();
  const number = (line: string): number => {
    const known = numbers.get(line) ?? numbers.size;
    numbers.set(line, known);
    return known;
  };
  return { numbersA: Int32Array.from(a, number), numbersB: Int32Array.from(b, number) };
}

/** Lines that only one side has are changed whatever the rest does; without them the search is much shorter. */
function keepCommonLines(a: Int32Array, b: Int32Array) {
  const inA = new Set(a);
  const inB = new Set(b);
  const aLines = Int32Array.from(a.keys()).filter((line) => inB.has(a[line] ?? -1));
  const bLines = Int32Array.from(b.keys()).filter((line) => inA.has(b[line] ?? -1));
  return { a: aLines.map((line) => a[line] ?? -1), b: bLines.map((line) => b[line] ?? -1), aLines, bLines };
}

class Differ {
  readonly changedA: Uint8Array;
  readonly changedB: Uint8Array;
  readonly #a: Int32Array;
  readonly #b: Int32Array;
  #maxCost: number;
  #stepsLeft = STEP_BUDGET;
  /** Furthest old line reached on each diagonal, from the front and from the back. */
  readonly #front: Int32Array;
  readonly #back: Int32Array;
  readonly #origin: number;

  constructor(a: Int32Array, b: Int32Array, maxCost: number) {
    this.#a = a;
    this.#b = b;
    this.#maxCost = maxCost;
    this.changedA = new Uint8Array(a.length);
    this.changedB = new Uint8Array(b.length);
    this.#origin = b.length + 1;
    this.#front = new Int32Array(a.length + b.length + 3);
    this.#back = new Int32Array(a.length + b.length + 3);
  }

  /** Marks what changed within the box. Works through a list, because recursion could be as deep as the input. */
  compare(whole: Box): void {
    const todo: Box[] = [whole];
    for (let box = todo.pop(); box !== undefined; box = todo.pop()) {
      const inner = this.#withoutCommonEnds(box);
      if (inner.aStart === inner.aEnd) this.changedB.fill(1, inner.bStart, inner.bEnd);
      else if (inner.bStart === inner.bEnd) this.changedA.fill(1, inner.aStart, inner.aEnd);
      else {
        const split = this.#split(inner);
        todo.push({ ...inner, aEnd: split.a, bEnd: split.b }, { ...inner, aStart: split.a, bStart: split.b });
      }
    }
  }

  #withoutCommonEnds(box: Box): Box {
    let { aStart, aEnd, bStart, bEnd } = box;
    while (aStart < aEnd && bStart < bEnd && this.#a[aStart] === this.#b[bStart]) {
      aStart += 1;
      bStart += 1;
    }
    while (aStart < aEnd && bStart < bEnd && this.#a[aEnd - 1] === this.#b[bEnd - 1]) {
      aEnd -= 1;
      bEnd -= 1;
    }
    return { aStart, aEnd, bStart, bEnd };
  }

  /** A point that a shortest path through the box passes, strictly inside the box or on one of its sides. */
  #split(box: Box): { a: number; b: number } {
    const { aStart, aEnd, bStart, bEnd } = box;
    const first = aStart - bStart;
    const last = aEnd - bEnd;
    const odd = ((first - last) & 1) !== 0;
    const front = this.#front;
    const back = this.#back;
    front[this.#origin + first] = aStart;
    back[this.#origin + last] = aEnd;
    for (let cost = 1; ; cost += 1) {
      for (let k = first - cost; k <= first + cost; k += 2) {
        const a = this.#forward(box, k, first - cost, first + cost);
        if (a < 0) continue;
        const meets = odd && k >= last - cost + 1 && k <= last + cost - 1;
        if (meets && a >= (back[this.#origin + k] ?? 0)) return { a, b: a - k };
      }
      for (let k = last - cost; k <= last + cost; k += 2) {
        const a = this.#backward(box, k, last - cost, last + cost);
        if (a < 0) continue;
        const meets = !odd && k >= first - cost && k <= first + cost;
        if (meets && a <= (front[this.#origin + k] ?? 0)) return { a, b: a - k };
      }
      this.#stepsLeft -= 2 * cost;
      if (this.#stepsLeft < 0) this.#maxCost = Math.min(this.#maxCost, LEAST_COST);
      if (cost >= this.#maxCost) return this.#bestSoFar(box, first, cost);
    }
  }

  /** Advances on diagonal k; -1 when the diagonal lies outside of the box. */
  #forward({ aStart, aEnd, bStart, bEnd }: Box, k: number, low: number, high: number): number {
    const front = this.#front;
    const slot = this.#origin + k;
    if (k < aStart - bEnd || k > aEnd - bStart) return -1;
    const fromAbove = k < high && k + 1 <= aEnd - bStart ? (front[slot + 1] ?? -1) : -1;
    const fromLeft = k > low && k - 1 >= aStart - bEnd ? (front[slot - 1] ?? -1) + 1 : -1;
    let a = Math.max(fromAbove, fromLeft, aStart, bStart + k);
    a = Math.min(a, aEnd, bEnd + k);
    while (a < aEnd && a - k < bEnd && this.#a[a] === this.#b[a - k]) a += 1;
    front[slot] = a;
    return a;
  }

  #backward({ aStart, aEnd, bStart, bEnd }: Box, k: number, low: number, high: number): number {
    const back = this.#back;
    const slot = this.#origin + k;
    if (k < aStart - bEnd || k > aEnd - bStart) return -1;
    const far = aEnd + 1;
    const fromBelow = k > low && k - 1 >= aStart - bEnd ? (back[slot - 1] ?? far) : far;
    const fromRight = k < high && k + 1 <= aEnd - bStart ? (back[slot + 1] ?? far) - 1 : far;
    let a = Math.min(fromBelow, fromRight, aEnd, bEnd + k);
    a = Math.max(a, aStart, bStart + k);
    while (a > aStart && a - k > bStart && this.#a[a - 1] === this.#b[a - k - 1]) a -= 1;
    back[slot] = a;
    return a;
  }

  /** Where the front has come furthest: not the best way, but one that makes progress. */
  #bestSoFar(box: Box, first: number, cost: number): { a: number; b: number } {
    let best = { a: box.aStart, b: box.bStart };
    const low = Math.max(first - cost, box.aStart - box.bEnd);
    const high = Math.min(first + cost, box.aEnd - box.bStart);
    for (let k = low; k <= high; k += 1) {
      if (((k - first - cost) & 1) !== 0) continue;
      const a = this.#front[this.#origin + k] ?? 0;
      if (a + a - k > best.a + best.b) best = { a, b: a - k };
    }
    return best;
  }
}

function collectRuns(changedA: Uint8Array, changedB: Uint8Array): DiffRun[] {
  const runs: DiffRun[] = [];
  let a = 0;
  let b = 0;
  while (a < changedA.length || b < changedB.length) {
    const aStart = a;
    const bStart = b;
    while (changedA[a] === 1) a += 1;
    while (changedB[b] === 1) b += 1;
    if (a > aStart || b > bStart) runs.push({ aStart, aEnd: a, bStart, bEnd: b });
    else {
      a += 1;
      b += 1;
    }
  }
  return runs;
}
