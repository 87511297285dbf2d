import type { SettingsReader } from "./settings-reader.ts";

/** Days for which the logs of AWS's network are kept. Absent: none are written. */
export interface TrafficLogs {
  /** A line for each request that reaches the load balancer. */
  readonly accessLogDays?: number;
  /** A line for each connection in the stage's network. */
  readonly flowLogDays?: number;
}

/** They have addresses of clients in them, which nobody should keep without an end. */
const DAYS = { min: 1, max: 3_650 };

export const readTrafficLogs = (
  reader: SettingsReader,
  api: "container" | "functions",
  isShared: boolean,
): TrafficLogs => {
  const accessLogDays = reader.wholeNumber("STAMPEDE_ACCESS_LOGS", DAYS);
  const flowLogDays = reader.wholeNumber("STAMPEDE_FLOW_LOGS", DAYS);
  if (api === "functions" && reader.value("STAMPEDE_ACCESS_LOGS")) {
    reader.report(
      "STAMPEDE_ACCESS_LOGS needs STAMPEDE_API=container: an HTTP API writes its access log to CloudWatch anyway",
    );
  }
  if (isShared && reader.value("STAMPEDE_FLOW_LOGS")) {
    reader.report(
      "STAMPEDE_FLOW_LOGS can't log another stage's network: set it for the stage that STAMPEDE_SHARED_VPC belongs to",
    );
  }
  return { ...(accessLogDays && { accessLogDays }), ...(flowLogDays && { flowLogDays }) };
};
