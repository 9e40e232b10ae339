/** Reports over a ledger. Figures are in cents, signed the way people read them. */
import { accountType, displayBalance } from "./accounts.js";
import { formatAmount } from "./money.js";

/**
 * Every account with what was posted to it directly, as debit or credit. The two columns agree if the books do.
 * @param {import("./ledger.js").Ledger} ledger
 */
export function trialBalance(ledger) {
  const rows = ledger.accounts.map((account) => {
    const own = ledger.posted(account);
    return { account, debit: Math.max(own, 0), credit: Math.max(-own, 0) };
  });
  const sum = (side) => rows.reduce((total, row) => total + row[side], 0);
  return { rows, debit: sum("debit"), credit: sum("credit") };
}

/**
 * What is owned and owed at the end of a day; earnings that were not yet moved to equity are shown apart.
 * @param {import("./ledger.js").Ledger} ledger
 * @param {string} [asOf]
 */
export function balanceSheet(ledger, asOf) {
  const figure = (type) => displayBalance(type, ledger.balance(type, asOf));
  const [assets, liabilities, equity] = ["assets", "liabilities", "equity"].map(figure);
  return { assets, liabilities, equity, earnings: figure("income") - figure("expenses") };
}

/**
 * What was earned and spent in a period, account by account.
 * @param {import("./ledger.js").Ledger} ledger
 * @param {{ from?: string, to?: string }} period
 */
export function incomeStatement(ledger, period) {
  const section = (type) =>
    ledger.accounts
      .filter((account) => accountType(account) === type)
      .map((account) => ({ account, amount: displayBalance(account, ledger.change(account, period)) }))
      .filter((row) => row.amount !== 0);
  const total = (type) => displayBalance(type, ledger.change(type, period));
  return { income: section("income"), expenses: section("expenses"), net: total("income") - total("expenses") };
}

/**
 * Two columns of text: names to the left, amounts to the right.
 * @param {{ account: string, amount: number }[]} rows
 */
export function formatRows(rows) {
  const amounts = rows.map((row) => formatAmount(row.amount));
  const nameWidth = Math.max(0, ...rows.map((row) => row.account.length));
  const amountWidth = Math.max(0, ...amounts.map((amount) => amount.length));
  return rows.map((row, i) => `${row.account.padEnd(nameWidth)}  ${amounts[i].padStart(amountWidth)}`).join("\n");
}
