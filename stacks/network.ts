import { settings } from "./stage.ts";
import { needsWayOut } from "./way-out.ts";

/**
 * Two zones. Tasks have public addresses, by which they fetch their image, and a security group that lets nobody in from
 * outside: a NAT gateway in each zone would cost more than the tasks.
 */
export const vpc = settings.shared
  ? sst.aws.Vpc.get("Vpc", settings.shared.vpc)
  : new sst.aws.Vpc("Vpc", { az: 2, ...(needsWayOut(settings) && { nat: "managed" }) });

/** Keeps the traffic to DynamoDB inside AWS's network, at no charge, and reaches it from private subnets. */
if (!settings.shared)
  new aws.ec2.VpcEndpoint("DynamoEndpoint", {
    vpcId: vpc.id,
    serviceName: $interpolate`com.amazonaws.${aws.getRegionOutput().region}.dynamodb`,
    vpcEndpointType: "Gateway",
    routeTableIds: $resolve([vpc.nodes.publicRouteTables, vpc.nodes.privateRouteTables]).apply(
      ([open, closed]) => [...open, ...closed].map(({ id }) => id),
    ),
  });
