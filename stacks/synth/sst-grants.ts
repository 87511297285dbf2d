import { type Grant, inRegion, named } from "./grant.ts";

/** For a stage without a Redis of its own: SST reads the password of the one that it shares. */
export const GRANTS_OF_SHARED_REDIS: readonly Grant[] = [
  inRegion("elasticache:Describe*", "elasticache:ListTagsForResource"),
  named(
    ["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"],
    "arn:aws:secretsmanager:REGION:ACCOUNT:secret:APP-SHARED-CacheProxySecret-*",
  ),
];

/**
 * For SST itself: its state and secrets (objects KIND/APP/STAGE.json, and KIND/APP/STAGE/ID.json), its images, the
 * stage's settings. The buckets, the repository and `/sst/bootstrap` are there once an administrator has deployed.
 */
export const GRANTS_OF_SST: readonly Grant[] = [
  named(["s3:*Object*"], ...["STAGE.json", "STAGE/*"].map((key) => `arn:aws:s3:::sst-state-*/*/APP/${key}`)),
  named(["s3:GetObject"], "arn:aws:s3:::sst-state-*/secret/APP/_fallback.json"),
  named(["s3:ListBucket", "s3:GetBucket*"], "arn:aws:s3:::sst-state-*"),
  named(
    ["ssm:GetParameter*"],
    "arn:aws:ssm:REGION:ACCOUNT:parameter/sst/bootstrap",
    "arn:aws:ssm:REGION:ACCOUNT:parameter/sst/passphrase/APP/_fallback",
  ),
  named(
    ["ssm:GetParameter*", "ssm:PutParameter"],
    "arn:aws:ssm:REGION:ACCOUNT:parameter/sst/passphrase/APP/STAGE",
  ),
  named(["ssm:GetParametersByPath"], "arn:aws:ssm:REGION:ACCOUNT:parameter/APP/STAGE"),
  named(
    [
      "ecr:*Get*",
      "ecr:BatchCheck*",
      "ecr:Describe*",
      "ecr:*LayerUpload",
      "ecr:UploadLayerPart",
      "ecr:PutImage",
    ],
    "arn:aws:ecr:REGION:ACCOUNT:repository/sst-asset",
  ),
  inRegion("ecr:GetAuthorizationToken", "sts:GetCallerIdentity"),
];
