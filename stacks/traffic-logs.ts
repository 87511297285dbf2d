import { type LogBucket, logBucket, type PolicyStatement } from "./log-bucket.ts";
import { vpc } from "./network.ts";
import { named, settings } from "./stage.ts";

const { accessLogDays, flowLogDays } = settings;
const { accountId } = aws.getCallerIdentityOutput();
const { region } = aws.getRegionOutput();
const { partition } = aws.getPartitionOutput();

const service = (name: string) => [{ type: "Service", identifiers: [name] }];

/**
 * The account's id in the path keeps other accounts out: a load balancer writes below its own account's, and takes no
 * prefix with `AWSLogs` in it. AWS documents that, and no condition, for this service; with `aws:SourceArn` deliveries were
 * seen to be refused (Elastic Load Balancing, "Enable access logs for your Application Load Balancer").
 */
const fromLoadBalancers = (arn: $util.Output<string>): PolicyStatement[] => [
  {
    actions: ["s3:PutObject"],
    resources: [$interpolate`${arn}/AWSLogs/${accountId}/*`],
    principals: service("logdelivery.elasticloadbalancing.amazonaws.com"),
  },
];

const ofThisAccount = [
  { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] },
  {
    test: "ArnLike",
    variable: "aws:SourceArn",
    values: [$interpolate`arn:${partition}:logs:${region}:${accountId}:*`],
  },
];

/** As AWS would put it in itself, if it found another (Amazon VPC, "Amazon S3 bucket permissions for flow logs"). */
const fromLogDelivery = (arn: $util.Output<string>): PolicyStatement[] => [
  {
    sid: "AWSLogDeliveryWrite",
    actions: ["s3:PutObject"],
    resources: [$interpolate`${arn}/AWSLogs/${accountId}/*`],
    principals: service("delivery.logs.amazonaws.com"),
    conditions: [
      ...ofThisAccount,
      { test: "StringEquals", variable: "s3:x-amz-acl", values: ["bucket-owner-full-control"] },
    ],
  },
  {
    sid: "AWSLogDeliveryAclCheck",
    actions: ["s3:GetBucketAcl", "s3:ListBucket"],
    resources: [arn],
    principals: service("delivery.logs.amazonaws.com"),
    conditions: ofThisAccount,
  },
];

const logNetwork = (days: number): LogBucket => {
  const bucket = logBucket("FlowLogs", named("vpc-logs-"), days, fromLogDelivery);
  new aws.ec2.FlowLog("FlowLog", {
    vpcId: vpc.id,
    trafficType: "ALL",
    logDestinationType: "s3",
    logDestination: bucket.arn,
  });
  return bucket;
};

/** Where the load balancer's access logs go. In `sst dev` there is none. */
export const accessLogs =
  accessLogDays !== undefined && !$dev
    ? logBucket("AccessLogs", named("alb-logs-"), accessLogDays, fromLoadBalancers)
    : undefined;

/** Where the network's flow logs go. */
export const flowLogs = flowLogDays !== undefined && !$dev ? logNetwork(flowLogDays) : undefined;
