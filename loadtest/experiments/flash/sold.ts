import { counted } from "../../report/format.ts";
import type { Findings } from "../lab.ts";
import { named, type Row } from "./flash-rows.ts";

const isOversold = ({ pieces, available, reserved, sold }: Row): boolean =>
  available < 0 || reserved + sold > pieces;

const isWrong = (row: Row): boolean =>
  isOversold(row) ||
  row.available + row.reserved + row.sold !== row.pieces ||
  row.orders > row.reserved + row.sold;

/**
 * Pieces sold, reserved and left add up to the pieces there were, and every order was acknowledged or
 * counted.
 */
export const soldExactly = (rows: readonly Row[]): Findings["verdicts"][number] => {
  const wrong = rows.filter(isWrong);
  const detail = wrong.map(
    ({ shards, repeat, pieces, available, reserved, sold, orders }) =>
      `${named(shards)}, repeat ${repeat}: ${pieces} pieces became ${available} left, ${reserved} reserved, ${sold} sold; ${orders} orders acknowledged`,
  );
  return {
    name: "Sold exactly what there was",
    isOk: wrong.length === 0,
    detail:
      wrong.length === 0
        ? `${rows.length} sales, ${exact(sumOf(rows, "sold"))} pieces sold, none twice, none lost`
        : detail.join("; "),
  };
};

/** The fate of the pieces and of the buyers who came too late. */
export const soldAnswer = (
  rows: readonly Row[],
  verdicts: Findings["verdicts"],
): Pick<Findings["summary"][number], "figure" | "answer" | "detail"> => {
  const sum = (key: Parameters<typeof sumOf>[1]): string => exact(sumOf(rows, key));
  const oversold = rows.filter(isOversold).length;
  const violated = verdicts.filter(({ isOk }) => !isOk).map(({ name }) => name);
  const fates = [
    `${sum("sold")} were sold`,
    ...(sumOf(rows, "reserved") > 0 ? [`${sum("reserved")} were still reserved`] : []),
    ...(sumOf(rows, "available") > 0 ? [`${sum("available")} were left`] : []),
  ];
  return {
    figure: oversold > 0 ? "Yes" : "No",
    answer:
      oversold > 0
        ? `More was sold than there was in ${oversold} of ${counted(rows.length, "sale")}.`
        : violated.length > 0
          ? "Not a piece, but not all is in order: a check is violated."
          : `Of ${sum("pieces")} pieces in ${counted(rows.length, "sale")}, ${sum("sold")} were sold, none of them twice.`,
    detail: [
      `Of ${sum("pieces")} pieces ${fates.join(", ")}.`,
      `Buyers got "sold out" ${sum("toldSoldOut")} times and were refused for now ${sum("refused")} times;`,
      `${sum("failed")} requests failed.`,
      ...(violated.length > 0 ? [`Violated: ${violated.join(", ")}.`] : []),
    ].join(" "),
  };
};

const sumOf = (
  rows: readonly Row[],
  key: "pieces" | "sold" | "reserved" | "available" | "toldSoldOut" | "refused" | "failed",
): number => rows.reduce((total, row) => total + row[key], 0);

/** Pieces are counted, not measured. */
const exact = (count: number): string => count.toLocaleString("en");
