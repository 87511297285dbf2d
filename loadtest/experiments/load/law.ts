import { fitScalability, type LoadPoint, type ScalabilityFit } from "../../report/scalability.ts";
import { bootstrap, type Interval, intervalName, percentile } from "../../report/statistics.ts";
import type { Findings } from "../lab.ts";
import { figure, medianOf } from "../lab-figures.ts";
import type { Side } from "./sides.ts";

/** Three coefficients from fewer points say more about the noise than about the shop. */
const LEAST_POINTS = 6;
const COEFFICIENTS = ["lambda", "sigma", "kappa"] as const;
type Coefficient = (typeof COEFFICIENTS)[number];

/** The Universal Scalability Law fitted to medians, with how far repeats let its coefficients be told. */
export interface Law {
  readonly fit: ScalabilityFit;
  readonly intervals: Readonly<Record<Coefficient, Interval>> | undefined;
  readonly repeats: number;
}

/** @param repeats the throughputs of each repeat; null where there is too little to fit it to */
export const lawOf = (repeats: readonly (readonly LoadPoint[])[]): Law | null => {
  const points = mediansOf(repeats);
  const fit = points.length >= LEAST_POINTS ? fitScalability(points) : null;
  if (!fit) return null;
  return { fit, intervals: intervalsOf(repeats), repeats: repeats.length };
};

export const mediansOf = (repeats: readonly (readonly LoadPoint[])[]): LoadPoint[] =>
  [...Map.groupBy(repeats.flat(), ({ load }) => load)]
    .sort(([a], [b]) => a - b)
    .map(([load, points]) => ({
      load,
      throughput: medianOf(points.map(({ throughput }) => throughput)) ?? 0,
    }));

/** Repeats are drawn as a whole: the steps of one are no independent measurements. */
const intervalsOf = (repeats: readonly (readonly LoadPoint[])[]): Law["intervals"] => {
  if (repeats.length < 2) return undefined;
  const fits = bootstrap(repeats, 200, (drawn) => fitScalability(mediansOf(drawn))).filter(
    (fit) => fit !== null,
  );
  const interval = (name: Coefficient): Interval => {
    const values = fits.map((fit) => fit[name]);
    return { low: percentile(values, 0.025), high: percentile(values, 0.975) };
  };
  return { lambda: interval("lambda"), sigma: interval("sigma"), kappa: interval("kappa") };
};

const coefficient = (law: Law, name: Coefficient): string => {
  const interval = law.intervals?.[name];
  const range = interval ? ` (${digits(interval.low)} to ${digits(interval.high)})` : "";
  return `${digits(law.fit[name])}${range}`;
};

/** Two digits: the third is noise. */
const digits = (value: number): string =>
  value >= 0.01 ? String(Number(value.toPrecision(2))) : value === 0 ? "0" : value.toExponential(1);

const peakOf = ({ fit: { peakLoad } }: Law, most: number): string => {
  if (peakLoad === null) return "none";
  return peakLoad > most ? `${figure(peakLoad)}, beyond the measured users` : figure(peakLoad);
};

export const lawTable = (sides: readonly Side[]): Findings["tables"] => {
  const rows = sides.flatMap(({ servers, law, users }) =>
    law
      ? [
          [
            servers,
            ...COEFFICIENTS.map((name) => coefficient(law, name)),
            law.fit.r2.toFixed(2),
            peakOf(law, users.at(-1) ?? 0),
          ],
        ]
      : [],
  );
  const repeats = Math.max(0, ...sides.map(({ law }) => law?.repeats ?? 0));
  if (rows.length === 0) return [];
  return [
    {
      title: `The Universal Scalability Law, X(N) = λN / (1 + σ(N − 1) + κN(N − 1)), N in users, with the ${intervalName(repeats)} over repeats`,
      columns: [
        "Processes",
        "λ (answers/s a user)",
        "σ (contention)",
        "κ (coherency)",
        "R²",
        "Users at its peak",
      ],
      rows,
    },
  ];
};

export const lawAnswer = (sides: readonly Side[]): Findings["summary"] => {
  const fitted = sides.flatMap(({ name, law }) =>
    law ? [`σ = ${coefficient(law, "sigma")} and κ = ${coefficient(law, "kappa")} for ${name}`] : [],
  );
  if (fitted.length === 0) return [];
  return [
    {
      question: "How does throughput grow with users?",
      answer: `By the Universal Scalability Law, with ${fitted.join(", ")}: σ is waiting for something shared, κ keeping in step.`,
      chart: "load.throughput",
    },
  ];
};
