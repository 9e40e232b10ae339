import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { temporaryDirectory } from "@quire/test-support";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { readJsonLines } from "./read-json-lines.ts";

const RowSchema = z.object({ id: z.string(), list: z.optional(z.array(z.number())) });

async function read(bytes: string | Buffer) {
  await using folder = await temporaryDirectory("quire-json-lines-");
  const file = join(folder.path, "rows.jsonl");
  writeFileSync(file, bytes);
  return readJsonLines(file, RowSchema, "rows").map(({ value, line }) => [line, value.id]);
}

test.each([
  [
    "empty lines and Windows' line ends",
    '\r\n{"id":"a"}\r\n \t\n{"id":"b"}',
    [
      [2, "a"],
      [4, "b"],
    ],
  ],
  ["a byte order mark", '\ufeff{"id":"a"}\n', [[1, "a"]]],
  ["gzip", gzipSync('{"id":"a"}\n'), [[1, "a"]]],
  [
    "numbers that only Python writes",
    '{"id":"-NaN \\"Infinity","p":[NaN,-Infinity,1]}',
    [[1, '-NaN "Infinity']],
  ],
  ["line separators within strings", '{"id":"\u2028"}', [[1, "\u2028"]]],
])("%s", async (_, bytes, rows) => {
  expect(await read(bytes)).toEqual(rows);
});

test.each([
  ['{"id":"a"}\nx', /rows\.jsonl:2 is not one of the rows: not JSON$/],
  ['{"idd":"a"}', /:1 is not one of the rows: id is missing$/],
  ['{"id":null}', /: id is null, not string$/],
  ['{"id":"a","list":[1,[]]}', /: list\.1 is array, not number$/],
  ['[{"id":"a"}]', /: it is array, not object$/],
  ["\n\n", /holds no rows$/],
  [Buffer.from('{"id":"a"}\n{"id":"\xe9"}\n', "latin1"), /rows\.jsonl:2 is not UTF-8$/],
  [Buffer.from('\ufeff{"id":"a"}\n', "utf16le"), /rows\.jsonl:1 is not UTF-8$/],
  [gzipSync('{"id":"a"}\n').subarray(0, 20), /cannot be read from .*unexpected end of file/],
])("%j is refused", async (bytes, said) => {
  await expect(read(bytes)).rejects.toThrow(said);
});
