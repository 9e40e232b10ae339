import assert from "node:assert/strict";
import { test } from "node:test";
import { accountType, displayBalance, isUnder } from "../src/accounts.js";

test("the first part of the path is the type", () => {
  assert.equal(accountType("assets:bank:savings"), "assets");
  assert.equal(accountType("income"), "income");
});

test("unknown types and broken paths are refused", () => {
  for (const account of ["", "savings:bank", "assets:", "assets::bank", "Assets:bank", "assets:my bank"]) {
    assert.throws(() => accountType(account), /not an account/, account);
  }
});

test("income, equity and debts are shown as positive numbers", () => {
  assert.equal(displayBalance("income:salary", -2480), 2480);
  assert.equal(displayBalance("liabilities:card", -620), 620);
  assert.equal(displayBalance("assets:bank", 1500), 1500);
  assert.ok(Object.is(displayBalance("equity", 0), 0));
});

test("an account is under itself and its ancestors, not under its namesakes", () => {
  assert.ok(isUnder("assets:bank", "assets:bank"));
  assert.ok(isUnder("assets:bank:savings", "assets"));
  assert.ok(!isUnder("assets:bank", "assets:bank:savings"));
  assert.ok(!isUnder("assets:bankruptcy", "assets:bank"));
});
