import { expect, test } from "vitest";
import { createApprovalMemory } from "./approval-memory.ts";
import { type AskPerson, NetworkDesk } from "./network-desk.ts";

type Saved = { host: string; verdict: "allow" | "deny" }[];

function memoryWith(saved: Saved) {
  return createApprovalMemory({
    read: () => ({
      prefixRules: [],
      hostExecutables: [],
      networkRules: saved.map(({ host, verdict }) => ({
        host,
        protocol: "https",
        decision: verdict === "allow" ? ("allow" as const) : ("forbidden" as const),
      })),
    }),
    saveAllow: () => undefined,
    saveHost: (host, verdict) => saved.push({ host, verdict }),
  });
}

const request = (itemId: string | null, host = "new.example", port = 443) => ({
  host,
  port,
  protocol: "https" as const,
  itemId,
});
const open = () => ({ signal: new AbortController().signal });

/** A person who answers when told to. */
function person() {
  const asked: string[] = [];
  let answer: (verdict: "allow" | "deny") => void = () => undefined;
  const ask: AskPerson = ({ itemId, host }, signal) => {
    asked.push(`${itemId} ${host}`);
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("aborted")), { once: true });
      answer = (verdict) =>
        resolve({ verdict, rule: `person: ${verdict}`, lasting: verdict === "allow" ? "command" : "turn" });
    });
  };
  return { asked, ask, answer: (verdict: "allow" | "deny") => answer(verdict) };
}

test("one question for all who wait; a yes counts for their commands, not for the next one", async () => {
  const desk = new NetworkDesk(memoryWith([]));
  const { asked, ask, answer } = person();
  desk.enter({ ask, signal: new AbortController().signal });
  const waiting = [desk.ask(request("a"), open()), desk.ask(request("b"), open())];
  answer("allow");
  expect((await Promise.all(waiting)).map(({ verdict }) => verdict)).toEqual(["allow", "allow"]);
  expect(await desk.ask(request("a"), open())).toMatchObject({ verdict: "allow" });
  expect(await desk.ask(request("b"), open())).toMatchObject({ verdict: "allow" });
  const other = desk.ask(request("c"), open());
  answer("deny");
  expect(await other).toEqual({ verdict: "deny", rule: "person: deny" });
  expect(await desk.ask(request("d"), open())).toMatchObject({ verdict: "deny" });
  expect(asked).toEqual(["a new.example", "c new.example"]);
});

test("a no holds for the turn; the next one may ask again", async () => {
  const desk = new NetworkDesk(memoryWith([]));
  const { asked, ask, answer } = person();
  for (const turn of [1, 2]) {
    desk.enter({ ask, signal: new AbortController().signal });
    const first = desk.ask(request("a"), open());
    answer("deny");
    await first;
    await desk.ask(request("a"), open());
    desk.leave();
    expect(asked).toHaveLength(turn);
  }
});

test("a yes counts for the port that was shown, a no for every port of the host", async () => {
  const memory = memoryWith([]);
  const desk = new NetworkDesk(memory);
  const { asked, ask, answer } = person();
  desk.enter({ ask, signal: new AbortController().signal });
  const first = desk.ask(request("a", "db.example", 5432), open());
  answer("allow");
  expect(await first).toMatchObject({ verdict: "allow" });
  expect(await desk.ask(request("a", "db.example", 5432), open())).toMatchObject({ verdict: "allow" });
  const second = desk.ask(request("a", "db.example", 22), open());
  answer("deny");
  await second;
  for (let port = 1; port < 100; port++) await desk.ask(request("b", "db.example", port), open());
  expect(asked).toEqual(["a db.example", "a db.example"]);
  memory.rememberHost("db.example:5432", "allow");
  expect(memory.hostVerdict("db.example", 5432)).toBe("allow");
  expect([443, 22].map((port) => memory.hostVerdict("db.example", port))).toEqual([null, null]);
  memory.rememberHost("db.example", "deny");
  expect([443, 22, 5432].map((port) => memory.hostVerdict("db.example", port))).toEqual([
    "deny",
    "deny",
    "deny",
  ]);
});

test("the wait ends with a time limit, with an interruption and with the turn, and is a refusal", async () => {
  const { ask } = person();
  const late = new NetworkDesk(memoryWith([]), 20);
  late.enter({ ask, signal: new AbortController().signal });
  expect(await late.ask(request("a"), open())).toEqual({
    verdict: "deny",
    rule: "nobody answered within 0 seconds",
  });
  const desk = new NetworkDesk(memoryWith([]));
  const interrupted = new AbortController();
  desk.enter({ ask, signal: interrupted.signal });
  const first = desk.ask(request("a"), open());
  interrupted.abort();
  expect(await first).toMatchObject({ verdict: "deny", rule: expect.stringContaining("interrupted") });
  desk.enter({ ask, signal: new AbortController().signal });
  const second = desk.ask(request("a"), open());
  desk.leave();
  expect(await second).toMatchObject({ verdict: "deny" });
  expect(await desk.ask(request("a"), open())).toMatchObject({
    rule: expect.stringContaining("no turn is running"),
  });
});

test("nobody to ask, a program that is no command, and what was said for good", async () => {
  const saved: Saved = [{ host: "never.example", verdict: "deny" }];
  const memory = memoryWith(saved);
  const desk = new NetworkDesk(memory);
  const { ask, asked } = person();
  desk.enter({ ask: null, signal: new AbortController().signal });
  expect(await desk.ask(request("a"), open())).toMatchObject({
    rule: expect.stringContaining("nobody can be asked"),
  });
  desk.enter({ ask, signal: new AbortController().signal });
  expect(await desk.ask(request(null), open())).toMatchObject({ verdict: "deny" });
  expect(await desk.ask(request("a", "never.example"), open())).toMatchObject({ verdict: "deny" });
  memory.rememberHostForSession("session.example");
  memory.rememberHost("always.example", "allow");
  expect(await desk.ask(request("a", "session.example"), open())).toMatchObject({ verdict: "allow" });
  expect(await desk.ask(request(null, "always.example"), open())).toMatchObject({ verdict: "allow" });
  expect(asked).toEqual([]);
});

test("a flood of connections is one entry per command, host and verdict, and a flood of hosts is bounded", () => {
  const desk = new NetworkDesk(memoryWith([]));
  const decided = (itemId: string, host: string, port: number, verdict: "allow" | "deny") =>
    desk.decided({ itemId, host, port, verdict, rule: "r" });
  for (let at = 0; at < 1000; at++) decided("a", "one.example", 443 + (at % 20), "allow");
  decided("a", "one.example", 80, "deny");
  decided("b", "one.example", 443, "allow");
  expect(desk.take((itemId) => itemId === "a")).toEqual([
    {
      itemId: "a",
      host: "one.example",
      ports: [443, 444, 445, 446, 447, 448, 449, 450],
      verdict: "allow",
      rule: "r",
      count: 1000,
    },
    { itemId: "a", host: "one.example", ports: [80], verdict: "deny", rule: "r", count: 1 },
  ]);
  expect(desk.take()).toHaveLength(1);
  expect(desk.take()).toEqual([]);
  for (let at = 0; at < 10_000; at++) decided("a", `h${at}.example`, 443, "deny");
  const all = desk.take();
  expect(all).toHaveLength(51);
  expect(all.at(-1)).toMatchObject({ host: "(other hosts)", count: 9950 });
});
