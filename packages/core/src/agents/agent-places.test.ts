import fc from "fast-check";
import { expect, test } from "vitest";
import { type AgentPlace, AgentPlaces } from "./agent-places.ts";

const never = new AbortController().signal;
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test("whoever waits longest is next, and an aborted wait leaves the queue", async () => {
  const places = new AgentPlaces(1);
  const order: string[] = [];
  const first = await places.enter(never);
  const stopped = new AbortController();
  const waits = ["a", "b", "c"].map(async (name) => {
    const place = await places.enter(name === "b" ? stopped.signal : never);
    order.push(place === null ? `${name} gave up` : name);
    place?.leave();
    place?.leave();
  });
  stopped.abort();
  first?.leave();
  await Promise.all(waits);
  expect({ order, taken: places.taken, waiting: places.waiting }).toEqual({
    order: ["b gave up", "a", "c"],
    taken: 0,
    waiting: 0,
  });
});

test("an agent that waits for its own agents does not hold the place that they need", async () => {
  const places = new AgentPlaces(1);
  const parent = await places.enter(never);
  const said: string[] = [];
  await parent?.without(async () => {
    const child = await places.enter(never);
    said.push("child works");
    child?.leave();
  }, never);
  said.push(`parent works again, ${places.taken} place taken`);
  parent?.leave();
  expect(said).toEqual(["child works", "parent works again, 1 place taken"]);
});

type Step = { kind: "enter" } | { kind: "leave" | "abort" | "wait" | "back"; at: number };

test("never more at a time than there are places, nobody is forgotten, and all places come back", async () => {
  const at = fc.nat(30);
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 3, arbitrary: fc.constant({ kind: "enter" } as const) },
    ...(["leave", "abort", "wait", "back"] as const).map((kind) => at.map((n): Step => ({ kind, at: n }))),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(step, { maxLength: 60 }),
      async (limit, steps) => {
        const places = new AgentPlaces(limit);
        const workers: Worker[] = [];
        for (const { kind, ...rest } of steps) {
          const worker = "at" in rest ? workers[rest.at] : undefined;
          if (kind === "enter") workers.push(new Worker(places));
          else if (kind === "leave") worker?.leave();
          else if (kind === "abort") worker?.abort();
          else if (kind === "wait") worker?.wait();
          else worker?.back();
          await settled();
          const working = workers.filter(({ works }) => works).length;
          expect(working).toBeLessThanOrEqual(limit);
          expect(places.taken).toBe(working);
          // Nobody waits beside an empty place.
          if (places.waiting > 0) expect(working).toBe(limit);
        }
        for (const worker of workers) worker.abort();
        await settled();
        for (const worker of workers) {
          worker.back();
          worker.leave();
        }
        await settled();
        expect({ taken: places.taken, waiting: places.waiting }).toEqual({ taken: 0, waiting: 0 });
      },
    ),
    { numRuns: 300 },
  );
});

class Worker {
  readonly #controller = new AbortController();
  #place: AgentPlace | null = null;
  #end = () => {};
  #waits = false;
  works = false;

  constructor(places: AgentPlaces) {
    void places.enter(this.#controller.signal).then((place) => {
      this.#place = place;
      this.works = place !== null;
    });
  }

  leave(): void {
    this.#place?.leave();
    if (this.#place !== null) this.works = false;
    this.#place = null;
  }

  abort(): void {
    this.#controller.abort();
  }

  /** Gives its place up until `back`. */
  wait(): void {
    const place = this.#place;
    if (place === null || this.#waits || !this.works) return;
    this.#waits = true;
    this.works = false;
    const over = new Promise<void>((resolve) => {
      this.#end = resolve;
    });
    void place
      .without(() => over, this.#controller.signal)
      .then(() => {
        this.#waits = false;
        this.works = this.#place === place && !this.#controller.signal.aborted;
      });
  }

  back(): void {
    this.#end();
  }
}
