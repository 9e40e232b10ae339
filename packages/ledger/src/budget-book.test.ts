import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { program, runProgram } from "../test/own-process.ts";
import {
  BudgetBook,
  type BudgetBookDeps,
  type CallNeed,
  type LedgerEntry,
  LedgerEntrySchema,
  monthFile,
  openLedger,
  readLedger,
} from "./index.ts";

const calendar = { zone: "UTC", dayOf: (ms: number) => new Date(ms).toISOString().slice(0, 10) };
const NOON = Date.UTC(2026, 2, 4, 12);
/** About a dollar for a thousand tokens in, two for a thousand out; sums of these are exact. */
const PRICE = { in: 1 / 1024, out: 2 / 1024 };

function deps(home: string, more: Partial<BudgetBookDeps> = {}): BudgetBookDeps {
  return {
    home,
    calendar,
    pid: 1,
    self: { pid: 1, startTime: "1", host: "h" },
    isAlive: () => true,
    random: Math.random,
    now: () => NOON,
    sleep: () => new Promise((resolve) => setImmediate(resolve)),
    ...more,
  };
}

function need(inputTokens: number, outputTokens: number, priced = true): CallNeed {
  return {
    inputTokens,
    outputTokens,
    leastOutputTokens: Math.min(5, outputTokens),
    usdWith: (output) => (priced ? inputTokens * PRICE.in + output * PRICE.out : null),
  };
}

function line(input: number, output: number, more: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    v: 1,
    id: `${Math.random()}`,
    at: new Date(NOON).toISOString(),
    thread: "t",
    turn: "u",
    project: "/p",
    provider: "p",
    model: "m",
    purpose: "turn",
    agent: "main",
    tool: null,
    attempt: 1,
    failed: null,
    usage: { in: input, cached: 0, written: 0, out: output, reasoning: 0 },
    price: null,
    cost: { usd: input * PRICE.in + output * PRICE.out },
    ...more,
  };
}

const forever = new AbortController().signal;

test("what is reserved, used and unknown all counts; what is missing is named", async () => {
  await using home = await temporaryDirectory("quire-budget-");
  const ledger = openLedger(home.path);
  ledger.append(line(100, 100));
  ledger.append(line(0, 0, { usage: null, cost: { unknown: "?" }, at_most: 0.25 }));
  ledger.append(line(50, 0, { at: "2026-03-03T12:00:00.000Z" }));
  const book = new BudgetBook({ day: { maxUsd: 1 } }, deps(home.path));
  const first = await book.reserve(need(100, 1000), forever);
  // Of 1,024 parts 300 are used, 256 may have been used and the input takes 100: the rest buys 184 tokens of output.
  expect(first).toMatchObject({ kind: "reserved", outputTokens: 184 });
  const stop = AbortSignal.abort();
  expect(await book.reserve(need(100, 10), stop)).toEqual({
    kind: "refused",
    scope: "day",
    unit: "usd",
    allowed: 1,
    used: 556 / 1024,
    reserved: 468 / 1024,
    needed: 110 / 1024,
  });
  if (first.kind === "reserved") first.release();
  expect(await book.reserve(need(100, 10), stop)).toMatchObject({ kind: "reserved", outputTokens: 10 });
  expect(await book.reserve(need(1, 10, false), stop)).toEqual({ kind: "unpriced", scope: "day" });
  const byMonth = new BudgetBook({ month: { maxTokens: 251 } }, deps(home.path));
  expect(await byMonth.reserve(need(1, 10), stop)).toMatchObject({ scope: "month", used: 250 });
  ledger.close();
});

test("a crash gives back what its process held, and half a reservation is cleared away", async () => {
  await using home = await temporaryDirectory("quire-budget-");
  const dead = new BudgetBook(
    { user: { maxTokens: 100 } },
    deps(home.path, { self: { pid: 77, startTime: "9", host: "h" } }),
  );
  expect(await dead.reserve(need(50, 50), forever)).toMatchObject({ kind: "reserved" });
  const book = new BudgetBook(
    { user: { maxTokens: 100 } },
    deps(home.path, { isAlive: ({ pid }) => pid !== 77 }),
  );
  const outcome = await book.reserve(need(50, 50), forever);
  expect(outcome).toMatchObject({ kind: "reserved", outputTokens: 50 });
  if (outcome.kind === "reserved") outcome.release();
  expect(readdirSync(join(home.path, "ledger", "reservations"))).toEqual([]);
});

