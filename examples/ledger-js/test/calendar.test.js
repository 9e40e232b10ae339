import assert from "node:assert/strict";
import { test } from "node:test";
import { daysInMonth, isDate, isLeapYear, isWithin, monthEnd } from "../src/calendar.js";

test("leap years follow the Gregorian rule", () => {
  assert.deepEqual([1900, 2000, 2023, 2024, 2100].map(isLeapYear), [false, true, false, true, false]);
});

test("months have their days", () => {
  const days = Array.from({ length: 12 }, (_, index) => daysInMonth(2023, index + 1));
  assert.deepEqual(days, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]);
  assert.equal(daysInMonth(2024, 2), 29);
});

test("only real days are dates", () => {
  for (const text of ["2024-01-01", "2024-02-29", "2023-12-31"]) assert.ok(isDate(text), text);
  for (const text of ["2023-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "2024-1-1", "01-01-2024"]) {
    assert.ok(!isDate(text), text);
  }
});

test("a month ends on its last day", () => {
  assert.deepEqual(["2024-02-03", "2023-02-28", "2024-04-30", "2024-12-01"].map(monthEnd), [
    "2024-02-29", "2023-02-28", "2024-04-30", "2024-12-31",
  ]);
});

test("both ends of a period belong to it", () => {
  const march = { from: "2024-03-01", to: "2024-03-31" };
  const days = ["2024-02-29", "2024-03-01", "2024-03-15", "2024-03-31", "2024-04-01"];
  assert.deepEqual(days.map((day) => isWithin(day, march)), [false, true, true, true, false]);
});

test("a missing end is open", () => {
  assert.ok(isWithin("1999-01-01", { to: "2024-01-01" }));
  assert.ok(isWithin("2030-01-01", { from: "2024-01-01" }));
  assert.ok(isWithin("2030-01-01", {}));
});
