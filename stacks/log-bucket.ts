import { isProduction } from "./stage.ts";

export interface LogBucket {
  /** Both are known once the bucket's policy is in place: AWS tries to write when a log is turned on. */
  readonly name: $util.Output<string>;
  readonly arn: $util.Output<string>;
}

export type PolicyStatement = aws.types.input.iam.GetPolicyDocumentStatementArgs;

/** SST keeps production's buckets, and not what makes one private and deletes its files: logs would stay for ever. */
const KEPT = { retainOnDelete: isProduction };

/** @param arn of the bucket */
const onlyByTls = (arn: $util.Output<string>): PolicyStatement => ({
  effect: "Deny",
  actions: ["s3:*"],
  resources: [arn, $interpolate`${arn}/*`],
  principals: [{ type: "*", identifiers: ["*"] }],
  conditions: [{ test: "Bool", variable: "aws:SecureTransport", values: ["false"] }],
});

/**
 * A private bucket for logs that AWS delivers, each deleted after some days. Encrypted under S3's own key: load balancers
 * deliver to no other (Elastic Load Balancing, "Enable access logs for your Application Load Balancer"). A personal stage
 * takes its logs with it; production's stay.
 *
 * @param prefix of its name, at most 37 characters
 * @param statements the bucket's policy, of its ARN
 */
export const logBucket = (
  name: string,
  prefix: string,
  days: number,
  statements: (arn: $util.Output<string>) => PolicyStatement[],
): LogBucket => {
  const { bucket, arn } = new aws.s3.Bucket(name, { bucketPrefix: prefix, forceDestroy: !isProduction });
  const isPrivate = new aws.s3.BucketPublicAccessBlock(
    `${name}Private`,
    {
      bucket,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    KEPT,
  );
  new aws.s3.BucketOwnershipControls(
    `${name}Ownership`,
    {
      bucket,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    },
    KEPT,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}Encryption`,
    {
      bucket,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    },
    KEPT,
  );
  new aws.s3.BucketLifecycleConfiguration(
    `${name}Expiry`,
    {
      bucket,
      rules: [
        {
          id: "expire",
          status: "Enabled",
          filter: {},
          expiration: { days },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
      ],
    },
    KEPT,
  );
  const { json } = aws.iam.getPolicyDocumentOutput({
    statements: [...statements(arn), onlyByTls(arn)],
  });
  const policy = new aws.s3.BucketPolicy(
    `${name}Policy`,
    { bucket, policy: json },
    { dependsOn: isPrivate, ...KEPT },
  );
  return { name: policy.bucket, arn: $resolve([arn, policy.id]).apply(([known]) => known) };
};
