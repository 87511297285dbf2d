import { beforeAll, expect, test } from "vitest";
import {
  containerOf,
  DEPLOYED,
  type Deployment,
  type Resource,
  type Statement,
  statementsOf,
  synthesized,
} from "./testing/stages.ts";

let deployments: Deployment[];
beforeAll(async () => {
  deployments = await Promise.all(DEPLOYED.map(synthesized));
});

const everywhere = (type: string): Resource[] => deployments.flatMap((deployment) => deployment.ofType(type));

/** Managed by AWS, for what only AWS itself does on a role's behalf. */
const MANAGED = [
  // Pull the image, write the log.
  "arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
  // Write the log.
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
  // Be placed into a network.
  "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole",
];

test("no action and no resource is a wildcard", () => {
  const statements: [role: string, Statement][] = everywhere("Role").flatMap((role) =>
    statementsOf(role).map((statement): [string, Statement] => [role.name, statement]),
  );
  expect(statements.length).toBeGreaterThan(20);
  for (const [role, { Action, Resource }] of statements) {
    for (const action of Action) expect(action, role).toMatch(/^[a-z]+:[A-Za-z]+$/);
    // X-Ray knows no resources.
    const isTracing = Action.every((action) => action.startsWith("xray:Put"));
    for (const resource of isTracing ? [] : Resource) expect(resource, role).not.toContain("*");
  }
  for (const { inputs, name } of everywhere("Role")) {
    for (const arn of inputs.managedPolicyArns ?? []) expect(MANAGED, name).toContain(arn);
  }
});

interface Trust {
  readonly Principal: Readonly<Record<string, string | readonly string[]>>;
}

/** The service that may assume a role, as `Service: lambda.amazonaws.com`. */
const trustedBy = ({ inputs }: Resource): string[] => {
  const { assumeRolePolicy: policy } = inputs;
  const { Statement: statements } = typeof policy === "string" ? JSON.parse(policy) : policy;
  return (statements as Trust[]).flatMap(({ Principal }) =>
    Object.entries(Principal).flatMap(([kind, names]) => [names].flat().map((name) => `${kind}: ${name}`)),
  );
};

test("a role is taken on by the one service of AWS that works under it, and by no person", () => {
  const roles = everywhere("Role");
  expect(roles.length).toBeGreaterThan(30);
  for (const role of roles) {
    const { name } = role;
    const service = /Task|Execution/.test(name) ? "ecs-tasks" : /Role$/.test(name) && "lambda";
    const expected = /^(Recovery|Canary)Role$/.test(name) ? "scheduler" : service;
    expect(trustedBy(role), name).toEqual([`Service: ${expected}.amazonaws.com`]);
  }
});

test("only the load balancer lets anybody in, by its ports only", () => {
  for (const deployment of deployments) {
    const groups = [...deployment.ofType("SecurityGroup"), ...deployment.ofType("DefaultSecurityGroup")];
    const open = groups.filter(({ inputs }) => JSON.stringify(inputs.ingress).includes('"0.0.0.0/0"'));
    expect(open.map(({ name }) => name)).toEqual(
      deployment.app.protect ? ["ShopLoadBalancerSecurityGroup"] : [],
    );
    for (const { inputs } of open) {
      const ports = deployment.ofType("Certificate").length > 0 ? [80, 443] : [80];
      expect(inputs.ingress).toMatchObject(ports.map((port) => ({ fromPort: port, toPort: port })));
    }
    expect(deployment.ofType("FunctionUrl")).toEqual([]);
    for (const { inputs } of deployment.ofType("Permission")) expect(inputs.principal).not.toBe("*");
    const privateSubnets = ["VpcPrivateSubnet1-id", "VpcPrivateSubnet2-id"];
    expect(deployment.one("SubnetGroup").inputs.subnetIds).toEqual(privateSubnets);
    for (const { inputs, name } of deployment.ofType("Function")) {
      if (inputs.vpcConfig) expect(inputs.vpcConfig.subnetIds, name).toEqual(privateSubnets);
    }
  }
});

test("the stage's owner can keep everybody else out", async () => {
  const { inputs } = (await synthesized("personal")).one("SecurityGroup", "ShopLoadBalancerSecurityGroup");
  const cidrBlocks = ["203.0.113.7/32", "198.51.100.0/24"];
  expect(inputs.ingress).toEqual([{ protocol: "tcp", fromPort: 80, toPort: 80, cidrBlocks }]);
});

test("data is encrypted where it lies and on its way", () => {
  for (const { inputs } of everywhere("ReplicationGroup")) {
    expect(inputs).toMatchObject({
      atRestEncryptionEnabled: true,
      transitEncryptionEnabled: true,
      transitEncryptionMode: "required",
    });
    expect(inputs.authToken).toBeTruthy();
  }
  const queues = everywhere("Queue").filter(({ type }) => type.startsWith("aws:"));
  expect(queues.length).toBe(DEPLOYED.length);
  for (const { inputs } of queues) expect(inputs.sqsManagedSseEnabled).toBe(true);
  // SNS's own key would silence the alarms: CloudWatch may not use it.
  const topics = everywhere("sns/topic:Topic");
  expect(topics.length).toBe(DEPLOYED.length);
  for (const { inputs } of topics) expect(inputs.kmsMasterKeyId).toBeUndefined();
  // DynamoDB, Secrets Manager and log groups encrypt everything anyway: there is nothing to set.
});

test("with a domain everything is HTTPS", async () => {
  const listeners = (await synthesized("production")).ofType("Listener");
  expect(listeners.map(({ inputs }) => inputs)).toMatchObject([
    {
      port: 80,
      defaultActions: [
        { type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } },
      ],
    },
    {
      port: 443,
      protocol: "HTTPS",
      sslPolicy: "ELBSecurityPolicy-TLS13-1-2-2021-06",
      defaultActions: [{ type: "forward" }],
    },
  ]);
});

test("a container writes nothing, is nobody, and has one port", () => {
  for (const deployment of deployments.filter((one) => one.ofType("TaskDefinition").length > 0)) {
    expect(containerOf(deployment)).toMatchObject({
      readonlyRootFilesystem: true,
      user: "1000:1000",
      pseudoTerminal: false,
      portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: "tcp" }],
    });
    expect(deployment.one("ecs/service:Service").inputs.enableExecuteCommand).toBe(false);
  }
});

test("everything is tagged with the stage it belongs to", () => {
  for (const deployment of deployments) {
    const tags = JSON.stringify(deployment.app.providers);
    const stage = deployment.all.find(({ parent }) => parent === "")?.name.replace("stampede-", "");
    expect(JSON.parse(tags)).toEqual({ aws: { defaultTags: { tags: { project: "stampede", stage } } } });
  }
  for (const { inputs } of everywhere("ecs/service:Service")) expect(inputs.propagateTags).toBe("SERVICE");
});
