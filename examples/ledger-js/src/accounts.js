/** Accounts are paths such as `assets:bank:savings`; the first part is the type. */

/** Types whose balance grows with debits, and those whose balance grows with credits. */
const NORMAL_SIDE = new Map([
  ["assets", "debit"],
  ["expenses", "debit"],
  ["liabilities", "credit"],
  ["equity", "credit"],
  ["income", "credit"],
]);

const PATH = /^[a-z][\w-]*(?::[\w-]+)*$/;

/**
 * @param {string} account
 * @returns {string} assets, expenses, liabilities, equity or income
 */
export function accountType(account) {
  const type = account.split(":", 1)[0];
  if (!PATH.test(account) || !NORMAL_SIDE.has(type)) throw new SyntaxError(`not an account: "${account}"`);
  return type;
}

/**
 * Turns a raw sum of postings into the figure that people expect to see: income and debts as positive numbers.
 * @param {string} account
 * @param {number} cents debits minus credits
 */
export function displayBalance(account, cents) {
  return NORMAL_SIDE.get(accountType(account)) === "debit" ? cents : -cents || 0;
}

/**
 * Whether an account is the other one or lies below it.
 * @param {string} account
 * @param {string} ancestor
 */
export function isUnder(account, ancestor) {
  return account === ancestor || account.startsWith(`${ancestor}:`);
}
