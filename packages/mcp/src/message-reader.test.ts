import fc from "fast-check";
import { expect, test } from "vitest";
import { createMessageReader } from "./message-reader.ts";

test("lines come out whole however the stream is cut", () => {
  const line = fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n]/g, "").trim());
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(40)), (lines, cuts) => {
      const stream = Buffer.from(lines.map((text) => `${text}\n`).join(""));
      const seen: string[] = [];
      const reader = createMessageReader((text) => seen.push(text));
      let from = 0;
      for (const cut of cuts) {
        expect(reader.add(stream.subarray(from, from + cut))).toBeNull();
        from += cut;
      }
      expect(reader.add(stream.subarray(from))).toBeNull();
      expect(seen).toEqual(lines.filter((text) => text !== ""));
    }),
  );
});

test("a line without end, too many lines and too many bytes each end the stream; a request earns new room", () => {
  const megabyte = Buffer.alloc(1024 * 1024, 120);
  const endless = createMessageReader(() => undefined);
  const answers = Array.from({ length: 18 }, () => endless.add(megabyte));
  expect(answers.findIndex((answer) => answer !== null)).toBe(16);

  const chatty = createMessageReader(() => undefined);
  expect(chatty.add(Buffer.from("a\n".repeat(20_000)))).toBeNull();
  chatty.renew();
  expect(chatty.add(Buffer.from("a\n".repeat(20_000)))).toBeNull();
  expect(chatty.add(Buffer.from("a\n"))).toContain("20000 messages");

  const wide = createMessageReader(() => undefined);
  const line = Buffer.concat([megabyte, Buffer.from("\n")]);
  const wideAnswers = Array.from({ length: 49 }, () => wide.add(line));
  expect(wideAnswers.findIndex((answer) => answer !== null)).toBe(47);
});
