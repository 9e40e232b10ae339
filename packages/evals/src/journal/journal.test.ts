import { appendFileSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { processStartTime } from "@quire/config";
import { temporaryDirectory } from "@quire/test-support";
import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { openJournal } from "./journal.ts";

const RowSchema = z.object({ id: z.number(), text: z.string() });

test("whatever a kill leaves of the last line, the rows before it are there and the next one follows", async () => {
  await using folder = await temporaryDirectory("quire-journal-");
  const row = fc.record({ id: fc.nat(), text: fc.string({ unit: "grapheme" }) });
  let file = 0;
  fc.assert(
    fc.property(fc.array(row, { maxLength: 5 }), row, fc.nat(), (rows, torn, cut) => {
      const path = join(folder.path, `${file++}.jsonl`);
      const first = openJournal(path, RowSchema);
      for (const each of rows) first.append(each);
      first.close();
      const line = Buffer.from(JSON.stringify(torn));
      appendFileSync(path, line.subarray(0, cut % (line.length + 1)));
      const second = openJournal(path, RowSchema);
      expect(second.before).toEqual(rows);
      second.append(torn);
      second.close();
      second.close();
      const third = openJournal(path, RowSchema);
      expect(third.before).toEqual([...rows, torn]);
      third.close();
    }),
    { numRuns: 40 },
  );
});

test("one run writes at a time, and what a killed one left behind stops nobody", async () => {
  await using folder = await temporaryDirectory("quire-journal-");
  const path = join(folder.path, "rows.jsonl");
  writeFileSync(`${path}~999999999~1~0~${encodeURIComponent(hostname())}.lock`, "");
  const first = openJournal(path, RowSchema);
  // As another process of this machine that is running.
  const [lock = ""] = readdirSync(folder.path).filter((name) => name.endsWith(".lock"));
  first.close();
  expect(readdirSync(folder.path)).toEqual(["rows.jsonl"]);
  const other = processStartTime(process.ppid);
  writeFileSync(join(folder.path, lock.replace(/~\d+~\d+~/, `~${process.ppid}~${other}~`)), "");
  expect(() => openJournal(path, RowSchema)).toThrow(
    expect.objectContaining({
      code: "directory_unusable",
      message: `${path} is being written by process ${process.ppid}`,
    }),
  );
});

test("a damaged line that is not the last is named, and nothing is cut off", async () => {
  await using folder = await temporaryDirectory("quire-journal-");
  const path = join(folder.path, "rows.jsonl");
  appendFileSync(path, '{"id":1,"text":"a"}\n{"id":\n{"id":2,"text":"b"}\n');
  const before = readFileSync(path, "utf8");
  expect(() => openJournal(path, RowSchema)).toThrow(/rows\.jsonl:2 is not a row/);
  expect(readFileSync(path, "utf8")).toBe(before);
});
