export interface Grant {
  readonly actions: readonly string[];
  /** ARNs; `REGION` and `ACCOUNT` are for a person to fill in, `NAME` stands for the names of the stages' resources. */
  readonly resources: readonly string[];
  readonly condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/**
 * Actions that create, change and remove a resource, by the service that it is of in Pulumi's AWS provider. IAM lets
 * most services be limited to the app's own names ("Actions, resources, and condition keys for AWS services", Service
 * Authorization Reference); those that make up their own ids are limited to the Region.
 */
const inRegion = (...actions: string[]): Grant => ({
  actions,
  resources: ["*"],
  condition: { StringEquals: { "aws:RequestedRegion": "REGION" } },
});
const named = (actions: string[], ...resources: string[]): Grant => ({ actions, resources });

export const GRANTS: Readonly<Record<string, readonly Grant[]>> = {
  acm: [
    inRegion(
      "acm:*Certificate",
      "acm:*TagsForCertificate",
      "acm:*TagsToCertificate",
      "acm:*TagsFromCertificate",
    ),
  ],
  apigatewayv2: [
    inRegion(
      "apigateway:GET",
      "apigateway:POST",
      "apigateway:PATCH",
      "apigateway:PUT",
      "apigateway:DELETE",
      "apigateway:TagResource",
      "apigateway:UntagResource",
    ),
  ],
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
  ],
  ec2: [
    inRegion(
      "ec2:Describe*",
      "ec2:*Vpc*",
      "ec2:*Subnet*",
      "ec2:*Route*",
      "ec2:*InternetGateway",
      "ec2:*NatGateway*",
      "ec2:*Address*",
      "ec2:*SecurityGroup*",
      "ec2:CreateTags",
      "ec2:DeleteTags",
    ),
  ],
  ecs: [
    inRegion(
      "ecs:*Cluster*",
      "ecs:*Service*",
      "ecs:*TaskDefinition*",
      "ecs:*Tag*Resource",
      "ecs:PutClusterCapacityProviders",
    ),
  ],
  elasticache: [
    inRegion(
      "elasticache:*ReplicationGroup*",
      "elasticache:*CacheParameter*",
      "elasticache:*CacheSubnetGroup*",
      "elasticache:DescribeCacheClusters",
      "elasticache:*Tags*",
    ),
  ],
  iam: [
    named(
      [
        "iam:*Role",
        "iam:*RolePolicy",
        "iam:*RolePolicies",
        "iam:List*Role*",
        "iam:ListInstanceProfilesForRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:*Tag*",
      ],
      "arn:aws:iam::ACCOUNT:role/NAME",
    ),
    {
      ...named(["iam:PassRole"], "arn:aws:iam::ACCOUNT:role/NAME"),
      condition: {
        StringEquals: {
          "iam:PassedToService": [
            "ecs-tasks.amazonaws.com",
            "lambda.amazonaws.com",
            "scheduler.amazonaws.com",
          ],
        },
      },
    },
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
  lb: [inRegion("elasticloadbalancing:*")],
  route53: [
    inRegion(
      "route53:GetHostedZone",
      "route53:ListHostedZones*",
      "route53:ChangeResourceRecordSets",
      "route53:ListResourceRecordSets",
      "route53:GetChange",
      "route53:CreateHostedZone",
      "route53:DeleteHostedZone",
    ),
  ],
  s3: [
    named(
      ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*", "s3:ListBucket", "s3:GetBucket*"],
      "arn:aws:s3:::sst-asset-*",
      "arn:aws:s3:::sst-asset-*/*",
    ),
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
  servicediscovery: [inRegion("servicediscovery:*")],
  sns: [
    named(
      ["sns:*Topic*", "sns:*Subscription*", "sns:Subscribe", "sns:Unsubscribe", "sns:*Resource"],
      "arn:aws:sns:REGION:ACCOUNT:NAME",
    ),
  ],
  sqs: [named(["sqs:*Queue*"], "arn:aws:sqs:REGION:ACCOUNT:NAME")],
  wafv2: [inRegion("wafv2:*WebACL*", "wafv2:*Resource")],
};

/** For SST itself: its state, its secrets, its images, the stage's settings. */
export const GRANTS_OF_SST: readonly Grant[] = [
  named(
    ["s3:*Object*", "s3:ListBucket", "s3:GetBucket*"],
    "arn:aws:s3:::sst-state-*",
    "arn:aws:s3:::sst-state-*/*",
  ),
  named(["ssm:GetParameter*", "ssm:PutParameter"], "arn:aws:ssm:REGION:ACCOUNT:parameter/sst/*"),
  named(["ssm:GetParametersByPath"], "arn:aws:ssm:REGION:ACCOUNT:parameter/APP/STAGE"),
  named(["ecr:*Image*", "ecr:*Layer*"], "arn:aws:ecr:REGION:ACCOUNT:repository/sst-asset"),
  inRegion("ecr:GetAuthorizationToken", "sts:GetCallerIdentity"),
];
