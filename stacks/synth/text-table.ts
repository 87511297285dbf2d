export type Cell = string | number;

const isNumeric = (cell: Cell | undefined): boolean =>
  typeof cell === "number" || /^-?[\d,.]+$/.test(cell ?? "");

/**
 * A table for the terminal: columns as wide as their content, numbers to the right.
 *
 * @param width of the terminal; the last column is cut off there
 */
export const table = (head: readonly string[], rows: readonly (readonly Cell[])[], width = 120): string => {
  const widths = head.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => String(row[column] ?? "").length)),
  );
  const line = (cells: readonly Cell[]): string => {
    const text = widths
      .map((columnWidth, column) => {
        const cell = String(cells[column] ?? "");
        const isRight = rows.length > 0 && rows.every((row) => isNumeric(row[column]) || row[column] === "");
        return isRight ? cell.padStart(columnWidth) : cell.padEnd(columnWidth);
      })
      .join("  ")
      .trimEnd();
    return text.length > width ? `${text.slice(0, width - 1)}…` : text;
  };
  const rule = "─".repeat(
    Math.min(
      width,
      widths.reduce((sum, columnWidth) => sum + columnWidth + 2, -2),
    ),
  );
  return [line(head), rule, ...rows.map(line)].join("\n");
};
