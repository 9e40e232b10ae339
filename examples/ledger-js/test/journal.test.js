import assert from "node:assert/strict";
import { test } from "node:test";
import { JournalError, parseJournal } from "../src/journal.js";

test("an entry has a date, a description and postings", () => {
  const text = "2024-01-05 * Groceries\n  expenses:food   42.30\n  assets:bank    -42.30\n";
  assert.deepEqual(parseJournal(text), [
    {
      date: "2024-01-05",
      description: "Groceries",
      postings: [
        { account: "expenses:food", amount: 4230 },
        { account: "assets:bank", amount: -4230 },
      ],
    },
  ]);
});

test("one amount may be left out", () => {
  const [entry] = parseJournal("2024-01-05 Split\n  expenses:food  10\n  expenses:fun  2.50\n  assets:bank");
  assert.deepEqual(entry.postings.map((posting) => posting.amount), [1000, 250, -1250]);
});

test("entries are separated by blank lines or just by the next date", () => {
  const entry = "2024-01-05 Tea\n  expenses:food  3\n  assets:bank\n";
  assert.equal(parseJournal(entry + entry).length, 2);
  assert.equal(parseJournal(`\n\n${entry}\n\n\n${entry}`).length, 2);
  assert.deepEqual(parseJournal(""), []);
});

test("comments are left out and do not end an entry", () => {
  const text = "; year one\n2024-01-05 Tea ; green\n  expenses:food  3 ; dear\n; between\n  assets:bank\n";
  const [entry] = parseJournal(text);
  assert.equal(entry.description, "Tea");
  assert.equal(entry.postings.length, 2);
});

test("an entry has to balance", () => {
  const text = "2024-01-05 Tea\n  expenses:food  3.00\n  assets:bank  -2.50\n";
  assert.throws(() => parseJournal(text), /"Tea" does not balance: 0\.50 is left over/);
});

test("errors name the line", () => {
  const cases = [
    ["2024-02-30 Tea\n", 1, /starts with a date/],
    ["  assets:bank  3\n", 1, /needs an entry above/],
    ["2024-01-05 Tea\n  expenses:food  3,5\n", 2, /not an amount/],
    ["2024-01-05 Tea\n  food  3\n", 2, /not an account/],
    ["2024-01-05 Tea\n  expenses:food  3\n\n", 3, /two postings or more/],
    ["2024-01-05 Tea\n  expenses:food\n  assets:bank\n\n", 4, /more than one amount/],
  ];
  for (const [text, line, message] of cases) {
    assert.throws(() => parseJournal(text), (error) => {
      assert.ok(error instanceof JournalError);
      assert.equal(error.line, line);
      assert.match(error.message, message);
      return true;
    });
  }
});
