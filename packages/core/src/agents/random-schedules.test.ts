import { addUsage, NO_USAGE, type ThreadItem, type TokenUsage, type Turn } from "@quire/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { RunningTurn } from "../thread/thread.ts";
import type { AgentOpening, AgentScope, AgentThread, AgentThreads } from "./agent.ts";
import { AgentDesk } from "./agent-desk.ts";
import { AgentFamily } from "./agent-family.ts";

/** What an agent does in one task, step by step; between any two steps anything else may happen. */
type Deed =
  | "spend"
  | "spawn"
  | "tell"
  | "hear"
  | "hearTwice"
  | "fail"
  | "hang"
  | "ignoreInterrupts"
  | "rejectTurn";
type Act =
  | { kind: "spawn"; deeds: Deed[]; opens: boolean }
  | { kind: "send" | "followUp" | "interrupt"; at: number }
  | { kind: "wait"; at: number | null };

/** Soon over where some agent does not end by itself; otherwise never needed, however slow the machine is. */
const GRACE_MS = { stubborn: 2, others: 60_000 };
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Holds every step back until the schedule lets it happen. */
class Gate {
  #held: (() => void)[] = [];

  pass(): Promise<void> {
    return new Promise((resolve) => this.#held.push(resolve));
  }

  get isEmpty(): boolean {
    return this.#held.length === 0;
  }

  release(at: number): void {
    const [one] = this.#held.splice(at % Math.max(1, this.#held.length), 1);
    one?.();
  }
}

class World {
  readonly gate = new Gate();
  readonly family: AgentFamily;
  readonly items: ThreadItem[] = [];
  readonly controller = new AbortController();
  readonly desks: AgentDesk[] = [];
  tasks = 0;
  /** Those of the root's own agents. */
  ownTasks = 0;
  working = 0;
  mostWorking = 0;
  billed = NO_USAGE;
  spent = NO_USAGE;
  /** Messages by sender and receiver, as they were taken and as they were heard. */
  readonly told: string[] = [];
  readonly heardMail: string[] = [];
  #ids = 0;
  readonly #plans = new Map<string, { deeds: Deed[]; opens: boolean }>();

  readonly #stubborn: boolean;

  constructor(places: number, stubborn: boolean) {
    this.#stubborn = stubborn;
    this.family = new AgentFamily({ places, most: 40 });
  }

  desk(path: string, place: AgentOpening["place"] | null, threadId: string): AgentDesk {
    const threads: AgentThreads = { open: (opening) => this.#open(opening) };
    const newId = () => `id-${this.#ids++}`;
    const desk = new AgentDesk({
      ...{ threadId, path, family: this.family, threads, place, newId },
      roles: ["default"],
      graceMs: this.#stubborn ? GRACE_MS.stubborn : GRACE_MS.others,
    });
    this.desks.push(desk);
    return desk;
  }

  scope(signal: AbortSignal, bill: AgentScope["bill"]): AgentScope {
    return {
      signal,
      hasMessages: () => false,
      history: () => [],
      completed: (item) => this.items.push(item),
      bill,
      outer: null,
    };
  }

  spawn(desk: AgentDesk, path: string, deeds: Deed[], opens: boolean): void {
    const taskName = `t${this.#plans.size}`;
    this.#plans.set(`${path}/${taskName}`, { deeds, opens });
    const order = {
      taskName,
      message: "do",
      role: null,
      model: null,
      effort: null,
      forkTurns: "none",
    } as const;
    const answer = desk.spawn(order);
    if (!answer.ok) return;
    this.tasks += 1;
    if (path === "/root") this.ownTasks += 1;
  }

  worker(): Worker {
    let works = false;
    return {
      begin: () => {
        if (!works) this.working += 1;
        works = true;
        this.mostWorking = Math.max(this.mostWorking, this.working);
      },
      end: () => {
        if (works) this.working -= 1;
        works = false;
      },
    };
  }

  /** Tells somebody of the tree the number of the message. */
  async tell(desk: AgentDesk, from: string, at: number): Promise<void> {
    const others = this.family.members.map(({ path }) => path).filter((path) => path !== from);
    const to = others[at % Math.max(1, others.length)];
    if (to === undefined) return;
    const told = `${from} ${to} ${this.told.length}`;
    if ((await desk.send(to, told)).ok) this.told.push(told);
  }

  /** What was heard by whoever is at `path`, in a text for its model. */
  hear(text: string): void {
    for (const [, told = ""] of text.matchAll(/"message":"(\/root[^"]*)"/g)) this.heardMail.push(told);
  }

  async #open(opening: AgentOpening): Promise<AgentThread> {
    await this.gate.pass();
    const plan = this.#plans.get(opening.path);
    if (plan === undefined || !plan.opens) throw new Error("cannot be opened");
    const desk = this.desk(opening.path, opening.place, opening.threadId);
    return {
      log: "/log",
      model: "m",
      effort: null,
      startTurn: async () => {
        if (plan.deeds.includes("rejectTurn")) throw new Error("no turn");
        return this.#turn(plan.deeds, opening, desk);
      },
      close: () => desk.close(),
    };
  }

