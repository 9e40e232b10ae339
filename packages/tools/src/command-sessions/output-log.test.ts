import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countNewlines, truncateMiddle } from "../output-budget.ts";
import { CharacterSeam, OutputLog } from "./output-log.ts";

function logOf(chunks: readonly Buffer[], capacity: { head: number; tail: number }): OutputLog {
  const log = new OutputLog(capacity);
  for (const chunk of chunks) log.append(chunk, countNewlines(chunk));
  return log;
}

const chunks = fc.array(
  fc.string({ unit: fc.constantFrom("a", "b", "é", "→", "😀", "\n"), maxLength: 200 }),
  {
    maxLength: 40,
  },
);

describe("OutputLog", () => {
  test("renders like the whole text would, while the budget fits what it keeps", () => {
    fc.assert(
      fc.property(chunks, fc.integer({ min: 0, max: 256 }), (pieces, maxBytes) => {
        const log = logOf(
          pieces.map((piece) => Buffer.from(piece)),
          { head: 128, tail: 128 },
        );
        const tokens = Math.floor(maxBytes / 4);
        expect(log.render(tokens * 4)).toEqual(truncateMiddle(pieces.join(""), { maxTokens: tokens }));
      }),
    );
  });

  test("keeps both ends of a stream that is cut anywhere, whatever the chunk sizes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 90 }), { maxLength: 30 }),
        fc.integer({ min: 1, max: 64 }),
        fc.integer({ min: 1, max: 64 }),
        (pieces, head, tail) => {
          const ascii = pieces.map((piece) => Buffer.from(piece.map((byte) => 32 + (byte % 90))));
          const whole = Buffer.concat(ascii).toString();
          const { text, truncated, omittedBytes } = logOf(ascii, { head, tail }).render(100_000);
          if (whole.length <= head + tail) {
            expect({ text, truncated }).toEqual({ text: whole, truncated: false });
          } else {
            expect(omittedBytes).toBe(whole.length - head - tail);
            expect(text).toBe(
              `${whole.slice(0, head)}\n… ${omittedBytes} bytes omitted …\n${whole.slice(whole.length - tail)}`,
            );
          }
        },
      ),
    );
  });

  test("shows undecodable bytes as U+FFFD and NUL as a symbol", () => {
    const log = logOf([Buffer.from("one \xff two and some more text, three\0four", "latin1")], {
      head: 99,
      tail: 99,
    });
    expect(log.render(1000).text).toBe("one \uFFFD two and some more text, three␀four");
  });

  test("describes binary output in one line", () => {
    const bytes = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 256));
    expect(logOf([bytes], { head: 1024, tail: 1024 }).render(1000)).toEqual({
      text: "[binary output, 5000 bytes, not shown; it begins with 00 ef de cd bc ab 9a 89 78 67 56 45 34 23 12 01]",
      truncated: false,
      originalTokens: 1250,
      omittedBytes: 0,
      omittedLines: 0,
    });
  });

  test("takes terminal output, progress bars and NUL-separated names for text", () => {
    const texts = [
      "\x1b[32mok\x1b[0m 1\r\n\x1b[31mfail\x1b[0m 2\r\n",
      Array.from({ length: 101 }, (_, percent) => `\r${percent}%`).join(""),
      ["./src/one.ts", "./src/two.ts", "./src/three.ts"].join("\0"),
    ];
    for (const text of texts) {
      expect(logOf([Buffer.from(text)], { head: 4096, tail: 4096 }).render(4096).text).toBe(
        text.replaceAll("\0", "␀"),
      );
    }
  });
});

describe("CharacterSeam", () => {
  test("passes every byte on and never ends a piece within a character", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "binary", maxLength: 200 }),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 }),
        (text, sizes) => {
          const bytes = Buffer.from(text);
          const seam = new CharacterSeam();
          const pieces: Buffer[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            pieces.push(seam.push(bytes.subarray(at, at + size)));
            at += size;
          }
          pieces.push(seam.end());
          expect(pieces.map((piece) => piece.toString()).join("")).toBe(text);
        },
      ),
    );
  });

  test("gives up an incomplete character at the end", () => {
    const seam = new CharacterSeam();
    expect(seam.push(Buffer.from("a\xe2\x82", "latin1")).toString()).toBe("a");
    expect(seam.end().toString()).toBe("\uFFFD");
  });
});
