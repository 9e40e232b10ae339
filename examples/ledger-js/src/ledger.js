/** Posted entries in date order, and the balances that follow from them. */
import { isUnder } from "./accounts.js";
import { isWithin } from "./calendar.js";

export class Ledger {
  /** @type {import("./journal.js").Entry[]} */
  #entries;

  /** @param {import("./journal.js").Entry[]} entries in any order; those of one day keep their order */
  constructor(entries = []) {
    this.#entries = entries.toSorted((a, b) => a.date.localeCompare(b.date));
  }

  /** Every account that was posted to, sorted by name. */
  get accounts() {
    const names = this.#entries.flatMap((entry) => entry.postings.map((posting) => posting.account));
    return [...new Set(names)].sort();
  }

  /**
   * Debits minus credits of an account and everything below it.
   * @param {string} account
   * @param {string} [asOf] the balance at the end of that day; without it, the latest
   * @returns {number} cents
   */
  balance(account, asOf) {
    let total = 0;
    for (const entry of this.#entries) {
      if (asOf !== undefined && entry.date >= asOf) break;
      for (const posting of entry.postings) {
        if (isUnder(posting.account, account)) total += posting.amount;
      }
    }
    return total;
  }

  /**
   * Debits minus credits of an account alone, without those below it.
   * @param {string} account
   * @returns {number} cents
   */
  posted(account) {
    const postings = this.#entries.flatMap((entry) => entry.postings);
    return postings.reduce((total, posting) => total + (posting.account === account ? posting.amount : 0), 0);
  }

  /**
   * What changed in an account and everything below it during a period.
   * @param {string} account
   * @param {{ from?: string, to?: string }} [period]
   * @returns {number} cents
   */
  change(account, period = {}) {
    return this.history(account, period).reduce((total, line) => total + line.amount, 0);
  }

  /**
   * The postings of an account, oldest first, with the running balance after each.
   * @param {string} account
   * @param {{ from?: string, to?: string }} [period] limits the lines; the running balance still counts from the start
   */
  history(account, period = {}) {
    const lines = [];
    let running = 0;
    for (const { date, description, postings } of this.#entries) {
      for (const posting of postings) {
        if (!isUnder(posting.account, account)) continue;
        running += posting.amount;
        if (isWithin(date, period)) lines.push({ date, description, amount: posting.amount, running });
      }
    }
    return lines;
  }
}