  #turn(deeds: readonly Deed[], opening: AgentOpening, desk: AgentDesk): RunningTurn {
    const controller = new AbortController();
    const run = async (): Promise<Turn> => {
      const works = this.worker();
      works.begin();
      // It may be given up before it ends; then its place is another's.
      if (this.#stubborn) onAbort(controller.signal, works.end);
      const bill: AgentScope["bill"] = (spent) => opening.onSpent(spent);
      desk.enter(this.scope(controller.signal, bill));
      let failed = false;
      for (const deed of deeds) {
        await this.gate.pass();
        if (controller.signal.aborted) break;
        // As before a request.
        this.hear(desk.takeMail() ?? "");
        if (deed === "ignoreInterrupts") await new Promise(() => undefined);
        failed = await this.#do(deed, desk, opening, { signal: controller.signal, works });
        if (failed) break;
      }
      if (!controller.signal.aborted && !failed) await this.#hearAll(desk, controller.signal, works);
      await desk.leave();
      works.end();
      return turnThatEnded(controller.signal.aborted ? "interrupted" : failed ? "failed" : "completed");
    };
    return { id: "turn", done: run(), steer: async () => undefined, interrupt: () => controller.abort() };
  }

  async #do(
    deed: Deed,
    desk: AgentDesk,
    opening: AgentOpening,
    { signal, works }: { signal: AbortSignal; works: Worker },
  ): Promise<boolean> {
    if (deed === "spend") {
      const usage: TokenUsage = { ...NO_USAGE, input_tokens: 7, output_tokens: 1 };
      this.spent = addUsage(this.spent, usage);
      const cost = { kind: "known", usd: 1, priced_as_of: "now" } as const;
      opening.onSpent({ usage, cost, model: "m", contextWindow: null });
    }
    if (deed === "spawn") this.spawn(desk, opening.path, ["spend", "tell"], true);
    if (deed === "tell") await this.tell(desk, opening.path, this.told.length);
    if (deed === "hear" || deed === "hearTwice") {
      works.end();
      const waits = Array.from({ length: deed === "hear" ? 1 : 2 }, () => desk.wait(null, 60_000, signal));
      for (const answer of await Promise.all(waits)) if (answer.ok) this.hear(answer.text);
      if (!signal.aborted) works.begin();
    }
    if (deed === "hang") await new Promise<void>((resolve) => onAbort(signal, resolve));
    return deed === "fail";
  }

  async #hearAll(desk: AgentDesk, signal: AbortSignal, works: Worker): Promise<void> {
    for (;;) {
      works.end();
      const said = await desk.atStop(signal);
      this.hear(said?.join("\n") ?? "");
      if (signal.aborted) return;
      works.begin();
      if (said === null) return;
    }
  }
}

/** Whether one agent is at work; what is interrupted ends without being so any more. */
interface Worker {
  begin(): void;
  end(): void;
}

function onAbort(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener("abort", then, { once: true });
}

function turnThatEnded(status: Turn["status"]): Turn {
  const error =
    status === "failed" ? { code: "tool_failed" as const, message: "no", retryable: false } : null;
  const times = { startedAtMs: 0, completedAtMs: 0 };
  return { id: "turn", status, error, ...times, usage: NO_USAGE, cost: null, finalText: "done" };
}

const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 6, arbitrary: fc.constant("spend" as const) },
  { weight: 3, arbitrary: fc.constantFrom<Deed>("spawn", "tell", "hear", "hearTwice") },
  { weight: 1, arbitrary: fc.constantFrom<Deed>("fail", "hang", "ignoreInterrupts", "rejectTurn") },
);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("spawn" as const),
      deeds: fc.array(deed, { maxLength: 5 }),
      opens: fc.integer({ min: 0, max: 9 }).map((n) => n > 0),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom("send", "followUp", "interrupt"), at: fc.nat(9) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("wait"), at: fc.option(fc.nat(9)) }) },
) as fc.Arbitrary<Act>;

