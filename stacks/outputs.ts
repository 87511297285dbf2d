import { redis } from "./cache.ts";
import { vpc } from "./network.ts";
import { named } from "./stage.ts";
import { accessLogs, flowLogs } from "./traffic-logs.ts";

const dashboard = (name: string) =>
  aws
    .getRegionOutput()
    .region.apply(
      (region) =>
        `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard/${named(name)}`,
    );

/** Printed after a deployment. Network and Redis are for stages that share them. In `sst dev` there are none. */
export const outputs = $dev
  ? {}
  : {
      dashboards: [dashboard("Shop"), dashboard("Storage")],
      network: vpc.id,
      redis: redis.clusterId,
      ...(accessLogs && { accessLogs: accessLogs.name }),
      ...(flowLogs && { flowLogs: flowLogs.name }),
    };
