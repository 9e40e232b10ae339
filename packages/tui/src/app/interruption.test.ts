import { expect, test } from "vitest";
import { Interruption } from "./interruption.ts";

function interruption() {
  let now = 0;
  const keys = new Interruption(() => now);
  return { keys, wait: (ms: number) => (now += ms) };
}

test("Ctrl-C interrupts or warns, and leaves when it comes again soon", () => {
  const { keys, wait } = interruption();
  expect(keys.press("ctrlC", true)).toBe("interrupt");
  expect(keys.hint).toBe("Interrupting · Ctrl-C again leaves");
  expect(keys.isTimed).toBe(true);
  keys.forgetEscape();
  expect(keys.hint).toBe("Interrupting · Ctrl-C again leaves");
  wait(3000);
  expect([keys.hint, keys.isTimed]).toEqual([null, false]);
  expect(keys.press("ctrlC", false)).toBe("warn");
  expect(keys.press("ctrlC", false)).toBe("leave");
});

test("Esc interrupts and never leaves; twice while nothing runs it takes a message back", () => {
  const { keys, wait } = interruption();
  expect([keys.press("escape", true), keys.press("escape", true)]).toEqual(["interrupt", "interrupt"]);
  expect(keys.press("escape", false)).toBe("warn");
  wait(60_000);
  expect([keys.hint, keys.isTimed]).toEqual(["Esc again takes an earlier message back", false]);
  expect(keys.press("escape", false)).toBe("rewind");
  expect(keys.hint).toBeNull();
  expect(keys.press("escape", false)).toBe("warn");
  keys.forgetEscape();
  expect(keys.hint).toBeNull();
  expect(keys.press("escape", false)).toBe("warn");
});

test("one key does not count for the other", () => {
  const { keys } = interruption();
  expect(
    ["ctrlC", "escape", "ctrlC"].map((key) => keys.press(key === "ctrlC" ? key : "escape", false)),
  ).toEqual(["warn", "warn", "warn"]);
});
