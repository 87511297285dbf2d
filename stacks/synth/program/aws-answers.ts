import { createHash } from "node:crypto";

/**
 * AWS's answers: the outputs of resources and look-ups that the program builds on. Names stand in where AWS
 * would put random parts, so that a test can tell from an ARN which resource it belongs to.
 */
type Values = Record<string, unknown>;

export const REGION = "us-east-1";
export const ACCOUNT = "123456789012";

const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`;

const numbered = (count: unknown, digits: number): string[] =>
  Array.from({ length: Number(count) }, (_, index) => String(index + 1).padStart(digits, "0"));

/** The names that ElastiCache gives to the nodes of a group: `cache-002`, or by shard `cache-0001-002`. */
const nodesOf = (group: string, { numNodeGroups, replicasPerNodeGroup = 0, numCacheClusters = 1 }: Values) =>
  numNodeGroups
    ? numbered(numNodeGroups, 4).flatMap((shard) =>
        numbered(1 + Number(replicasPerNodeGroup), 3).map((node) => `${group}-${shard}-${node}`),
      )
    : numbered(numCacheClusters, 3).map((node) => `${group}-${node}`);

/** The outputs that follow from more than the inputs, by type of resource. */
const OUTPUTS: Record<string, (name: string, inputs: Values) => Values> = {
  "aws:dynamodb/table:Table": (name) => ({
    arn: arn("dynamodb", `table/${name}`),
    streamArn: arn("dynamodb", `table/${name}/stream/2026-01-01T00:00:00.000`),
  }),
  "aws:ec2/vpc:Vpc": () => ({ cidrBlock: "10.0.0.0/16" }),
  "aws:ecs/cluster:Cluster": (name) => ({ arn: arn("ecs", `cluster/${name}`) }),
  "aws:ecs/service:Service": (name) => ({ arn: arn("ecs", `service/${name}`) }),
  "aws:elasticache/replicationGroup:ReplicationGroup": (name, inputs) => ({
    clusterEnabled: inputs.clusterMode === "enabled",
    primaryEndpointAddress: `master.${name}.cache.amazonaws.com`.toLowerCase(),
    configurationEndpointAddress: `clustercfg.${name}.cache.amazonaws.com`.toLowerCase(),
    memberClusters: nodesOf(name.toLowerCase(), inputs),
  }),
  "aws:lb/loadBalancer:LoadBalancer": (name) => ({
    arn: arn("elasticloadbalancing", `loadbalancer/app/${name}/0123456789abcdef`),
    arnSuffix: `app/${name}/0123456789abcdef`,
    dnsName: `${name}.${REGION}.elb.amazonaws.com`.toLowerCase(),
    zoneId: "Z35SXDOTRQ7X7K",
  }),
  "aws:lb/targetGroup:TargetGroup": (name) => ({
    arn: arn("elasticloadbalancing", `targetgroup/${name}/0123456789abcdef`),
    arnSuffix: `targetgroup/${name}/0123456789abcdef`,
  }),
  "aws:iam/role:Role": (name) => ({ arn: `arn:aws:iam::${ACCOUNT}:role/${name}` }),
  "aws:s3/bucket:Bucket": (name) => ({ arn: `arn:aws:s3:::${name}`, bucket: name }),
  "aws:sns/topic:Topic": (name) => ({ arn: arn("sns", name) }),
  "aws:sqs/queue:Queue": (name) => ({
    arn: arn("sqs", name),
    url: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}`,
  }),
  "aws:lambda/function:Function": (name) => ({
    arn: arn("lambda", `function:${name}`),
    qualifiedArn: arn("lambda", `function:${name}:1`),
    invokeArn: arn("apigateway", `lambda:path/2015-03-31/functions/${name}/invocations`),
    version: "1",
  }),
  "aws:apigatewayv2/api:Api": (name) => ({
    arn: arn("apigateway", `/apis/${name}`),
    executionArn: arn("execute-api", name),
    apiEndpoint: `https://${name}.execute-api.${REGION}.amazonaws.com`.toLowerCase(),
  }),
  "aws:secretsmanager/secret:Secret": (name) => ({ arn: arn("secretsmanager", `secret:${name}-AbCdEf`) }),
  "aws:secretsmanager/secretVersion:SecretVersion": (_, { secretString }) => ({
    versionId: `version-of-${createHash("sha256").update(JSON.stringify(secretString)).digest("hex").slice(0, 8)}`,
  }),
  "aws:cloudwatch/logGroup:LogGroup": (name, { name: given }) => ({
    arn: arn("logs", `log-group:${given ?? name}`),
  }),
  "random:index/randomPassword:RandomPassword": (name) => ({ result: `password-of-${name}` }),
  "random:index/randomBytes:RandomBytes": () => ({ base64: Buffer.alloc(32).toString("base64") }),
  "docker-build:index:Image": () => ({ digest: `sha256:${"0".repeat(64)}`, ref: "image" }),
  "aws:acm/certificate:Certificate": (name, { domainName }) => ({
    arn: arn("acm", `certificate/${name}`),
    domainValidationOptions: [
      {
        domainName,
        resourceRecordName: `_validation.${domainName}`,
        resourceRecordType: "CNAME",
        resourceRecordValue: "_value.acm-validations.aws",
      },
    ],
  }),
  "aws:acm/certificateValidation:CertificateValidation": (_, { certificateArn }) => ({ certificateArn }),
  "aws:apigatewayv2/domainName:DomainName": (name) => ({
    domainNameConfiguration: { targetDomainName: `${name}.execute-api`, hostedZoneId: "Z1" },
  }),
};

