import { type Judgement, type Needle, rareCore, type Tail } from "./needle.ts";
import { isWordCharacter } from "./secret-patterns.ts";

/** A needle, ready to be looked for. */
export interface Searched {
  readonly needle: Needle;
  readonly core: string;
  readonly back: number;
}

export function searched(needle: Needle): Searched {
  return { needle, ...rareCore(needle.lead) };
}

export interface RedactingStreamDeps {
  /** Read at each piece, because secrets can become known on the way. */
  needles: () => readonly Searched[];
  /** What is put in the place of a secret. */
  marker: (name: string) => string;
}

interface Candidate {
  at: number;
  needle: Needle;
  judgement: Exclude<Judgement, { kind: "no" }>;
}

/**
 * Hides secrets in a text that comes in pieces. What is given out is the same however the text was cut; at most the
 * beginning of what may become a secret is held back. Takes time in proportion to the text.
 */
export class RedactingStream {
  readonly #deps: RedactingStreamDeps;
  #held = "";
  /** Code of the character before `#held`. */
  #before = 0;
  #tail: Tail | null = null;

  constructor(deps: RedactingStreamDeps) {
    this.#deps = deps;
  }

  /** Whether nothing is held back. */
  get isIdle(): boolean {
    return this.#held === "" && this.#tail === null;
  }

  push(piece: string): string {
    return this.#run(this.#held === "" ? piece : this.#held + piece, false);
  }

  /** What was held back. The stream is then as new. */
  end(): string {
    const rest = this.#run(this.#held, true);
    this.#held = "";
    this.#before = 0;
    this.#tail = null;
    return rest;
  }

  #run(text: string, final: boolean): string {
    const search = new Search(text, this.#before, this.#deps.needles());
    let out = "";
    let at = 0;
    for (;;) {
      if (this.#tail !== null) {
        const { taken, open } = this.#tail.take(text, at, final);
        at += taken;
        if (open) return this.#keep(out, text, at);
        this.#tail = null;
      }
      const found = search.next(at, final);
      // What begins further left and may still become a secret goes first.
      const undecided = final ? NOWHERE : search.undecidedFrom(at);
      if (found === null || undecided <= found.at)
        return this.#giveOut(out, text, at, Math.min(undecided, text.length));
      if (found.judgement.kind === "more") return this.#giveOut(out, text, at, found.at);
      const { from, to, tail } = found.judgement;
      out += text.slice(at, from) + this.#deps.marker(found.needle.name);
      at = to;
      this.#tail = tail?.restart() ?? null;
    }
  }

  #giveOut(out: string, text: string, from: number, to: number): string {
    return this.#keep(
      out === "" && from === 0 && to === text.length ? text : out + text.slice(from, to),
      text,
      to,
    );
  }

  #keep(out: string, text: string, from: number): string {
    this.#held = from === 0 ? text : text.slice(from);
    if (from > 0) this.#before = text.charCodeAt(from - 1);
    return out;
  }
}

const NOWHERE = Number.POSITIVE_INFINITY;

/** Finds the leftmost secret of one text, going forward only. */
class Search {
  readonly #text: string;
  readonly #before: number;
  readonly #needles: readonly Searched[];
  /** Where each lead stands next; only looked for again once it has been passed. */
  readonly #next: number[];
  #undecided = -1;

  constructor(text: string, before: number, needles: readonly Searched[]) {
    this.#text = text;
    this.#before = before;
    this.#needles = needles;
    this.#next = needles.map((entry) => this.#find(entry, 0));
  }

  next(from: number, final: boolean): Candidate | null {
    for (let at = from; ; at++) {
      at = this.#leftmost(at);
      if (at === NOWHERE) return null;
      const candidate = this.#judgeAt(at, final);
      if (candidate !== null) return candidate;
    }
  }

  /** Where a lead begins that the end of the text cuts off. */
  undecidedFrom(from: number): number {
    if (this.#undecided < from) this.#undecided = this.#findUndecided(from);
    return this.#undecided;
  }

  #findUndecided(from: number): number {
    const text = this.#text;
    let end = NOWHERE;
    for (const { needle } of this.#needles) {
      const { lead } = needle;
      let at = text.indexOf(lead.charAt(0), Math.max(from, text.length - lead.length + 1));
      while (at !== -1 && at < end) {
        if (lead.startsWith(text.slice(at)) && this.#mayBegin(needle, at)) end = at;
        else at = text.indexOf(lead.charAt(0), at + 1);
      }
    }
    return end;
  }

  #leftmost(from: number): number {
    let best = NOWHERE;
    for (let index = 0; index < this.#needles.length; index++) {
      let at = this.#next[index] ?? NOWHERE;
      const entry = this.#needles[index];
      if (at < from && entry !== undefined) {
        at = this.#find(entry, from);
        this.#next[index] = at;
      }
      if (at < best) best = at;
    }
    return best;
  }

  /** Several needles may begin at one place: the first that does not say no wins. */
  #judgeAt(at: number, final: boolean): Candidate | null {
    for (let index = 0; index < this.#needles.length; index++) {
      const needle = this.#needles[index]?.needle;
      if (this.#next[index] !== at || needle === undefined || !this.#mayBegin(needle, at)) continue;
      const judgement = needle.judge(this.#text, at, final);
      if (judgement.kind !== "no") return { at, needle, judgement };
    }
    return null;
  }

  #mayBegin(needle: Needle, at: number): boolean {
    if (!needle.boundary) return true;
    const before = at > 0 ? this.#text.charCodeAt(at - 1) : this.#before;
    return !isWordCharacter(before);
  }

  #find({ needle, core, back }: Searched, from: number): number {
    const { lead } = needle;
    let at = this.#text.indexOf(core, from + back);
    while (at !== -1) {
      if (this.#text.startsWith(lead, at - back)) return at - back;
      at = this.#text.indexOf(core, at + 1);
    }
    return NOWHERE;
  }
}
