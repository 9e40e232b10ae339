import { expect, test } from "vitest";
import { redact } from "./redact.ts";

test("given secrets and what looks like a key are taken out", () => {
  expect(redact("key my-own-secret, twice my-own-secret", ["my-own-secret"])).toBe(
    "key [redacted], twice [redacted]",
  );
  expect(redact("authorization: Bearer abc.DEF-123456", [])).toBe("authorization: Bearer [redacted]");
  expect(redact("Incorrect API key: sk-proj-abcdef123456.", [])).toBe("Incorrect API key: [redacted].");
});

test("short values would take words out of sentences and are left", () => {
  expect(redact("a task on a desk", ["a"])).toBe("a task on a desk");
});