export const outputsOf = (type: string, name: string, inputs: Values): Values => {
  const service = type.split(":")[1]?.split("/")[0] ?? "none";
  return { arn: arn(service, name), name, ...inputs, ...OUTPUTS[type]?.(name, inputs) };
};

interface Condition {
  readonly test: string;
  readonly variable: string;
  readonly values: string[];
}

interface Statement {
  readonly effect?: string;
  readonly actions?: string[];
  readonly resources?: string[];
  readonly principals?: { readonly type: string; readonly identifiers: string[] }[];
  readonly conditions?: Condition[];
}

const conditionsByTest = (conditions: readonly Condition[]) => {
  const byTest: Record<string, Record<string, string[]>> = {};
  for (const { test, variable, values } of conditions) byTest[test] = { ...byTest[test], [variable]: values };
  return byTest;
};

/** A policy document as the look-up of the AWS provider renders it. */
const policyDocument = (statements: readonly Statement[]) => ({
  Version: "2012-10-17",
  Statement: statements.map(({ effect = "Allow", actions, resources, principals, conditions }) => ({
    Effect: effect,
    Action: actions,
    Resource: resources,
    ...(principals && { Principal: Object.fromEntries(principals.map((p) => [p.type, p.identifiers])) }),
    ...(conditions && { Condition: conditionsByTest(conditions) }),
  })),
});

/** Look-ups by token. @throws Error for one that nobody has thought of yet, rather than an empty answer */
export const answerOf = (
  token: string,
  inputs: Values,
  parameters: Readonly<Record<string, string>> = {},
): Values => {
  switch (token) {
    case "aws:ssm/getParametersByPath:getParametersByPath":
      return {
        names: Object.keys(parameters).map((name) => `${inputs.path}/${name}`),
        values: Object.values(parameters),
      };
    case "aws:index/getRegion:getRegion":
      return { id: REGION, name: REGION, region: REGION };
    case "aws:index/getPartition:getPartition":
      return { partition: "aws", dnsSuffix: "amazonaws.com" };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: ACCOUNT };
    case "aws:index/getAvailabilityZones:getAvailabilityZones":
      return { names: ["a", "b", "c"].map((zone) => `${REGION}${zone}`) };
    case "aws:iam/getPolicyDocument:getPolicyDocument": {
      const statements = (inputs.statements ?? []) as Statement[];
      return { statements, json: JSON.stringify(policyDocument(statements)) };
    }
    case "aws:ecr/getAuthorizationToken:getAuthorizationToken":
      return { proxyEndpoint: "registry", userName: "AWS", password: "password" };
    case "aws:route53/getZone:getZone":
      return { zoneId: inputs.zoneId, name: process.env.STAMPEDE_DOMAIN };
    default:
      throw new Error(`The synthesis has no answer to ${token}`);
  }
};
