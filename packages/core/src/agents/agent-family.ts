import type { CollabAgentState } from "@quire/protocol";
import { AgentPlaces } from "./agent-places.ts";
import { Mailbox } from "./mailbox.ts";

export interface FamilyLimits {
  /** Agents that work at a time. */
  readonly places: number;
  /** Agents in all. */
  readonly most: number;
}

/** One agent of a tree as the others know it; the thread of the user's is one, too. */
export interface FamilyMember {
  readonly threadId: string;
  /** `/root` for the thread of the user's. */
  readonly path: string;
  readonly box: Mailbox;
  state(): CollabAgentState;
}

/** What one member told another. */
export interface ToldMail {
  readonly from: FamilyMember;
  readonly to: FamilyMember;
  readonly text: string;
}

/** What all agents of one tree share. */
export class AgentFamily {
  readonly places: AgentPlaces;
  readonly most: number;
  #agents = 0;
  readonly #members = new Map<string, FamilyMember>();
  readonly #watchers = new Set<() => void>();
  /** Waits of the user's own thread, which needs no place. */
  #rootWaits = 0;
  /** Told of every message that goes from one agent to another. */
  onMail: ((told: ToldMail) => void) | null = null;

  constructor({ places, most }: FamilyLimits) {
    this.places = new AgentPlaces(places, () => this.changed());
    this.most = most;
  }

  get members(): readonly FamilyMember[] {
    return [...this.#members.values()];
  }

  /** Whether nobody works who could tell anybody anything: those who wait would wait for each other. */
  get isStill(): boolean {
    return this.places.taken === 0 && this.places.waiting === 0 && this.#rootWaits > 0;
  }

  /** Makes an agent known to the others; one that was known keeps its box. */
  join(member: Omit<FamilyMember, "box">): FamilyMember {
    const box = this.#members.get(member.path)?.box ?? new Mailbox();
    const joined = { ...member, box };
    this.#members.set(member.path, joined);
    return joined;
  }

  /** By path, by what it is called from `own`, or by thread id; null when there is none. */
  find(target: string, own: string): FamilyMember | null {
    const beside = own.slice(0, own.lastIndexOf("/"));
    return (
      this.#members.get(target) ??
      this.#members.get(`${own}/${target}`) ??
      this.#members.get(`${beside}/${target}`) ??
      this.members.find(({ threadId }) => threadId === target) ??
      null
    );
  }

  /** Calls `look` whenever somebody stops working; returns what ends that. */
  watch(look: () => void): () => void {
    this.#watchers.add(look);
    return () => this.#watchers.delete(look);
  }

  /** Counts a wait of the user's own thread; returns what ends it. */
  rootWaits(): () => void {
    this.#rootWaits += 1;
    return () => {
      this.#rootWaits -= 1;
    };
  }

  /** Somebody has stopped working, or may have. */
  changed(): void {
    for (const look of [...this.#watchers]) look();
  }

  /** Counts one more agent; false when there may be no more. */
  admit(): boolean {
    if (this.#agents >= this.most) return false;
    this.#agents += 1;
    return true;
  }
}
