import { expect, test } from "vitest";
import { readQueueArguments } from "./queue-arguments.ts";

const named = { kind: "named", thread: "T" };
const last = { kind: "last", all: false };
const added = { action: "add", images: [], resume: false };

test.each([
  [["list"], {}, { action: "list", thread: null }],
  [["list"], { last: true }, { action: "list", thread: last }],
  [["list", "T"], {}, { action: "list", thread: named }],
  [["add", "T", "do", "this"], {}, { ...added, thread: named, message: "do this" }],
  [["add", "do", "this"], { last: true }, { ...added, thread: last, message: "do this" }],
  [["add", "T"], {}, { ...added, thread: named, message: null }],
  [[], { thread: "T", message: "m", resume: true }, { ...added, thread: named, message: "m", resume: true }],
  [
    ["add", "m"],
    { thread: "T", image: ["a.png"] },
    { ...added, thread: named, message: "m", images: ["a.png"] },
  ],
  [["remove", "T", "1", "id"], {}, { action: "remove", thread: named, which: ["1", "id"] }],
  [["clear"], { last: true, all: true }, { action: "clear", thread: { kind: "last", all: true } }],
  [["run", "T"], {}, { action: "run", thread: named }],
])("%j with %j", (words, values, request) => {
  expect(readQueueArguments(words, values)).toEqual(request);
});

test.each([
  [[], {}, "say list, add, remove, clear or run"],
  [["empty"], {}, "say list, add, remove, clear or run"],
  [["add"], {}, "say which thread: quire queue add THREAD, or --last"],
  [["add"], { message: "m" }, "say which thread: quire queue add THREAD, or --last"],
  [["add", "T", "m"], { message: "m" }, "give the message once"],
  [["remove", "T"], {}, "say which message: its place in the list, or its id"],
  [["clear", "T", "all"], {}, "too many words: all"],
  [["list", "T"], { message: "m" }, "--message, --image and --resume go with add"],
  [["list"], { last: true, thread: "T" }, "--last and --thread name two threads"],
  [["list", "T"], { all: true }, "--all goes with --last"],
])("%j with %j: %s", (words, values, message) => {
  expect(() => readQueueArguments(words, values)).toThrow(
    expect.objectContaining({ code: "usage_invalid", message: expect.stringContaining(message) }),
  );
});
