/** The short form of a report, for a pull request. */
import { COMPARISON_LIMITS, type Comparison, changeCounts } from "./compare-runs.ts";
import { capital, counted, duration, factor, factorRange, moment, range, withUnit } from "./format.ts";
import { judgementOf, placeOf, titleOf } from "./judgement.ts";
import type { ExperimentResult, Measure, Run } from "./run-result.ts";
import { intervalColumn, median, medianInterval } from "./statistics.ts";

/** Per experiment; the others are in the report. */
const MOST_MEASURES = 12;

type Spread = ReturnType<typeof intervalColumn>;

export const markdownOf = (run: Run, comparison: Comparison | undefined): string =>
  [
    ...headOf(run),
    ...(comparison ? comparisonOf(comparison) : []),
    ...run.results.flatMap((result) => resultOf(result)),
    "All charts, tables and settings are in `report.html`, the data in `result.json` and the CSV files beside it.",
  ]
    .join("\n\n")
    .concat("\n");

const headOf = (run: Run): string[] => {
  const { environment, results } = run;
  const { isOk, isComplete, text } = judgementOf(run);
  const commit = `${environment.commit.slice(0, 12)}${environment.isDirty ? " with uncommitted changes" : ""}`;
  const startedAt = results[0] ? `, ${moment(results[0].startedAt)}` : "";
  return [
    `# Stampede: ${plain(titleOf(run))}`,
    `**${isOk === null ? "" : isOk ? "✅ " : "❌ "}${text}.**${isComplete ? "" : " ⚠️ The run was not completed."}`,
    plain(`${capital(placeOf(environment))}; commit ${commit}${startedAt}.`) +
      ` Made by ${code(environment.command)}, seed ${environment.seed}.`,
  ];
};

const resultOf = (result: ExperimentResult): string[] => {
  const { title, seconds, isQuick, isComplete, summary, verdicts, warnings, measures, limits } = result;
  const spread = intervalColumn(measures.map(({ samples }) => samples.length));
  const kind = `${isQuick ? "quick run, " : ""}${isComplete ? "" : "incomplete, "}${duration(seconds)}`;
  return [
    `## ${plain(title)} (${kind})`,
    ...listOf(
      summary.map(
        ({ question, figure, answer }) =>
          `${plain(question)} ${figure ? `**${plain(figure)}** ` : ""}${plain(answer)}`,
      ),
    ),
    ...listOf(
      verdicts.map(
        ({ name, isOk, detail }) =>
          `${isOk ? "✅" : "❌"} ${plain(name)}: ${isOk ? "holds" : "violated"}. ${plain(detail)}`,
      ),
    ),
    ...listOf(warnings.map((warning) => `⚠️ ${plain(warning)}`)),
    ...listOf((limits?.sentences ?? []).map((sentence) => `DynamoDB's limits: ${plain(sentence)}`)),
    ...(measures.length > 0
      ? [
          table(
            ["Measure", "Median", capital(spread.title), "Repeats"],
            measures.slice(0, MOST_MEASURES).map((measure) => measureRow(measure, spread)),
          ),
        ]
      : []),
    ...(measures.length > MOST_MEASURES
      ? [`… and ${measures.length - MOST_MEASURES} more in the report.`]
      : []),
  ];
};

const measureRow = ({ label, unit, samples }: Measure, { cell }: Spread): string[] => [
  label,
  withUnit(median(samples), unit),
  cell(range(medianInterval(samples)), samples.length),
  String(samples.length),
];

const comparisonOf = (comparison: Comparison): string[] => {
  const { worse, better, changed } = changeCounts(comparison);
  const different = comparison.measures.slice(0, worse + better + changed);
  const spread = intervalColumn(different.map(({ samples }) => samples));
  const { baseline, measures, missing, added, conditions } = comparison;
  return [
    `## Against ${code(baseline.commit.slice(0, 12))}`,
    `Of ${counted(measures.length, "measure")}, ${worse} ${worse === 1 ? "is" : "are"} worse and ${better} better beyond the noise. ${COMPARISON_LIMITS}`,
    ...(different.length > 0
      ? [
          table(
            ["", "Measure", "Before", "Now", "Ratio", capital(spread.title)],
            different.map(({ experiment, measure, before, after, ratio, interval, samples, change }) => [
              change === "worse" ? "🔺 worse" : change === "better" ? "✅ better" : "changed",
              `${experiment}: ${measure.label}`,
              withUnit(before, measure.unit),
              withUnit(after, measure.unit),
              factor(ratio),
              spread.cell(factorRange(interval), samples),
            ]),
          ),
        ]
      : []),
    ...listOf([
      ...missing.map((label) => `Only in the baseline: ${plain(label)}`),
      ...added.map((label) => `New: ${plain(label)}`),
      ...conditions.map((condition) => `⚠️ Not the same conditions: ${plain(condition)}`),
    ]),
  ];
};

const listOf = (items: readonly string[]): string[] =>
  items.length > 0 ? [items.map((item) => `- ${item}`).join("\n")] : [];

const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string =>
  [columns, columns.map(() => "---"), ...rows.map((row) => row.map(plain))]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");

/** Text of which nothing is taken for markup. */
const plain = (text: string): string =>
  text
    .replaceAll(/\s+/g, (space) => (space.includes("\n") ? " " : space))
    .replaceAll(/[\\`*_[\]<>|#]/g, "\\$&");

const code = (text: string): string => {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  const space = longest > 0 ? " " : "";
  return `${fence}${space}${text.replaceAll(/\s+/g, " ")}${space}${fence}`;
};
