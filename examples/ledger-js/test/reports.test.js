import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseJournal } from "../src/journal.js";
import { Ledger } from "../src/ledger.js";
import { balanceSheet, formatRows, incomeStatement, trialBalance } from "../src/reports.js";

const text = readFileSync(new URL("../books/household.journal", import.meta.url), "utf8");
const ledger = new Ledger(parseJournal(text));

test("the columns of the trial balance agree", () => {
  const { rows, debit, credit } = trialBalance(ledger);
  assert.equal(debit, credit);
  assert.deepEqual(rows.slice(0, 2), [
    { account: "assets:bank", debit: 484770, credit: 0 },
    { account: "assets:bank:savings", debit: 400987, credit: 0 },
  ]);
});

test("the balance sheet holds what there is now", () => {
  assert.deepEqual(balanceSheet(ledger), { assets: 885757, liabilities: 0, equity: 550000, earnings: 335757 });
});

test("the balance sheet shows a debt until it is paid", () => {
  assert.equal(balanceSheet(ledger, "2024-02-15").liabilities, 62000);
  assert.equal(balanceSheet(ledger, "2024-03-15").liabilities, 0);
});

test("the balance sheet at the end of a month holds the salary of its last day", () => {
  assert.deepEqual(balanceSheet(ledger, "2024-01-31"), {
    assets: 793770, liabilities: 0, equity: 550000, earnings: 243770,
  });
});

test("assets are always debts, equity and earnings together", () => {
  for (const day of ["2024-01-01", "2024-01-20", "2024-02-05", "2024-02-20", "2024-03-10", "2024-12-31"]) {
    const { assets, liabilities, equity, earnings } = balanceSheet(ledger, day);
    assert.equal(assets, liabilities + equity + earnings, day);
  }
});

test("the income statement covers its period and names what moved", () => {
  assert.deepEqual(incomeStatement(ledger, { from: "2024-02-01", to: "2024-02-29" }), {
    income: [{ account: "income:salary", amount: 248000 }],
    expenses: [
      { account: "expenses:rent", amount: 95000 },
      { account: "expenses:transport", amount: 62000 },
    ],
    net: 91000,
  });
});

test("rows line up", () => {
  const rows = [{ account: "assets", amount: 885757 }, { account: "net", amount: -5 }];
  assert.equal(formatRows(rows), "assets  8,857.57\nnet        -0.05");
  assert.equal(formatRows([]), "");
});
