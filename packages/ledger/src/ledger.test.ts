import { appendFile, readFile, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import { program, runProgram } from "../test/own-process.ts";
import {
  groupUsage,
  type LedgerEntry,
  type LedgerFs,
  monthFile,
  nodeLedgerFs,
  openLedger,
  readLedger,
} from "./index.ts";

const AT = "2026-03-04T10:00:00.000Z";

function entry(more: Partial<LedgerEntry> = {}): LedgerEntry {
  return {
    v: 1,
    id: "turn:1",
    at: AT,
    thread: "thread",
    turn: "turn",
    project: "/work",
    provider: "openai",
    model: "m",
    effort: null,
    purpose: "turn",
    agent: "main",
    tool: null,
    attempt: 1,
    failed: null,
    usage: { in: 10, cached: 4, written: 0, out: 2, reasoning: 1 },
    price: null,
    cost: { usd: 0.5 },
    ...more,
  };
}

const calendar = { zone: "UTC", dayOf: (ms: number) => new Date(ms).toISOString().slice(0, 10) };
const read = (home: string) => readLedger({ home, calendar, pid: 1 });

test("lines are private, whole after a torn one, and what cannot be read is counted", async () => {
  await using home = await temporaryDirectory("quire-ledger-");
  const file = monthFile(home.path, "2026-03");
  const ledger = openLedger(home.path);
  ledger.append(entry());
  await appendFile(file, '{"v":1,"id":"torn');
  ledger.append(entry({ id: "turn:2" }));
  ledger.close();
  ledger.close();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect((await stat(join(home.path, "ledger"))).mode & 0o777).toBe(0o700);
  const { rows, unreadable } = read(home.path);
  expect({ requests: rows.map(({ requests }) => requests), unreadable }).toEqual({
    requests: [2],
    unreadable: 1,
  });
  await truncate(file, (await stat(file)).size - 5);
  expect(read(home.path)).toMatchObject({ rows: [{ requests: 1 }], unreadable: 1 });
});

test("a line that did not fit is an error with a code, and the next one is whole", async () => {
  await using home = await temporaryDirectory("quire-ledger-");
  let full = true;
  const files: LedgerFs = {
    ...nodeLedgerFs,
    write: (fd, data) => nodeLedgerFs.write(fd, full ? data.subarray(0, 20) : data),
  };
  const ledger = openLedger(home.path, files);
  expect(() => ledger.append(entry())).toThrow(expect.objectContaining({ code: "storage_full" }));
  full = false;
  ledger.append(entry());
  ledger.close();
  expect(read(home.path)).toMatchObject({ rows: [{ requests: 1 }], unreadable: 1 });
});

test("sums do not depend on where they were kept, and follow a file that was replaced", async () => {
  const numbers = fc.record({
    day: fc.integer({ min: 1, max: 28 }),
    model: fc.constantFrom("a", "b"),
    tool: fc.constantFrom(null, "exec_command"),
    known: fc.boolean(),
    tokens: fc.nat(1000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(numbers, { maxLength: 30 }), fc.nat(30), async (specs, cut) => {
      await using home = await temporaryDirectory("quire-ledger-");
      const entries = specs.map(({ day, model, tool, known, tokens }, index) =>
        entry({
          id: `t:${index}`,
          at: new Date(Date.UTC(2026, 2, day)).toISOString(),
          model,
          tool,
          usage: { in: tokens, cached: 0, written: 0, out: 1, reasoning: 0 },
          cost: known ? { usd: tokens / 64 } : { unknown: "no price" },
          // Long enough for the sums to be worth keeping.
          project: "/p".repeat(8000),
        }),
      );
      const ledger = openLedger(home.path);
      for (const each of entries.slice(0, cut)) ledger.append(each);
      read(home.path);
      for (const each of entries.slice(cut)) ledger.append(each);
      ledger.close();
      const { total, groups } = groupUsage(read(home.path).rows, "model");
      expect(total).toMatchObject({
        requests: entries.length,
        in: specs.reduce((sum, { tokens }) => sum + tokens, 0),
        usd: specs.reduce((sum, { tokens, known }) => sum + (known ? tokens / 64 : 0), 0),
        unpriced: specs.filter(({ known }) => !known).length,
      });
      expect(groups.reduce((sum, { requests }) => sum + requests, 0)).toBe(entries.length);
    }),
    { numRuns: 40 },
  );
});

test("several processes write whole lines into one file", async () => {
  await using home = await temporaryDirectory("quire-ledger-");
  const file = await program(
    home.path,
    `import { openLedger } from "../src/ledger-writer.ts";
    const [home = "", line = ""] = process.argv.slice(2);
    const ledger = openLedger(home);
    for (let i = 0; i < 300; i++) ledger.append({ ...JSON.parse(line), id: process.pid + ":" + i });
    ledger.close();`,
  );
  await Promise.all([1, 2, 3].map(() => runProgram(file, [home.path, JSON.stringify(entry())])));
  const lines = (await readFile(monthFile(home.path, "2026-03"), "utf8")).split("\n").filter(Boolean);
  expect(new Set(lines.map((line) => JSON.parse(line).id)).size).toBe(900);
  expect(read(home.path)).toMatchObject({ rows: [{ requests: 900 }], unreadable: 0 });
});
