/** Replacements for a token, each with its prior. */
export type Choices = readonly (readonly [replacement: string, prior: number])[];

/**
 * A table of replacements, written as `token: "replacement percent  replacement percent"` so that it reads as a table.
 * A map, not an object: tokens like `constructor` must not find anything.
 */
export function choiceTable(rows: Readonly<Record<string, string>>): ReadonlyMap<string, Choices> {
  return new Map(
    Object.entries(rows).map(([token, row]) => {
      const cells = row.trim().split(/\s{2,}/);
      return [token, cells.map((cell) => toChoice(cell))];
    }),
  );
}

function toChoice(cell: string): readonly [string, number] {
  const at = cell.lastIndexOf(" ");
  return [cell.slice(0, at), Number(cell.slice(at + 1)) / 100];
}
