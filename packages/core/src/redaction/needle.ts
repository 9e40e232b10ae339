/** Where a secret may begin, and how to tell whether it does. */
export interface Needle {
  /** Literal text that every match begins with. */
  readonly lead: string;
  /** What stands in the marker. */
  readonly name: string;
  /** Whether a letter, a digit or `_` right before the lead rules a match out. */
  readonly boundary: boolean;
  /**
   * Judges the text at `at`, where the lead stands. Must not change its mind when more text follows: a text that could
   * still become a match is `more`. `final` says that nothing follows.
   */
  judge(text: string, at: number, final: boolean): Judgement;
}

export type Judgement =
  | { kind: "no" }
  | { kind: "more" }
  /** `from`..`to` is hidden, and then everything that `tail` takes. */
  | { kind: "match"; from: number; to: number; tail: Tail | null };

/** Takes what belongs to a secret that has been recognised by its beginning. */
export interface Tail {
  /**
   * How many characters from `at` on belong to it. `open` says that the text ended before it did: those that are
   * `undecided` at the end have to be shown again together with what follows.
   */
  take(text: string, at: number, final: boolean): { taken: number; open: boolean };
  /** A fresh one for the next match; tails may count. */
  restart(): Tail;
}

export const NO: Judgement = { kind: "no" };
export const MORE: Judgement = { kind: "more" };

/** A set of ASCII characters, looked up by code. */
export type CharacterSet = Uint8Array;

export function characterSet(characters: string): CharacterSet {
  const set = new Uint8Array(128);
  for (const range of characters.match(/.-.|./gs) ?? []) {
    const first = range.charCodeAt(0);
    const last = range.length === 3 ? range.charCodeAt(2) : first;
    set.fill(1, first, last + 1);
  }
  return set;
}

export function has(set: CharacterSet, code: number): boolean {
  return code < 128 && set[code] === 1;
}

/** The end of the run of characters of the set that begins at `at`, at most `limit`. */
export function runEnd(text: string, at: number, set: CharacterSet, limit: number): number {
  let end = at;
  while (end < limit && has(set, text.charCodeAt(end))) end++;
  return end;
}

/** The rest of a token: as far as its characters go. */
export function tokenTail(set: CharacterSet): Tail {
  const tail: Tail = {
    take(text, at) {
      const end = runEnd(text, at, set, text.length);
      return { taken: end - at, open: end === text.length };
    },
    restart: () => tail,
  };
  return tail;
}

/** Roughly from the most to the least common in source code and program output; what is not here is rarer still. */
const COMMON = " etaorinslcdpum\n.fgh=b-_,v/w()\"xy:k;'TSCE10";

/**
 * The part of a lead to look for first. Searching for two or three characters of which the first is rare is an order of
 * magnitude cheaper than searching for the whole.
 */
export function rareCore(lead: string): { core: string; back: number } {
  let best = 0;
  for (let at = 1; at < lead.length; at++) {
    // A single character will do only if it is a rare one.
    if (at === lead.length - 1 && rarity(lead[at]) < COMMON.length) break;
    if (rarity(lead[at]) > rarity(lead[best])) best = at;
  }
  return { core: lead.slice(best, best + 4), back: best };
}

function rarity(character: string | undefined): number {
  const rank = COMMON.indexOf(character ?? " ");
  return rank === -1 ? COMMON.length : rank;
}
