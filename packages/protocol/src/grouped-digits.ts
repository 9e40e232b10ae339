/** A whole number with commas between thousands. `toLocaleString` would load the locale data: ten milliseconds at start. */
export function groupedDigits(value: number): string {
  return String(Math.round(value)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}
