/**
 * Two zones, no NAT: tasks have public addresses, by which they fetch their image, and a security group that
 * lets nobody in from outside. A NAT gateway in each zone would cost more than the tasks.
 */
export const vpc = new sst.aws.Vpc("Vpc", { az: 2 });

/** Keeps the traffic to DynamoDB inside AWS's network, at no charge, and reaches it from private subnets. */
new aws.ec2.VpcEndpoint("DynamoEndpoint", {
  vpcId: vpc.id,
  serviceName: $interpolate`com.amazonaws.${aws.getRegionOutput().region}.dynamodb`,
  vpcEndpointType: "Gateway",
  routeTableIds: $resolve([vpc.nodes.publicRouteTables, vpc.nodes.privateRouteTables]).apply(
    ([open, closed]) => [...open, ...closed].map(({ id }) => id),
  ),
});
