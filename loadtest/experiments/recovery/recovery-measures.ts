import type { Measure } from "../../report/run-result.ts";
import { measure } from "../lab-figures.ts";
import { faultsIn, rowsOf } from "./recovery-charts.ts";
import type { RecoveryObservations } from "./recovery-observations.ts";
import type { Row } from "./recovery-rows.ts";

/** Measures that are compared with an earlier run, by arm and fault. */
export const measuresOf = (rows: readonly Row[], { arms, episodes }: RecoveryObservations): Measure[] =>
  arms.flatMap(({ setting: { name } }) =>
    faultsIn(episodes).flatMap((fault) => {
      const own = rowsOf(rows, fault, name);
      const id = `recovery.${idOf(fault)}.${idOf(name)}`;
      const label = `${fault}, ${name}`;
      return [
        ...measure(
          `${id}.good`,
          `${label}: good answers`,
          "share",
          "higher",
          own.map(({ good }) => good),
        ),
        ...measure(
          `${id}.wait`,
          `${label}: wait for a cart, p99`,
          "ms",
          "lower",
          own.map(({ waitP99 }) => waitP99),
        ),
        ...measure(
          `${id}.calls`,
          `${label}: wasted calls`,
          "calls",
          "lower",
          own.map(({ failedCalls }) => failedCalls),
        ),
        ...measure(
          `${id}.opened`,
          `${label}: breaker opens`,
          "s",
          "lower",
          own.map(({ opened }) => opened),
        ),
        ...measure(
          `${id}.closed`,
          `${label}: breaker closes`,
          "s",
          "lower",
          own.map(({ closed }) => closed),
        ),
      ];
    }),
  );

const idOf = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
