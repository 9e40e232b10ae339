/** Dates as ISO strings (`2024-02-29`), which sort and compare as text. */

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** @param {number} year */
export function isLeapYear(year) {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/**
 * @param {number} year
 * @param {number} month 1 to 12
 */
export function daysInMonth(year, month) {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** @param {string} text */
export function isDate(text) {
  const match = ISO_DATE.exec(text);
  if (!match) return false;
  const [year, month, day] = match.slice(1).map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

/**
 * The last day of the month that a date is in.
 * @param {string} date
 */
export function monthEnd(date) {
  const [year, month] = date.split("-").map(Number);
  return `${date.slice(0, 7)}-${daysInMonth(year, month)}`;
}

/**
 * @param {string} date
 * @param {{ from?: string, to?: string }} period both ends belong to it; a missing end is open
 */
export function isWithin(date, { from, to }) {
  return (from === undefined || date >= from) && (to === undefined || date <= to);
}