test("over 1,000 random schedules no limit is passed by more than what calls took beyond their estimates", async () => {
  const call = fc.record({
    input: fc.integer({ min: 1, max: 60 }),
    output: fc.integer({ min: 1, max: 60 }),
    /** How much of the reservation is used; above 1 the estimate was too low. */
    share: fc.constantFrom(0, 0.3, 1, 1, 1.5),
    ticks: fc.nat(4),
    crash: fc.boolean(),
  });
  const threads = fc.array(fc.array(call, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 4 });
  await using root = await temporaryDirectory("quire-budget-");
  let schedule = 0;
  await fc.assert(
    fc.asyncProperty(threads, fc.integer({ min: 20, max: 300 }), async (plans, tokens) => {
      schedule += 1;
      const home = join(root.path, String(schedule));
      const usd = tokens * 0.0015;
      const ended = new Set<number>();
      const ledger = openLedger(home);
      let used = { tokens: 0, usd: 0 };
      let beyond = { tokens: 0, usd: 0 };
      const thread = async (plan: (typeof plans)[number], pid: number): Promise<void> => {
        const book = new BudgetBook(
          { day: { maxTokens: tokens }, month: { maxUsd: usd } },
          deps(home, {
            self: { pid, startTime: String(pid), host: "h" },
            isAlive: (owner) => !ended.has(owner.pid),
          }),
        );
        for (const { input, output, share, ticks, crash } of plan) {
          const outcome = await book.reserve(need(input, output), forever);
          if (outcome.kind !== "reserved") continue;
          for (let tick = 0; tick < ticks; tick++) await new Promise((resolve) => setImmediate(resolve));
          const answered = Math.floor(outcome.outputTokens * share);
          const took = line(input, answered);
          const over = Math.max(0, answered - outcome.outputTokens);
          ledger.append(took);
          used = {
            tokens: used.tokens + input + answered,
            usd: used.usd + input * PRICE.in + answered * PRICE.out,
          };
          beyond = { tokens: beyond.tokens + over, usd: beyond.usd + over * PRICE.out };
          expect(used.tokens).toBeLessThanOrEqual(tokens + beyond.tokens);
          expect(used.usd).toBeLessThanOrEqual(usd + beyond.usd + 1e-9);
          if (crash) {
            ended.add(pid);
            return;
          }
          outcome.release();
        }
      };
      await Promise.all(plans.map((plan, index) => thread(plan, index + 1)));
      ledger.close();
    }),
    { numRuns: 1000 },
  );
}, 120_000);

test("processes that race for one limit keep it together and use it up", async () => {
  await using home = await temporaryDirectory("quire-budget-");
  const file = await program(
    home.path,
    `import { readdirSync, writeFileSync } from "node:fs";
    import { BudgetBook } from "../src/budget-book.ts";
    import { openLedger } from "../src/ledger-writer.ts";
    const [home = "", text = ""] = process.argv.slice(2);
    // Both begin together, or one would have used everything before the other is there.
    writeFileSync(home + "/ready-" + process.pid, "");
    while (readdirSync(home).filter((name) => name.startsWith("ready-")).length < 2) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const book = new BudgetBook({ day: { maxTokens: 4000 } }, {
      home, pid: process.pid, now: () => ${NOON}, random: Math.random,
      calendar: { zone: "UTC", dayOf: (ms) => new Date(ms).toISOString().slice(0, 10) },
      self: { pid: process.pid, startTime: "", host: "h" }, isAlive: () => true,
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms / 50)),
    });
    const ledger = openLedger(home);
    let calls = 0;
    const thread = async () => {
      for (;;) {
        const need = { inputTokens: 7, outputTokens: 20, leastOutputTokens: 3, usdWith: () => 0 };
        const outcome = await book.reserve(need, new AbortController().signal);
        if (outcome.kind !== "reserved") return;
        await new Promise((resolve) => setImmediate(resolve));
        const usage = { in: 7, cached: 0, written: 0, out: outcome.outputTokens, reasoning: 0 };
        ledger.append({ ...JSON.parse(text), id: process.pid + ":" + calls, usage });
        calls += 1;
        outcome.release();
      }
    };
    await Promise.all([thread(), thread()]);
    process.stdout.write(String(calls));`,
  );
  const calls = await Promise.all(
    [1, 2].map(() => runProgram(file, [home.path, JSON.stringify(line(0, 0))])),
  );
  const { rows } = readLedger({ home: home.path, calendar, pid: 1 });
  const used = rows.reduce((sum, row) => sum + row.in + row.out, 0);
  expect(used).toBeLessThanOrEqual(4000);
  expect(used).toBeGreaterThan(4000 - 10);
  expect(rows.reduce((sum, row) => sum + row.requests, 0)).toBe(Number(calls[0]) + Number(calls[1]));
  for (const each of calls) expect(Number(each)).toBeGreaterThan(0);
});

