import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { parseJournal } from "../src/journal.js";
import { Ledger } from "../src/ledger.js";

let ledger;
beforeEach(() => {
  ledger = new Ledger(
    parseJournal(`
2024-02-01 Rent
  expenses:rent          950.00
  assets:bank

2024-01-02 Opening
  assets:bank          1,500.00
  assets:bank:savings  4,000.00
  equity:opening

2024-01-31 Salary
  assets:bank          2,480.00
  income:salary
`),
  );
});

test("accounts are those that were posted to", () => {
  assert.deepEqual(ledger.accounts, [
    "assets:bank", "assets:bank:savings", "equity:opening", "expenses:rent", "income:salary",
  ]);
});

test("a balance counts everything below the account", () => {
  assert.equal(ledger.balance("assets:bank"), 703000);
  assert.equal(ledger.balance("assets:bank:savings"), 400000);
  assert.equal(ledger.balance("assets"), 703000);
});

test("what was posted to an account leaves out the accounts below it", () => {
  assert.equal(ledger.posted("assets:bank"), 303000);
  assert.equal(ledger.posted("assets"), 0);
});

test("an account without postings has no balance", () => {
  assert.equal(ledger.balance("liabilities"), 0);
  assert.equal(new Ledger().balance("assets"), 0);
});

test("a balance before the first entry is zero", () => {
  assert.equal(ledger.balance("assets", "2023-12-31"), 0);
});

test("a balance as of a day leaves later entries out", () => {
  assert.equal(ledger.balance("assets", "2024-01-15"), 550000);
});

test("a balance as of a day includes that day", () => {
  assert.equal(ledger.balance("assets", "2024-01-31"), 798000);
  assert.equal(ledger.balance("assets", "2024-02-01"), 703000);
});

test("a history runs in date order with the balance after each line", () => {
  assert.deepEqual(ledger.history("assets:bank").map(({ date, running }) => [date, running]), [
    ["2024-01-02", 150000],
    ["2024-01-02", 550000],
    ["2024-01-31", 798000],
    ["2024-02-01", 703000],
  ]);
});

test("a history of a period still counts from the start", () => {
  assert.deepEqual(ledger.history("assets:bank", { from: "2024-02-01" }), [
    { date: "2024-02-01", description: "Rent", amount: -95000, running: 703000 },
  ]);
});

test("a change covers both ends of its period", () => {
  assert.equal(ledger.change("assets", { from: "2024-01-31", to: "2024-02-01" }), 153000);
  assert.equal(ledger.change("assets", { from: "2024-02-02" }), 0);
});
