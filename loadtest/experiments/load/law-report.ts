import { intervalName } from "../../report/statistics.ts";
import type { Findings } from "../lab.ts";
import { figure } from "../lab-figures.ts";
import { COEFFICIENTS, type Coefficient, type Law } from "./law.ts";
import type { Side } from "./sides.ts";

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
  const [first] = sides.flatMap(({ law }) => law ?? []);
  const fitted = sides.flatMap(({ name, law }) =>
    law ? [`σ = ${coefficient(law, "sigma")} and κ = ${coefficient(law, "kappa")} for ${name}`] : [],
  );
  if (!first) return [];
  return [
    {
      question: "How does throughput grow with users?",
      figure: `σ ${digits(first.fit.sigma)}`,
      answer: "The share of a user's work that waits for something shared, by the Universal Scalability Law.",
      detail: `Fitted: ${fitted.join(", ")}. σ is waiting for something shared, κ keeping in step.`,
      chart: "load.throughput",
    },
  ];
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
