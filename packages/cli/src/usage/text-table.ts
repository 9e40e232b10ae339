/** A column of a table for people; numbers stand at the right. */
export interface Column {
  title: string;
  align: "left" | "right";
}

/** Lines of which every column is as wide as its widest cell. Cells must be single lines that are safe to show. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
  const widths = columns.map(({ title }, at) =>
    Math.max(title.length, ...rows.map((row) => [...(row[at] ?? "")].length)),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ align }, at) => {
        const cell = cells[at] ?? "";
        const gap = " ".repeat((widths[at] ?? 0) - [...cell].length);
        return align === "right" ? gap + cell : cell + gap;
      })
      .join("  ")
      .trimEnd();
  return [line(columns.map(({ title }) => title)), ...rows.map(line)];
}
