/** The text format: dated entries with indented postings, `;` for comments. */
import { accountType } from "./accounts.js";
import { isDate } from "./calendar.js";
import { formatAmount, parseAmount } from "./money.js";

/**
 * @typedef {{ account: string, amount: number }} Posting
 * @typedef {{ date: string, description: string, postings: Posting[] }} Entry
 */

const HEADER = /^(\S+)\s+(?:\*\s+)?(.+)$/;

export class JournalError extends Error {
  /**
   * @param {number} line counted from 1
   * @param {string} message
   */
  constructor(line, message) {
    super(`line ${line}: ${message}`);
    this.line = line;
  }
}

/**
 * @param {string} text
 * @returns {Entry[]} in the order of the file
 */
export function parseJournal(text) {
  const entries = [];
  let draft = null;
  const lines = `${text}\n`.split("\n");
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/;.*$/, "").trimEnd();
    try {
      if (line === "") {
        if (draft && raw.trim() === "") {
          entries.push(finish(draft));
          draft = null;
        }
      } else if (/^\s/.test(line)) {
        if (!draft) throw new SyntaxError("a posting needs an entry above it");
        draft.postings.push(parsePosting(line.trim()));
      } else {
        if (draft) entries.push(finish(draft));
        draft = parseHeader(line);
      }
    } catch (error) {
      throw new JournalError(index + 1, error.message);
    }
  }
  return entries;
}

function parseHeader(line) {
  const [, date, description] = HEADER.exec(line) ?? [];
  if (!date || !isDate(date)) throw new SyntaxError(`an entry starts with a date and a description: "${line}"`);
  return { date, description, postings: [] };
}

function parsePosting(line) {
  const [account, amount, ...rest] = line.split(/\s{2,}|\t+/);
  if (rest.length > 0) throw new SyntaxError(`unexpected "${rest.join("  ")}"`);
  accountType(account);
  return { account, amount: amount === undefined ? undefined : parseAmount(amount) };
}

/** Fills in the one amount that may be left out, and insists that the entry balances. */
function finish({ date, description, postings }) {
  if (postings.length < 2) throw new SyntaxError(`"${description}" needs two postings or more`);
  const open = postings.filter((posting) => posting.amount === undefined);
  if (open.length > 1) throw new SyntaxError(`"${description}" leaves out more than one amount`);
  const sum = postings.reduce((total, posting) => total + (posting.amount ?? 0), 0);
  if (open.length === 0 && sum !== 0) {
    throw new SyntaxError(`"${description}" does not balance: ${formatAmount(sum)} is left over`);
  }
  return {
    date,
    description,
    postings: postings.map(({ account, amount }) => ({ account, amount: amount ?? (-sum || 0) })),
  };
}
