/** What became of the rows of a file. */
export interface Summary {
  created: number;
  updated: number;
  unchanged: number;
  failed: number;
  /** Rows that only add a picture. */
  images: number;
  /** Products that their merchant does not show. */
  hidden: number;
  /** Products whose stock was set; a product that has stock keeps it. */
  stocked: number;
  /** The first problems, as they are shown. */
  readonly problems: string[];
}

const MAX_SHOWN = 20;

export const emptySummary = (): Summary => ({
  created: 0,
  updated: 0,
  unchanged: 0,
  failed: 0,
  images: 0,
  hidden: 0,
  stocked: 0,
  problems: [],
});

export const addProblem = (summary: Summary, line: number, message: string): void => {
  summary.failed += 1;
  if (summary.problems.length < MAX_SHOWN) summary.problems.push(`line ${line}: ${message}`);
};

/** The problems, one a line; beyond the first twenty only their number. */
export const shownProblems = ({ problems, failed }: Summary): string[] =>
  failed > problems.length ? [...problems, `… and ${failed - problems.length} more`] : problems;

/** One paragraph with every count. */
export const shownSummary = (file: string, summary: Summary): string => {
  const { created, updated, unchanged, failed, images, hidden, stocked } = summary;
  const asides = [
    ...(hidden > 0 ? [`${count(hidden, "draft, archived or unpublished product")} left out`] : []),
    ...(images > 0 ? [`${count(images, "image row")} skipped`] : []),
    `stock set for ${count(stocked, "product")}`,
  ];
  return [
    `${file}: ${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} failed`,
    `  ${asides.join(", ")}`,
    ...(failed > 0
      ? ["  Not everything was imported (exit code 1): correct those lines and run it again."]
      : []),
  ].join("\n");
};

const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? "" : "s"}`;
