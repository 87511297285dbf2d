import { kneeOf } from "../../report/knee.ts";
import type { LoadPoint } from "../../report/scalability.ts";
import { buckled } from "./buckling.ts";
import { type Law, lawOf, mediansOf } from "./law.ts";
import type { StepRow } from "./steps.ts";

/** The observations of one number of server processes. */
export interface Side {
  readonly servers: number;
  readonly name: string;
  readonly rows: readonly StepRow[];
  readonly users: readonly number[];
  readonly knee: LoadPoint | null;
  readonly law: Law | null;
  /** In the order of `repeats`. */
  readonly repeats: readonly RepeatFigures[];
}

export interface RepeatFigures {
  /** The greatest throughput. */
  readonly peak: number;
  /** Users; null where throughput did not bend. */
  readonly knee: number | null;
  /** At which users it was too much, and why. */
  readonly buckled: { readonly users: number; readonly why: string } | null;
}

export const sideOf = (all: readonly StepRow[], servers: number, isRemote: boolean): Side => {
  const rows = all.filter((row) => row.servers === servers);
  const repeats = [...Map.groupBy(rows, ({ repeat }) => repeat).values()];
  const points = repeats.map((own) => own.map(({ users: load, throughput }) => ({ load, throughput })));
  return {
    servers,
    name: isRemote ? "the shop" : servers === 1 ? "1 process" : `${servers} processes`,
    rows,
    users: [...new Set(rows.map((row) => row.users))].sort((a, b) => a - b),
    knee: kneeOf(mediansOf(points)),
    law: lawOf(points),
    repeats: repeats.map(figuresOf),
  };
};

const figuresOf = (rows: readonly StepRow[]): RepeatFigures => {
  const reasons = rows.map((_, i) => buckled(rows.slice(0, i + 1)));
  const first = reasons.findIndex((reason) => reason !== undefined);
  const users = rows[first]?.users;
  return {
    peak: Math.max(...rows.map(({ throughput }) => throughput)),
    knee: kneeOf(rows.map(({ users: load, throughput }) => ({ load, throughput })))?.load ?? null,
    buckled: users === undefined ? null : { users, why: reasons[first] ?? "" },
  };
};
