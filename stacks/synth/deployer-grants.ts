import { type Grant, inRegion, named } from "./grant.ts";
import { NETWORK_GRANTS } from "./network-grants.ts";

/**
 * Actions that create, change and remove a resource, by the service that it is of in Pulumi's AWS provider. IAM lets
 * most services be limited to the app's own names ("Actions, resources, and condition keys for AWS services", Service
 * Authorization Reference); those that make up their own ids are limited to the Region.
 */
export const GRANTS: Readonly<Record<string, readonly Grant[]>> = {
  ...NETWORK_GRANTS,
  appautoscaling: [inRegion("application-autoscaling:*")],
  cloudwatch: [
    named(["cloudwatch:*Dashboard*"], "arn:aws:cloudwatch::ACCOUNT:dashboard/NAME"),
    named(["cloudwatch:*Alarm*", "cloudwatch:*Tag*"], "arn:aws:cloudwatch:REGION:ACCOUNT:alarm:NAME"),
    inRegion("cloudwatch:DescribeAlarms", "logs:DescribeLogGroups"),
    named(
      ["logs:*LogGroup", "logs:*RetentionPolicy", "logs:*Tag*"],
      "arn:aws:logs:REGION:ACCOUNT:log-group:/*/NAME",
      "arn:aws:logs:REGION:ACCOUNT:log-group:/*/NAME:*",
    ),
  ],
  dynamodb: [
    named(
      [
        "dynamodb:CreateTable",
        "dynamodb:UpdateTable",
        "dynamodb:DeleteTable",
        "dynamodb:Describe*",
        "dynamodb:UpdateContinuousBackups",
        "dynamodb:UpdateTimeToLive",
        "dynamodb:*Tag*",
      ],
      "arn:aws:dynamodb:REGION:ACCOUNT:table/NAME",
    ),
    // The sweep of previews lists what is left of them.
    inRegion("dynamodb:ListTables"),
  ],
  ecs: [
    named(
      ["ecs:*Cluster*", "ecs:*Service*", "ecs:RegisterTaskDefinition", "ecs:*Tag*Resource", "ecs:ListTags*"],
      "arn:aws:ecs:REGION:ACCOUNT:*/NAME",
    ),
    // These two take no resource.
    inRegion("ecs:DescribeTaskDefinition", "ecs:DeregisterTaskDefinition"),
  ],
  elasticache: [
    named(
      [
        "elasticache:*ReplicationGroup*",
        "elasticache:*CacheParameter*",
        "elasticache:*CacheSubnetGroup*",
        "elasticache:*Tags*",
      ],
      "arn:aws:elasticache:REGION:ACCOUNT:*:NAME",
    ),
    inRegion("elasticache:Describe*"),
  ],
  lambda: [
    named(
      [
        "lambda:*Function*",
        "lambda:*Permission",
        "lambda:GetPolicy",
        "lambda:ListVersionsByFunction",
        "lambda:*Tag*",
      ],
      "arn:aws:lambda:REGION:ACCOUNT:function:NAME",
      "arn:aws:lambda:REGION:ACCOUNT:function:NAME:*",
    ),
    inRegion("lambda:*EventSourceMapping*"),
  ],
  s3: [
    named(
      ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:ListBucket", "s3:GetBucket*"],
      "arn:aws:s3:::sst-asset-*",
      "arn:aws:s3:::sst-asset-*/*",
    ),
    // Buckets of logs, which a personal stage's removal empties.
    named(["s3:*Bucket*", "s3:*Configuration", "s3:DeleteObject*"], "arn:aws:s3:::APP-STAGE-*-logs-*"),
  ],
  scheduler: [
    named(["scheduler:*Schedule", "scheduler:*Tag*"], "arn:aws:scheduler:REGION:ACCOUNT:schedule/*/NAME"),
  ],
  secretsmanager: [
    named(
      ["secretsmanager:*Secret*", "secretsmanager:GetResourcePolicy", "secretsmanager:*Resource"],
      "arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME",
    ),
  ],
  sns: [
    named(
      ["sns:*Topic*", "sns:*Subscription*", "sns:Subscribe", "sns:Unsubscribe", "sns:*Resource"],
      "arn:aws:sns:REGION:ACCOUNT:NAME",
    ),
  ],
  sqs: [named(["sqs:*Queue*"], "arn:aws:sqs:REGION:ACCOUNT:NAME")],
  wafv2: [inRegion("wafv2:*WebACL*", "wafv2:*Resource")],
};
