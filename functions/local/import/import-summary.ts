/** Outcomes of the rows of a file. */
export interface Summary {
  created: number;
  updated: number;
  unchanged: number;
  /** Taken off sale by this import. */
  withdrawn: number;
  /** Rows that were refused. */
  refused: number;
  /** Off sale before, and still. */
  alreadyOff: number;
  /** Hidden variants that were never in the shop. */
  hidden: number;
  /** Rows that add no variant, such as pictures. */
  extras: number;
  /** Products whose stock was set. */
  restocked: number;
  /** Products whose stock the merchant does not count. */
  untracked: number;
  /** Products of whose stock the file says nothing. */
  unstated: number;
  /** Products that came without stock and have none. */
  unstocked: number;
  /** Descriptions that were cut. */
  shortened: number;
  /** Products of earlier imports that the file lacks, which are on sale. */
  absent: number;
  /** Variants that may be missing only because lines could not be read. */
  unsure: number;
  /** The first problems, as they are shown. */
  readonly problems: string[];
}

const MAX_SHOWN = 20;

export const emptySummary = (): Summary => ({
  created: 0,
  updated: 0,
  unchanged: 0,
  withdrawn: 0,
  refused: 0,
  alreadyOff: 0,
  hidden: 0,
  extras: 0,
  restocked: 0,
  untracked: 0,
  unstated: 0,
  unstocked: 0,
  shortened: 0,
  absent: 0,
  unsure: 0,
  problems: [],
});

export const addProblem = (summary: Summary, line: number, message: string): void => {
  summary.refused += 1;
  if (summary.problems.length < MAX_SHOWN) summary.problems.push(`line ${line}: ${message}`);
};

/** The problems, one a line; beyond the first twenty only their number. */
export const shownProblems = ({ problems, refused }: Summary): string[] =>
  refused > problems.length ? [...problems, `… and ${refused - problems.length} more`] : problems;

interface Told {
  readonly name: string;
  readonly isWindows1252: boolean;
  readonly untrackedStock: number;
  readonly prune: boolean;
}

/** The outcome on the first line, then a line for each thing left or decided. */
export const shownSummary = (
  { name, isWindows1252, untrackedStock, prune }: Told,
  summary: Summary,
): string => {
  const { created, updated, unchanged, withdrawn, refused } = summary;
  const pieces = `${untrackedStock} pieces (--untracked-stock)`;
  const line = (number: number, thing: string, rest: string): string[] =>
    number > 0 ? [`${count(number, thing)} ${rest}`] : [];
  const notes = [
    ...(summary.restocked > 0 ? [`stock set for ${count(summary.restocked, "product")}`] : []),
    ...line(summary.untracked, "product", `with untracked stock: each has ${pieces}`),
    ...line(summary.unstated, "product", `without a quantity: those without stock got ${pieces}`),
    ...line(summary.unstocked, "product", "without stock: set it with PUT /products/{productId}/stock"),
    ...line(summary.hidden, "draft, archived or unpublished variant", "left out"),
    ...line(summary.alreadyOff, "product", "still off sale"),
    ...line(summary.extras, "row", "without a variant (pictures and the like) skipped"),
    ...line(summary.shortened, "description", "cut to the shop's limit"),
    ...line(
      summary.absent,
      "product",
      "of earlier imports not in this file: left on sale" +
        (prune ? ", for lines of the file could not be read" : " (--prune takes them off sale)"),
    ),
    ...line(summary.unsure, "variant", "not in this file left on sale, for lines of it could not be read"),
    ...(isWindows1252
      ? ["the file is not UTF-8 and was read as Windows-1252; if names look wrong, save it as UTF-8"]
      : []),
    ...(refused > 0
      ? ["not everything was imported (exit code 1): correct those lines and run it again"]
      : []),
  ];
  return [
    `${name}: ${created} created, ${updated} updated, ${unchanged} unchanged, ` +
      `${withdrawn} taken off sale, ${refused} refused`,
    ...notes.map((note) => `  ${note}`),
  ].join("\n");
};

const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? "" : "s"}`;
