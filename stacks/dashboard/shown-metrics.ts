import { METRIC_NAMESPACE } from "../../core/telemetry/metrics.ts";
import type { Names } from "./aws-rows.ts";
import type { Row } from "./widgets.ts";

/** For pages about the dashboards of any stage. */
export const NO_NAMES: Names = {
  region: "",
  namespace: METRIC_NAMESPACE,
  door: { kind: "httpApi", api: "" },
  tables: [],
  redisNodes: [],
  isRedisBurstable: false,
  fulfilment: "",
  recovery: "",
  failures: "",
};

export const showsMetric = ({ lines }: Row["graphs"][number], name: string): boolean =>
  lines.some(
    ({ metric: [namespace, shown] = [], expression }) =>
      (namespace === METRIC_NAMESPACE && shown === name) || expression?.includes(`MetricName="${name}"`),
  );
