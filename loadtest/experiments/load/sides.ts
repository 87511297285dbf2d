import { kneeOf } from "../../report/knee.ts";
import { fitScalability, type LoadPoint, type ScalabilityFit } from "../../report/scalability.ts";
import { medianOf } from "../figures.ts";
import type { StepRow } from "./steps.ts";

/** What was seen of so many server processes. */
export interface Side {
  readonly servers: number;
  readonly name: string;
  readonly rows: readonly StepRow[];
  readonly users: readonly number[];
  readonly points: readonly LoadPoint[];
  readonly knee: LoadPoint | null;
  readonly fit: ScalabilityFit | null;
  /** The greatest throughput of each repeat. */
  readonly peaks: readonly number[];
}

export const sideOf = (all: readonly StepRow[], servers: number, isRemote: boolean): Side => {
  const rows = all.filter((row) => row.servers === servers);
  const users = [...new Set(rows.map((row) => row.users))].sort((a, b) => a - b);
  const throughputs = (count: number) =>
    rows.filter((row) => row.users === count).map(({ throughput }) => throughput);
  const points = users.map((load) => ({ load, throughput: medianOf(throughputs(load)) ?? 0 }));
  const repeats = [...Map.groupBy(rows, ({ repeat }) => repeat).values()];
  return {
    servers,
    name: isRemote ? "the shop" : servers === 1 ? "1 process" : `${servers} processes`,
    rows,
    users,
    points,
    knee: kneeOf(points),
    fit: fitScalability(points),
    peaks: repeats.map((own) => Math.max(...own.map(({ throughput }) => throughput))),
  };
};
