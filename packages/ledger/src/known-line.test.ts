import { writeFile } from "node:fs/promises";
import { temporaryDirectory } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type LedgerEntry,
  LedgerEntrySchema,
  ledgerDirectory,
  monthFile,
  parseEntry,
  readLedger,
} from "./index.ts";
import { addKnownLine, matchKnownLine } from "./known-line.ts";
import { lineOf } from "./ledger-entry.ts";
import { nodeLedgerFs } from "./ledger-writer.ts";
import { addEntry, emptySum } from "./usage-row.ts";

const plain = fc.stringMatching(/^[\w ./:+-]{0,12}$/);
const name = fc.oneof(
  { weight: 20, arbitrary: plain },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 8 }) },
  { weight: 1, arbitrary: fc.constant('","in":9') },
);
const count = fc.oneof(fc.nat(1_000_000), fc.constantFrom(0, 1e-7, 1.5, 1e21));
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const entry: fc.Arbitrary<LedgerEntry> = fc
  .record(
    {
      v: fc.constant(1 as const),
      id: name,
      at: fc
        .integer({ min: 0, max: 3e6 })
        .map((s) => new Date(Date.UTC(2026, 2, 1) + s * 1000).toISOString()),
      thread: fc.oneof(fc.constantFrom("a", "b"), name),
      turn: name,
      project: name,
      provider: name,
      model: name,
      effort: nullable(name),
      purpose: fc.constantFrom("turn", "review"),
      agent: name,
      tool: nullable(name),
      attempt: fc.nat(9),
      failed: nullable(fc.constantFrom("model_overloaded", 'odd"code')),
      usage: nullable(fc.record({ in: count, cached: count, written: count, out: count, reasoning: count })),
      price: nullable(
        fc.record({
          in: nullable(count),
          cached: nullable(count),
          written: nullable(count),
          out: nullable(count),
          as_of: plain,
          source: name,
        }),
      ),
      cost: nullable(fc.oneof(fc.record({ usd: count }), fc.record({ unknown: name }))),
      estimate: fc.record({ in: count, cached: count, usd: nullable(count) }),
      at_most: count,
    },
    {
      requiredKeys: [
        ...(["v", "id", "at", "thread", "turn", "project", "provider", "model", "purpose", "agent"] as const),
        ...(["tool", "attempt", "failed", "usage", "price", "cost"] as const),
      ],
    },
  )
  .map((value) => LedgerEntrySchema.parse(value));

const latin1 = (text: string) => Buffer.from(text).toString("latin1");

test("what is quick reads as JSON does, and whatever is not in the known form is left to it", () => {
  let quick = 0;
  fc.assert(
    fc.property(
      entry,
      fc.nat(600),
      fc.constantFrom("", "0", '"', ",", "x"),
      fc.boolean(),
      (value, at, by, whole) => {
        const good = lineOf(value);
        const line = whole ? good : good.slice(0, at) + by + good.slice(at + 1);
        const known = matchKnownLine(latin1(`${line}\n`), 0);
        const parsed = parseEntry(line);
        if (known === null) return;
        quick += 1;
        const sums = [emptySum(), emptySum()] as const;
        addKnownLine(sums[0], known);
        expect(parsed).not.toBeNull();
        if (parsed !== null) addEntry(sums[1], parsed);
        expect(sums[0]).toEqual(sums[1]);
        expect(known.next).toBe(Buffer.byteLength(line) + 1);
      },
    ),
    { numRuns: 2000 },
  );
  expect(quick).toBeGreaterThan(100);
});

test("a line without anything odd is read quickly, whatever its writer's order of fields", () => {
  const usual = {
    cost: { usd: 0.1 },
    estimate: { usd: null, in: 5, cached: 0 },
    usage: { out: 1, in: 2, reasoning: 0, written: 0, cached: 0 },
    ...{ price: null, failed: null, attempt: 1, tool: "exec_command", agent: "main", purpose: "turn" },
    ...{ model: "m", provider: "p", project: "/a", turn: "u", thread: "t", at: "2026-03-04T10:00:00.000Z" },
    ...{ id: "u:1", v: 1 as const },
  };
  expect(matchKnownLine(`${lineOf(usual)}\n`, 0)).toMatchObject({ at: usual.at, thread: '"t"' });
});

test("sums over a file are those of its entries, names beyond ASCII and lines across chunks included", async () => {
  const value = fc.array(fc.oneof(entry, fc.constant(null)), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(value, fc.constantFrom(10, 40_000, 70_000), async (entries, width) => {
      await using home = await temporaryDirectory("quire-known-");
      const calendar = { zone: "UTC", dayOf: (ms: number) => new Date(ms).toISOString().slice(0, 10) };
      nodeLedgerFs.mkdir(ledgerDirectory(home.path));
      const lines = entries.map((one) =>
        one === null ? "torn" : lineOf({ ...one, project: `/é${"p".repeat(width)}` }),
      );
      await writeFile(monthFile(home.path, "2026-03"), lines.map((line) => `${line}\n`).join(""));
      const { rows, unreadable } = readLedger({ home: home.path, calendar, pid: 1 });
      const expected = new Map<string, ReturnType<typeof emptySum>>();
      for (const one of entries) {
        if (one === null) continue;
        const { thread, provider, model, purpose, agent, tool } = one;
        const key = JSON.stringify([
          one.at.slice(0, 10),
          thread,
          provider,
          model,
          purpose,
          agent,
          tool ?? "(the user)",
        ]);
        const sum = expected.get(key) ?? emptySum();
        addEntry(sum, one);
        expected.set(key, sum);
      }
      const found = rows.map(({ keys, ...sum }) => {
        expect(keys.project).toBe(`/é${"p".repeat(width)}`);
        const { day, thread, provider, model, purpose, agent, tool } = keys;
        return [JSON.stringify([day, thread, provider, model, purpose, agent, tool]), sum];
      });
      expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected));
      expect(unreadable).toBe(entries.filter((one) => one === null).length);
    }),
    { numRuns: 60 },
  );
});
