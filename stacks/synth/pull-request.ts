import type { CostLine } from "./cost-line.ts";
import { differences } from "./difference.ts";
import { totalOf } from "./lambda-cost.ts";
import type { Synthesis } from "./synthesis.ts";

/** A stage at one commit, as `npm run synth -- --json` prints it. */
export type Baseline = Synthesis & { readonly costs: readonly CostLine[] };

/** Rows of a comment: a person reads no more, and a forge limits its length. */
const MOST_ROWS = 60;
const MOST_CHARACTERS = 80;

const dollars = (amount: number): string => amount.toFixed(2);
const signed = (amount: number): string => `${amount < 0 ? "−" : "+"}${dollars(Math.abs(amount))}`;

const cell = (text: string): string => {
  const short = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
  return short.replaceAll("|", "\\|").replaceAll("\n", " ");
};

const costRows = (before: Baseline, after: Baseline): string[] => {
  const monthOf = ({ costs }: Baseline, what: string): number =>
    costs.find((line) => line.what === what)?.month ?? 0;
  const names = new Set([...before.costs, ...after.costs].map(({ what }) => what));
  return [...names].flatMap((what) => {
    const [from, to] = [monthOf(before, what), monthOf(after, what)];
    if (dollars(from) === dollars(to)) return [];
    return `| ${what} | ${dollars(from)} | ${dollars(to)} | ${signed(to - from)} |`;
  });
};

/** Differences of a stage between two commits, and those of its fixed cost, in Markdown. */
export const pullRequestComment = (stage: string, before: Baseline, after: Baseline): string => {
  const changes = differences({ stage, synthesis: before }, { stage, synthesis: after }).filter(
    // It differs with every commit.
    ({ field }) => !field.endsWith(".RELEASE"),
  );
  const rows = changes
    .slice(0, MOST_ROWS)
    .map(({ what, field, from, to }) => `| ${[what, field, from, to].map(cell).join(" | ")} |`);
  const [from, to] = [totalOf(before.costs), totalOf(after.costs)];
  return [
    `### Stage ${stage}: ${changes.length} differences, ${signed(to - from)} dollars a month`,
    "",
    `Fixed cost ${dollars(from)} → ${dollars(to)} dollars a month, by list prices; use comes on top.`,
    ...(dollars(from) === dollars(to) && costRows(before, after).length === 0
      ? []
      : ["", "| | Before | After | |", "| --- | ---: | ---: | ---: |", ...costRows(before, after)]),
    ...(rows.length === 0
      ? []
      : ["", "| Resource | Field | Before | After |", "| --- | --- | --- | --- |", ...rows]),
    ...(changes.length > MOST_ROWS ? ["", `… and ${changes.length - MOST_ROWS} more.`] : []),
  ].join("\n");
};
