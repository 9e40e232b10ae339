export interface CacheBounds {
  entries: number;
  /** Of all values together, as `weigh` says. */
  weight: number;
  /** Milliseconds after which a value is old. */
  ageMs: number;
}

/** Keeps what was fetched a while; the oldest gives way. */
export class BoundedCache<T> {
  readonly #bounds: CacheBounds;
  readonly #weigh: (value: T) => number;
  readonly #entries = new Map<string, { value: T; at: number }>();
  #weight = 0;

  constructor(bounds: CacheBounds, weigh: (value: T) => number) {
    this.#bounds = bounds;
    this.#weigh = weigh;
  }

  get(key: string, nowMs: number): T | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (nowMs - entry.at <= this.#bounds.ageMs) return entry.value;
    this.#drop(key, entry.value);
    return undefined;
  }

  set(key: string, value: T, nowMs: number): void {
    const before = this.#entries.get(key);
    if (before !== undefined) this.#drop(key, before.value);
    if (this.#weigh(value) > this.#bounds.weight) return;
    this.#entries.set(key, { value, at: nowMs });
    this.#weight += this.#weigh(value);
    for (const [oldest, { value: old }] of this.#entries) {
      if (this.#entries.size <= this.#bounds.entries && this.#weight <= this.#bounds.weight) return;
      this.#drop(oldest, old);
    }
  }

  #drop(key: string, value: T): void {
    this.#entries.delete(key);
    this.#weight -= this.#weigh(value);
  }
}
