import assert from "node:assert/strict";
import { test } from "node:test";
import { allocate, formatAmount, parseAmount } from "../src/money.js";

test("amounts are read as whole cents", () => {
  assert.deepEqual(["0", "12", "3.5", "3.05", "-0.07", "1,250.00", " 8 "].map(parseAmount), [
    0, 1200, 350, 305, -7, 125000, 800,
  ]);
});

test("a negative zero is zero", () => {
  assert.ok(Object.is(parseAmount("-0.00"), 0));
});

test("what is not an amount is refused", () => {
  for (const text of ["", "1.234", "12,50", "1,2345", "1e3", "--1", "0x10"]) {
    assert.throws(() => parseAmount(text), /not an amount/, text);
  }
});

test("amounts are written with two decimals and separators", () => {
  assert.deepEqual([0, 5, -5, 120, 99999, 123456789, -100000].map(formatAmount), [
    "0.00", "0.05", "-0.05", "1.20", "999.99", "1,234,567.89", "-1,000.00",
  ]);
});

test("what is written can be read again", () => {
  for (const cents of [0, 1, 99, 100, 101, 99999, 100000, 123456789, -1, -250000]) {
    assert.equal(parseAmount(formatAmount(cents)), cents);
  }
});

test("a split loses no cent", () => {
  assert.deepEqual(allocate(100, [1, 1, 1]), [34, 33, 33]);
  assert.deepEqual(allocate(5, [3, 7]), [2, 3]);
  assert.deepEqual(allocate(-100, [1, 1, 1]), [-34, -33, -33]);
  assert.deepEqual(allocate(0, [1, 2]), [0, 0]);
});

test("left-over cents go to those who lost most by rounding", () => {
  assert.deepEqual(allocate(10, [1, 1, 4]), [2, 1, 7]);
  assert.deepEqual(allocate(101, [50, 0, 50]), [51, 0, 50]);
});

test("a split needs sensible weights", () => {
  assert.throws(() => allocate(100, []), RangeError);
  assert.throws(() => allocate(100, [0, 0]), RangeError);
  assert.throws(() => allocate(100, [2, -1]), RangeError);
});
