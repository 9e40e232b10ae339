import type { FileFacts } from "./file-facts.ts";
import { hashName } from "./names.ts";

/** A file with what is known of it. */
export interface KnownFile {
  path: string;
  facts: FileFacts;
}

export interface RankOptions {
  /** Unix seconds by path; only differences between them count. */
  changeTimes: ReadonlyMap<string, number>;
  /** A path, or the name of a symbol; null for none. */
  focus: string | null;
}

export interface RankedFile extends KnownFile {
  score: number;
}

const RECENT_DAYS = 14;
const DAY_SECONDS = 86_400;
/** A test tells less about how things are called than what it tests. */
const TEST_WEIGHT = 0.25;
const INNER_WEIGHT = 0.25;

const TEST_PATH =
  /(?:^|\/)(?:tests?|__tests__|spec|specs|fixtures|testdata|e2e|bench(?:marks?)?|examples?)\/|(?:^|\/)test_[^/]*$|[._-](?:test|spec)\.[^/]+$|_test\.[^/]+$|Tests?\.(?:java|cs|php)$/;

/** Whether a path looks like that of a test or an example. */
function isTestFile(path: string): boolean {
  return TEST_PATH.test(path);
}

export interface Ranking {
  /** The weightiest first. */
  files: RankedFile[];
  /** How much a name that a file declares is used by others. */
  weightOf: (name: string) => number;
  /** What has the name that was asked for: a file, a declaration, only a use of it, or nothing; null where none was. */
  found: FocusFound | null;
}

export type FocusFound = "file" | "declaration" | "use" | "nothing";

/** The files, the weightiest first. Nothing random and no clock is in it: the same tree gives the same order. */
export function rankFiles(files: readonly KnownFile[], { changeTimes, focus }: RankOptions): Ranking {
  const uses = countUses(files);
  const newest = largest(changeTimes.values());
  const ranked = files.map((file): RankedFile => {
    const { names, topCount, innerCount } = file.facts;
    let value = 0;
    for (let at = 0; at < topCount + innerCount; at++) {
      value += uses.weightOf(names[at] ?? 0) * (at < topCount ? 1 : INNER_WEIGHT);
    }
    const changed = changeTimes.get(file.path);
    const age =
      changed === undefined ? Number.POSITIVE_INFINITY : Math.floor((newest - changed) / DAY_SECONDS);
    const recency = 1 + 1 / (1 + age / RECENT_DAYS);
    return { ...file, score: (value + 0.1) * recency * (isTestFile(file.path) ? TEST_WEIGHT : 1) };
  });
  const found = focus === null ? null : boostFocus(ranked, focus, uses);
  ranked.sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1));
  return { files: ranked, weightOf: (name) => uses.weightOf(hashName(name)), found };
}

/** A spread of two hundred thousand arguments does not fit on a stack. */
function largest(values: Iterable<number>): number {
  let found = 0;
  for (const value of values) if (value > found) found = value;
  return found;
}

interface Uses {
  /** How much a declared name says for its file: how widely it is used, shared among those that declare it. */
  weightOf(name: number): number;
  /** The number of files that declare it. */
  declarersOf(name: number): number;
}

/** Counts for all declared names in how many files they occur. An open table of numbers: millions of names are looked up. */
function countUses(files: readonly KnownFile[]): Uses {
  let declared = 0;
  for (const { facts } of files) declared += facts.topCount + facts.innerCount;
  const size = 2 ** Math.ceil(Math.log2(Math.max(16, declared * 2)));
  const mask = size - 1;
  const keys = new Uint32Array(size);
  const declarers = new Uint32Array(size);
  const occurrences = new Uint32Array(size);
  const slotOf = (name: number): number => {
    let slot = Math.imul(name, 0x9e3779b1) & mask;
    while (declarers[slot] !== 0 && keys[slot] !== name) slot = (slot + 1) & mask;
    return slot;
  };
  for (const { facts } of files) {
    for (let at = 0; at < facts.topCount + facts.innerCount; at++) {
      const name = facts.names[at] ?? 0;
      const slot = slotOf(name);
      keys[slot] = name;
      declarers[slot] = (declarers[slot] ?? 0) + 1;
    }
  }
  for (const { facts } of files) {
    const { names, topCount, innerCount } = facts;
    for (let at = topCount + innerCount; at < names.length; at++) {
      const slot = slotOf(names[at] ?? 0);
      if (declarers[slot] !== 0) occurrences[slot] = (occurrences[slot] ?? 0) + 1;
    }
  }
  return {
    weightOf(name) {
      const slot = slotOf(name);
      const count = declarers[slot] ?? 0;
      // A file that declares a name has it among its names as well.
      return count === 0 ? 0 : Math.log2(1 + Math.max(0, (occurrences[slot] ?? 0) - count) / count);
    },
    declarersOf: (name) => declarers[slotOf(name)] ?? 0,
  };
}

const FOCUSED = 1e9;
const USED_BY_FOCUS = 1e4;
const USES_FOCUS = 1e3;

/** What is asked about comes first, then what it uses, then what uses it. */
function boostFocus(files: RankedFile[], focus: string, uses: Uses): FocusFound {
  const wanted = focus.replace(/^\.\//, "");
  let focused = files.filter(({ path }) => path === wanted || path.endsWith(`/${wanted}`));
  const name = hashName(wanted.split(/[.:#]+/).at(-1) ?? wanted);
  const asSymbol = focused.length === 0;
  if (asSymbol) {
    focused = files.filter(({ facts }) => {
      const end = facts.topCount + facts.innerCount;
      return facts.names.subarray(0, end).includes(name);
    });
  }
  const declares = new Set<number>();
  const mentions = new Set<number>();
  for (const file of focused) {
    const { names, topCount, innerCount } = file.facts;
    for (const one of asSymbol ? [name] : names.subarray(0, topCount)) declares.add(one);
    for (const one of names.subarray(topCount + innerCount)) mentions.add(one);
  }
  // Nobody declares it: then those who mention it are what there is to show.
  if (focused.length === 0) declares.add(name);
  let isUsed = false;
  const isFocused = new Set(focused.map(({ path }) => path));
  for (const file of files) {
    if (isFocused.has(file.path)) {
      file.score += FOCUSED;
      continue;
    }
    const { names, topCount, innerCount } = file.facts;
    let share = 0;
    for (let at = 0; at < topCount; at++) {
      const one = names[at] ?? 0;
      if (mentions.has(one)) share += USED_BY_FOCUS / Math.max(1, uses.declarersOf(one));
    }
    for (let at = topCount + innerCount; at < names.length; at++) {
      const one = names[at] ?? 0;
      if (!declares.has(one)) continue;
      share += USES_FOCUS / Math.max(1, uses.declarersOf(one));
      isUsed = true;
    }
    file.score += share;
  }
  if (focused.length > 0) return asSymbol ? "declaration" : "file";
  return isUsed ? "use" : "nothing";
}
