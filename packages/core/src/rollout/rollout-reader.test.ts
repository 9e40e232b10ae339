import type { RolloutRecord } from "@quire/protocol";
import fc from "fast-check";
import { expect, test } from "vitest";
import { parseRollout } from "./rollout-reader.ts";

const record: RolloutRecord = {
  type: "response_item",
  payload: { type: "message", role: "user", content: [{ type: "input_text", text: "hä?" }] },
};
const good = `${JSON.stringify({ timestamp: "2026-01-01T00:00:00.000Z", ordinal: 4, ...record })}\n`;

test("a torn last line is reported and not counted as part of the log", () => {
  const torn = good.slice(0, 30);
  expect(parseRollout(Buffer.from(good + torn))).toEqual({
    records: [record],
    damage: [{ line: 2, kind: "torn_tail", excerpt: torn }],
    nextOrdinal: 5,
    wholeBytes: Buffer.byteLength(good),
    endsWithoutNewline: false,
  });
});

test("a whole last line without its newline is kept", () => {
  const text = good.trimEnd();
  expect(parseRollout(Buffer.from(text))).toMatchObject({
    records: [record],
    damage: [],
    wholeBytes: Buffer.byteLength(text),
    endsWithoutNewline: true,
  });
});

test("garbage and NULs in the middle cost their own line only; unknown kinds are passed over", () => {
  const foreign = `${JSON.stringify({ timestamp: "", type: "world_state", payload: {} })}\n`;
  const parsed = parseRollout(Buffer.from(`${good}\0\0garbage\n${foreign}${good}`));
  expect(parsed.records).toEqual([record, record]);
  expect(parsed.damage.map(({ line, kind }) => ({ line, kind }))).toEqual([
    { line: 2, kind: "not_json" },
    { line: 3, kind: "foreign" },
  ]);
});

test("cut at any byte, a log yields every line before the cut", () => {
  const data = Buffer.from(good.repeat(3));
  const line = Buffer.byteLength(good);
  for (let cut = 0; cut <= data.length; cut++) {
    const { records, wholeBytes } = parseRollout(data.subarray(0, cut));
    const whole = Math.floor(cut / line) + (cut % line === line - 1 ? 1 : 0);
    expect([cut, records.length]).toEqual([cut, whole]);
    expect(wholeBytes).toBe(cut % line === line - 1 ? cut : Math.floor(cut / line) * line);
  }
});

test("no bytes make it throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      expect(parseRollout(Buffer.from(bytes)).records).toEqual([]);
    }),
  );
});
