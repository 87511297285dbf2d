/** How throughput grows with load, by the Universal Scalability Law. */

/** Throughput (per second) at a load (users, processes, ...). */
export interface LoadPoint {
  readonly load: number;
  readonly throughput: number;
}

/** X(N) = λN / (1 + σ(N - 1) + κN(N - 1)) */
export interface ScalabilityFit {
  /** λ: throughput of one. */
  readonly lambda: number;
  /** σ: the share that queues for something shared (contention). */
  readonly sigma: number;
  /** κ: what each pays for keeping in step with every other (coherency). */
  readonly kappa: number;
  /** The load with the greatest throughput; null where κ is 0 and throughput at most levels off. */
  readonly peakLoad: number | null;
  /** The throughput at `peakLoad`, or what it levels off to; null where it grows without bound. */
  readonly peakThroughput: number | null;
  /** R²: the share of the throughput's variance that the law explains; 1 where there is none to explain. */
  readonly r2: number;
}

/** 1/λ, σ/λ and κ/λ: in these the reciprocal of the law is linear. */
type Coefficients = readonly [number, number, number];

const MOST_STEPS = 100;

/** The throughput that the law gives for a load. */
export const throughputAt = (
  { lambda, sigma, kappa }: Pick<ScalabilityFit, "lambda" | "sigma" | "kappa">,
  load: number,
): number => (lambda * load) / (1 + sigma * (load - 1) + kappa * load * (load - 1));

/**
 * Fits the Universal Scalability Law (Gunther, Guerrilla Capacity Planning, 2007, chapters 4 to 6) to measured
 * throughputs by least squares, with σ and κ >= 0. Starts at Gunther's linear form
 * N/X = 1/λ + σ/λ (N - 1) + κ/λ N(N - 1), then takes Gauss–Newton steps. Null for fewer than three loads.
 */
export const fitScalability = (points: readonly LoadPoint[]): ScalabilityFit | null => {
  const usable = points.filter(({ load, throughput }) => load > 0 && throughput > 0);
  if (new Set(usable.map(({ load }) => load)).size < 3) return null;
  // Each equation weighted by X/N, or the greatest loads would count the most.
  let best = nonNegative(usable.map(({ load, throughput }) => equation(load, throughput / load, 1)));
  for (let step = 0; best && step < MOST_STEPS; step++) {
    const better = improved(usable, best);
    if (!better) break;
    best = better;
  }
  return best && described(usable, best);
};

const described = (points: readonly LoadPoint[], [a, b, c]: Coefficients): ScalabilityFit => {
  const law = { lambda: 1 / a, sigma: b / a, kappa: c / a };
  const { lambda, sigma, kappa } = law;
  const peakLoad = kappa > 0 ? Math.max(1, Math.sqrt(Math.max(0, 1 - sigma) / kappa)) : null;
  const levelsOffAt = sigma > 0 ? lambda / sigma : null;
  const mean = points.reduce((sum, { throughput }) => sum + throughput, 0) / points.length;
  const total = points.reduce((sum, { throughput }) => sum + (throughput - mean) ** 2, 0);
  return {
    ...law,
    peakLoad,
    peakThroughput: peakLoad === null ? levelsOffAt : throughputAt(law, peakLoad),
    r2: total === 0 ? 1 : 1 - squaredError(points, [a, b, c]) / total,
  };
};

const modelled = ([a, b, c]: Coefficients, load: number): number =>
  load / (a + b * (load - 1) + c * load * (load - 1));

const squaredError = (points: readonly LoadPoint[], coefficients: Coefficients): number =>
  points.reduce((sum, { load, throughput }) => sum + (throughput - modelled(coefficients, load)) ** 2, 0);

/** One Gauss–Newton step, shortened until it helps; undefined when none does. */
const improved = (points: readonly LoadPoint[], from: Coefficients): Coefficients | undefined => {
  const error = squaredError(points, from);
  const to = nonNegative(
    points.map(({ load, throughput }) => {
      const expected = modelled(from, load);
      return equation(load, expected ** 2 / load, 2 * expected - throughput);
    }),
  );
  for (let share = 1; to && share > 1e-3; share /= 2) {
    const between = (i: 0 | 1 | 2): number => from[i] + share * (to[i] - from[i]);
    const next: Coefficients = [between(0), between(1), between(2)];
    if (squaredError(points, next) < error * (1 - 1e-12)) return next;
  }
  return undefined;
};

interface Equation {
  readonly factors: readonly number[];
  readonly value: number;
}

const equation = (load: number, weight: number, value: number): Equation => ({
  factors: [weight, weight * (load - 1), weight * load * (load - 1)],
  value,
});

/** The coefficients >= 0 that solve the equations best: one of those where each of the two is free or 0. */
const nonNegative = (equations: readonly Equation[]): Coefficients | null => {
  const errorOf = (coefficients: Coefficients): number =>
    equations.reduce((sum, { factors, value }) => {
      const left = factors.reduce((left, factor, i) => left + factor * (coefficients[i] ?? 0), 0);
      return sum + (left - value) ** 2;
    }, 0);
  const [best] = [[0, 1, 2], [0, 1], [0, 2], [0]]
    .map((columns) => leastSquares(equations, columns))
    .filter(([a, b, c]) => a > 0 && b >= 0 && c >= 0)
    .sort((one, other) => errorOf(one) - errorOf(other));
  return best ?? null;
};

const leastSquares = (equations: readonly Equation[], columns: readonly number[]): Coefficients => {
  // Columns differ by six orders of magnitude: scaled to length 1, so that elimination stays exact.
  const lengths = columns.map((j) => Math.hypot(...equations.map(({ factors }) => factors[j] ?? 0)));
  const scaled = equations.map(({ factors, value }) => ({
    value,
    factors: columns.map((j, i) => (factors[j] ?? 0) / (lengths[i] ?? 1)),
  }));
  const normal = columns.map((_, i) => [
    ...columns.map((_, j) =>
      scaled.reduce((sum, { factors }) => sum + (factors[i] ?? 0) * (factors[j] ?? 0), 0),
    ),
    scaled.reduce((sum, { factors, value }) => sum + (factors[i] ?? 0) * value, 0),
  ]);
  const solution: [number, number, number] = [0, 0, 0];
  solved(normal).forEach((value, i) => {
    solution[columns[i] ?? 0] = value / (lengths[i] ?? 1);
  });
  return solution;
};

/** Gauss–Jordan elimination; the matrix is positive definite, so it needs no pivoting. */
const solved = (matrix: readonly (readonly number[])[]): number[] => {
  const rows = matrix.map((row) => [...row]);
  rows.forEach((row, i) => {
    const pivot = row[i] ?? 1;
    row.forEach((value, j) => {
      row[j] = value / pivot;
    });
    for (const other of rows.filter((other) => other !== row)) {
      const factor = other[i] ?? 0;
      row.forEach((value, j) => {
        other[j] = (other[j] ?? 0) - factor * value;
      });
    }
  });
  return rows.map((row) => row.at(-1) ?? Number.NaN);
};
