const mark = (value) => (value ? "yes" : "no");
const seconds = (value) => value.toFixed(1);

/** Columns of the two tables: title, width (negative: right-aligned), text of a row. */
const COMMON = [
  ["rank", -5, (row) => (row.rank ? String(row.rank) : "")],
  ["tried", -14, (row) => row.tried ?? ""],
  ["wall s", -6, (row) => seconds(row.wall)],
  ["CPU s", -6, (row) => seconds(row.cpu)],
  ["template", 20, (row) => row.template || row.kind],
  ["bug", 60, (row) => row.bug],
  ["edit", 0, (row) => row.edit ?? ""],
];
export const HUMANEVAL_COLUMNS = [
  ["item", 14, (row) => row.id],
  ["operator", 8, (row) => row.operator],
  ["plausible", 9, (row) => mark(row.plausible)],
  ["hidden", 6, (row) => mark(row.hidden)],
  ...COMMON,
];
export const PACKAGE_COLUMNS = [
  ["package", 28, (row) => row.id],
  ["repaired", 8, (row) => mark(row.plausible)],
  ["same", 4, (row) => mark(row.same)],
  ...COMMON,
];

function cell(text, width) {
  const plain = text.replace(/\s+/g, " ");
  if (width === 0) return plain.slice(0, 160);
  const cut = plain.length > Math.abs(width) ? `${plain.slice(0, Math.abs(width) - 1)}…` : plain;
  return width < 0 ? cut.padStart(-width) : cut.padEnd(width);
}

/** Prints the newest row, with the titles before the first. */
export function printTable(rows, columns) {
  if (rows.length === 1) console.log(columns.map(([title, width]) => cell(title, width)).join("  "));
  console.log(columns.map(([, width, text]) => cell(text(rows.at(-1)), width)).join("  "));
}

/** Prints how many rows meet each test, and what the work took. */
export function printSummary(rows, tests) {
  console.log();
  for (const [name, test] of tests) console.log(`${rows.filter(test).length} of ${rows.length} ${name}`);
  const ranks = rows
    .filter((row) => row.rank)
    .map((row) => row.rank)
    .sort((a, b) => a - b);
  const sum = (field) => rows.reduce((total, row) => total + row[field], 0);
  const median = (list) => list[Math.floor(list.length / 2)] ?? 0;
  console.log(`rank of the chosen edit: median ${median(ranks)}, highest ${ranks.at(-1) ?? 0}`);
  console.log(
    `wall ${seconds(sum("wall"))} s (median ${seconds(median(rows.map((row) => row.wall).sort((a, b) => a - b)))} s, longest ${seconds(Math.max(0, ...rows.map((row) => row.wall)))} s), CPU ${seconds(sum("cpu"))} s`,
  );
}
