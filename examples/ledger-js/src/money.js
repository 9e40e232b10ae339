/** Amounts of money as whole cents. Floating point never touches a balance. */

const AMOUNT = /^(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d{1,2}))?$/;

/**
 * Reads an amount such as `12`, `-3.5` or `1,250.00`.
 * @param {string} text
 * @returns {number} whole cents
 */
export function parseAmount(text) {
  const match = AMOUNT.exec(text.trim());
  if (!match) throw new SyntaxError(`not an amount: "${text}"`);
  const [, sign, whole, fraction = ""] = match;
  const cents = Number(whole.replaceAll(",", "")) * 100 + Number(fraction.padEnd(2, "0"));
  return sign === "-" && cents !== 0 ? -cents : cents;
}

/**
 * @param {number} cents
 * @returns {string} with two decimals and thousands separators
 */
export function formatAmount(cents) {
  const digits = String(Math.abs(cents)).padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${cents < 0 ? "-" : ""}${whole}.${digits.slice(-2)}`;
}

/**
 * Splits an amount by weight. The parts always add up to the amount: cents that do not divide go to the parts that
 * lost most by rounding down, earlier parts first.
 * @param {number} cents
 * @param {number[]} weights
 * @returns {number[]}
 */
export function allocate(cents, weights) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.some((weight) => weight < 0) || total <= 0) {
    throw new RangeError("weights must not be negative, and one must be more than zero");
  }
  const exact = weights.map((weight) => (Math.abs(cents) * weight) / total);
  const parts = exact.map(Math.floor);
  const left = Math.abs(cents) - parts.reduce((sum, part) => sum + part, 0);
  const byLoss = exact
    .map((share, index) => ({ index, loss: share - parts[index] }))
    .sort((a, b) => b.loss - a.loss || a.index - b.index);
  for (const { index } of byLoss.slice(0, left)) parts[index] += 1;
  return cents < 0 ? parts.map((part) => -part || 0) : parts;
}