/** What one of two processes does with all schedules: two threads for each, whose calls follow from the schedule's number. */
const SCHEDULES = `
  import { existsSync, mkdirSync, writeFileSync } from "node:fs";
  import { BudgetBook } from "../src/budget-book.ts";
  import { openLedger } from "../src/ledger-writer.ts";
  const [root = "", me = "", schedules = "", text = ""] = process.argv.slice(2);
  const other = me === "a" ? "b" : "a";
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const randomOf = (seed) => () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  let made = 0;
  for (let schedule = 0; schedule < Number(schedules); schedule++) {
    const home = root + "/" + schedule;
    mkdirSync(home, { recursive: true });
    writeFileSync(home + "/" + me, "");
    while (!existsSync(home + "/" + other)) await new Promise((resolve) => setTimeout(resolve, 1));
    const ledger = openLedger(home);
    const shared = randomOf(schedule);
    const maxTokens = 20 + Math.floor(shared() * 280);
    const thread = async (number) => {
      const random = randomOf(schedule * 8 + number * 2 + (me === "a" ? 0 : 1));
      const book = new BudgetBook({ day: { maxTokens }, month: { maxUsd: maxTokens * 0.0015 } }, {
        home, pid: process.pid, now: () => ${NOON}, random: Math.random,
        calendar: { zone: "UTC", dayOf: (ms) => new Date(ms).toISOString().slice(0, 10) },
        self: { pid: process.pid, startTime: "", host: "h" }, isAlive: () => true, sleep: turn,
      });
      for (let call = 0; call < 3; call++) {
        const input = 1 + Math.floor(random() * 60);
        const usdWith = (output) => input * ${PRICE.in} + output * ${PRICE.out};
        const wanted = 1 + Math.floor(random() * 60);
        const share = [0, 0.3, 1, 1, 1.5][Math.floor(random() * 5)];
        const ticks = Math.floor(random() * 4);
        const need = { inputTokens: input, outputTokens: wanted, leastOutputTokens: Math.min(5, wanted), usdWith };
        const outcome = await book.reserve(need, new AbortController().signal);
        if (outcome.kind !== "reserved") continue;
        for (let tick = 0; tick < ticks; tick++) await turn();
        const out = Math.floor(outcome.outputTokens * share);
        const usage = { in: input, cached: 0, written: 0, out, reasoning: 0 };
        const beyond = Math.max(0, out - outcome.outputTokens);
        made += 1;
        ledger.append({ ...JSON.parse(text), id: me + made, thread: me, attempt: beyond, usage, cost: { usd: usdWith(out) } });
        outcome.release();
      }
    };
    await Promise.all([thread(0), thread(1)]);
    ledger.close();
  }
  process.stdout.write(String(made));
`;

test("over 1,000 random schedules two processes with two threads each keep limits together, at every moment", async () => {
  const schedules = 1000;
  await using root = await temporaryDirectory("quire-budget-");
  const file = await program(root.path, SCHEDULES);
  const made = await Promise.all(
    ["a", "b"].map((me) => runProgram(file, [root.path, me, String(schedules), JSON.stringify(line(0, 0))])),
  );
  let lines = 0;
  let interleaved = 0;
  for (let schedule = 0; schedule < schedules; schedule++) {
    // The limit follows from the number, as it does there.
    const shared = mulberry(schedule);
    const maxTokens = 20 + Math.floor(shared() * 280);
    const used = { tokens: 0, usd: 0 };
    const beyond = { tokens: 0, usd: 0 };
    const path = monthFile(join(root.path, String(schedule)), "2026-03");
    const entries = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
    const threads = entries.map((text) => {
      const { usage, cost, attempt, thread } = LedgerEntrySchema.parse(JSON.parse(text));
      used.tokens += (usage?.in ?? 0) + (usage?.out ?? 0);
      used.usd += cost !== null && "usd" in cost ? cost.usd : 0;
      beyond.tokens += attempt;
      beyond.usd += attempt * PRICE.out;
      expect(used.tokens).toBeLessThanOrEqual(maxTokens + beyond.tokens);
      expect(used.usd).toBeLessThanOrEqual(maxTokens * 0.0015 + beyond.usd + 1e-9);
      return thread;
    });
    lines += entries.length;
    if (threads.lastIndexOf("a") > threads.indexOf("b") && threads.lastIndexOf("b") > threads.indexOf("a")) {
      interleaved += 1;
    }
  }
  expect(lines).toBe(Number(made[0]) + Number(made[1]));
  // Else this would be about one process.
  expect(interleaved).toBeGreaterThan(10);
}, 300_000);

function mulberry(start: number): () => number {
  let seed = start;
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
