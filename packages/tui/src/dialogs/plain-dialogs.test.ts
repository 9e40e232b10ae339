import { expect, test } from "vitest";
import { pickDialog } from "./pick.ts";
import { readTextDialog } from "./read-text.ts";

const FRUIT = ["apple", "pear", "plum"].map((label) => ({ label, hint: "", value: label }));

test("a list is numbered, and a number, a key or words answer it", () => {
  const list = pickDialog({ title: "Which?", choices: [{ key: "y", label: "yes", hint: "once", value: 1 }] });
  expect(list.plain().lines).toEqual(["Which?", "1. yes: once", "Type a number; an empty line cancels."]);
  expect(list.plain().answer(" 1 ")).toEqual({ kind: "done", value: 1 });
  expect(list.plain().answer("y")).toEqual({ kind: "done", value: 1 });
  expect(list.plain().answer("")).toEqual({ kind: "done", value: null });
  expect(list.plain().answer("2").kind).toBe("open");

  const step = pickDialog({ title: "Fruit", choices: FRUIT, isSearchable: true }).plain().answer("p l");
  if (step.kind !== "open") throw new Error("it should go on");
  expect(step.dialog.plain().lines).toEqual([
    "Fruit",
    "1. apple",
    "2. plum",
    "Type a number, or words to look for; an empty line cancels.",
  ]);
  expect(step.dialog.plain().answer("2")).toEqual({ kind: "done", value: "plum" });
});

test("a long list is not read out to its end", () => {
  const choices = Array.from({ length: 100 }, (_, at) => ({ label: `n${at}`, hint: "", value: at }));
  const { lines } = pickDialog({ title: "Number", choices, isSearchable: true }).plain();
  expect([lines.length, lines.at(-2)]).toEqual([33, "and 70 more"]);
});

test("a text has what an empty line means, and a secret says that it is not shown", () => {
  const plain = readTextDialog({ title: "Model", text: "m" }).plain();
  expect(plain.lines).toEqual(["Model", "An empty line takes: m · a dot cancels."]);
  expect(["", ".", "other"].map(plain.answer)).toEqual([
    { kind: "done", value: "m" },
    { kind: "done", value: null },
    { kind: "done", value: "other" },
  ]);
  const secret = readTextDialog({ title: "Key", isSecret: true }).plain();
  expect([secret.isSecret, secret.lines[1]]).toEqual([true, "What you type is not shown."]);
});
