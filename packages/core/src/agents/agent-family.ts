import { AgentPlaces } from "./agent-places.ts";

export interface FamilyLimits {
  /** Agents that work at a time. */
  readonly places: number;
  /** Agents in all. */
  readonly most: number;
}

/** What all agents of one tree share. */
export class AgentFamily {
  readonly places: AgentPlaces;
  readonly most: number;
  #agents = 0;

  constructor({ places, most }: FamilyLimits) {
    this.places = new AgentPlaces(places);
    this.most = most;
  }

  /** Counts one more agent; false when there may be no more. */
  admit(): boolean {
    if (this.#agents >= this.most) return false;
    this.#agents += 1;
    return true;
  }
}