test("1,000 random schedules: as many ends as tasks, each told once as every message is, no more at work than places, sums that add up", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(act, { maxLength: 14 }),
      fc.array(fc.nat(20), { minLength: 8, maxLength: 60 }),
      fc.option(fc.nat(40)),
      async (places, acts, order, interruptAfter) => {
        const stubborn = acts.some((one) => one.kind === "spawn" && one.deeds.includes("ignoreInterrupts"));
        const world = new World(places, stubborn);
        const root = world.desk("/root", null, "root");
        root.enter(
          world.scope(world.controller.signal, ({ usage }) => {
            world.billed = addUsage(world.billed, usage);
          }),
        );
        const heard: string[] = [];
        const pending: Promise<unknown>[] = [];
        const note = (answer: { ok: boolean; text?: string }) => {
          heard.push(...pathsIn(answer.text ?? ""));
          world.hear(answer.text ?? "");
        };
        let steps = 0;
        const step = async () => {
          if (steps++ === interruptAfter) world.controller.abort();
          await settled();
          world.gate.release(order[steps % order.length] ?? 0);
        };
        for (const one of acts) {
          perform(one, root, world, pending, note);
          await step();
        }
        const ending = (async () => {
          for (;;) {
            const said = await root.atStop(world.controller.signal);
            world.hear(said?.join("\n") ?? "");
            if (said === null || world.controller.signal.aborted) return;
            heard.push(...said.flatMap(pathsIn));
          }
        })();
        const isOver = ending
          .then(() => Promise.all(pending))
          .then(() => root.leave())
          // What was given up may still hold something; closing its desk ends that too.
          .then(() => Promise.all(world.desks.map((desk) => desk.close())));
        let over = false;
        void isOver.then(() => {
          over = true;
        });
        for (let rounds = 0; !over; rounds++) {
          await step();
          // What hangs is ended as a person would end it.
          if (rounds > 40 && world.gate.isEmpty) world.controller.abort();
          if (rounds > 5000) throw new Error("it does not come to an end");
        }
        expect(world.mostWorking).toBeLessThanOrEqual(places);
        expect({ taken: world.family.places.taken, waiting: world.family.places.waiting }).toEqual({
          taken: 0,
          waiting: 0,
        });
        const ends = world.items.filter(
          (item) =>
            item.type === "subAgentActivity" && (item.kind === "completed" || item.kind === "interrupted"),
        );
        expect(ends).toHaveLength(world.tasks);
        expect(world.billed).toEqual(world.spent);
        const unread = world.family.members.flatMap(({ box }) => box.take().map(({ text }) => text));
        const mail = [...world.heardMail, ...unread].filter((text) => text.startsWith("/root"));
        expect(byRoute(mail)).toEqual(byRoute(world.told));
        const nested = world.tasks - world.ownTasks;
        const ended = acts.some(({ kind }) => kind === "interrupt") || world.controller.signal.aborted;
        if (ended) expect(heard.length).toBeLessThanOrEqual(world.tasks - nested);
        else expect(heard).toHaveLength(world.ownTasks);
      },
    ),
    { numRuns: 1000 },
  );
}, 120_000);

function perform(
  act: Act,
  root: AgentDesk,
  world: World,
  pending: Promise<unknown>[],
  note: (answer: { ok: boolean; text?: string }) => void,
): void {
  const name = (at: number) => `t${at}`;
  switch (act.kind) {
    case "spawn":
      world.spawn(root, "/root", act.deeds, act.opens);
      return;
    case "send":
      pending.push(world.tell(root, "/root", act.at));
      return;
    case "followUp":
      pending.push(
        root.followUp(name(act.at), "again").then((answer) => {
          // To one that works it is a message, which is answered with when it will be read.
          if (answer.ok && !("read" in JSON.parse(answer.text))) {
            world.tasks += 1;
            world.ownTasks += 1;
          }
          note(answer);
        }),
      );
      return;
    case "interrupt":
      pending.push(root.interrupt(name(act.at)).then(note));
      return;
    case "wait":
      pending.push(
        root.wait(act.at === null ? null : [name(act.at)], 60_000, world.controller.signal).then(note),
      );
  }
}

/** Messages by sender and receiver: of each pair, every one once and in the order in which they were sent. */
function byRoute(texts: readonly string[]): Record<string, string[]> {
  const routes: Record<string, string[]> = {};
  for (const text of texts) {
    const [from = "", to = "", number = ""] = text.split(" ");
    const route = `${from} ${to}`;
    routes[route] = [...(routes[route] ?? []), number];
  }
  return routes;
}

/** The agents whose results a text tells. */
function pathsIn(text: string): string[] {
  const found = /\{.*\}/s.exec(text)?.[0];
  if (found === undefined) return [];
  const { results = [], earlier }: { results?: { agent: string }[]; earlier?: { agent: string } } =
    JSON.parse(found);
  return [...results, ...(earlier === undefined ? [] : [earlier])].map(({ agent }) => agent);
}
