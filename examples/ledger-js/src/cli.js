#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { isDate } from "./calendar.js";
import { parseJournal } from "./journal.js";
import { Ledger } from "./ledger.js";
import { balanceSheet, formatRows, incomeStatement, trialBalance } from "./reports.js";

const USAGE = `usage: ledger balance FILE [DATE]
       ledger income FILE [FROM [TO]]
       ledger trial FILE`;

/** @type {Record<string, (ledger: Ledger, dates: string[]) => { account: string, amount: number }[]>} */
const COMMANDS = {
  balance: (ledger, [asOf]) =>
    Object.entries(balanceSheet(ledger, asOf)).map(([account, amount]) => ({ account, amount })),
  income: (ledger, [from, to]) => {
    const { income, expenses, net } = incomeStatement(ledger, { from, to });
    return [...income, ...expenses, { account: "net", amount: net }];
  },
  trial: (ledger) => trialBalance(ledger).rows.map(({ account, debit, credit }) => ({ account, amount: debit - credit })),
};

const [command, file, ...dates] = process.argv.slice(2);
const report = COMMANDS[command];
if (!report || !file || !dates.every(isDate)) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  try {
    console.log(formatRows(report(new Ledger(parseJournal(readFileSync(file, "utf8"))), dates)));
  } catch (error) {
    console.error(`ledger: ${file}: ${error.message}`);
    process.exitCode = 1;
  }
}
