import { expect, test } from "vitest";
import { countsNumbersPerNamespace, readSwitch, readTrial } from "./process-limit.ts";

test.each([
  ["6.14.0", true],
  ["6.18.44-fc-v657", true],
  ["7.0.1", true],
  ["6.12.30-amd64", false],
  ["6.1.0-56-cloud-amd64", false],
  ["5.15.0", false],
  ["odd", false],
])("a kernel %s has a number of processes of its own per namespace: %s", (release, expected) => {
  expect(countsNumbersPerNamespace(release)).toBe(expected);
});

test.each([
  ["user bound\n", "user"],
  ["numbers 4194304 4194303\nuser bound\n", "user"],
  ["numbers 4194304 4194303\n", "namespace"],
  // The switch of a machine, which has another value, or which could not be set.
  ["numbers 32768 32768\n", "none"],
  ["numbers 4194304 4194304\n", "none"],
  ["", "none"],
])("what a trial printed: %j", (printed, expected) => {
  expect(readTrial(printed, readSwitch())).toBe(expected);
});

test("a switch that turned out to be the machine's limits nothing", () => {
  expect(readTrial("numbers 4194304 4194303\n", readSwitch() + 1)).toBe("none");
});
