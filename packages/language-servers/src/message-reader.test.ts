import fc from "fast-check";
import { expect, test } from "vitest";
import { createMessageReader, frame } from "./message-reader.ts";

test("messages come out as they went in, however they are cut", () => {
  const message = fc.record({
    method: fc.string({ unit: "binary" }),
    params: fc.json().map((text) => JSON.parse(text)),
  });
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 6 }),
      fc.array(fc.nat(60), { maxLength: 40 }),
      (messages, cuts) => {
        const bytes = Buffer.from(messages.map(frame).join(""));
        const read = createMessageReader();
        const got: unknown[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          const answer = read(bytes.subarray(at, at + cut));
          at = Math.min(bytes.length, at + cut);
          if (answer.kind === "broken") throw new Error(answer.why);
          got.push(...answer.messages);
        }
        expect(got).toEqual(messages.map((one) => JSON.parse(JSON.stringify({ jsonrpc: "2.0", ...one }))));
      },
    ),
  );
});

test("bytes that are no messages are said to be none, and nothing throws", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 5 }), (chunks) => {
      const read = createMessageReader();
      for (const chunk of chunks) expect(["messages", "broken"]).toContain(read(Buffer.from(chunk)).kind);
    }),
  );
  for (const text of [
    "X: 1\r\n\r\n{}",
    "Content-Length: 99999999999\r\n\r\n",
    "Content-Length: 2\r\n\r\n{x",
    "y".repeat(5000),
  ]) {
    expect(createMessageReader()(Buffer.from(text)).kind).toBe("broken");
  }
});
