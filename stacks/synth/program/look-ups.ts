/** AWS's answers about a network and a Redis that belong to another stage. */
type Values = Record<string, unknown>;

interface Filter {
  readonly name: string;
  readonly values: readonly string[];
}

const wanted = (inputs: Values, name: string): string =>
  ((inputs.filters ?? []) as Filter[]).find((filter) => filter.name === name)?.values[0] ?? "";

const LOOK_UPS: Record<string, (inputs: Values) => Values> = {
  "aws:ec2/getInternetGateway:getInternetGateway": () => ({ internetGatewayId: "igw-shared" }),
  "aws:ec2/getSecurityGroups:getSecurityGroups": (inputs) => ({
    ids: wanted(inputs, "group-name") === "default" ? ["sg-shared"] : [],
  }),
  "aws:ec2/getSubnets:getSubnets": (inputs) => {
    const kind = wanted(inputs, "tag:Name").replaceAll("*", "").toLowerCase();
    return { ids: [`subnet-${kind}-1`, `subnet-${kind}-2`] };
  },
  "aws:ec2/getRouteTable:getRouteTable": ({ subnetId }) => ({ routeTableId: `rtb-${subnetId}` }),
  "aws:ec2/getNatGateways:getNatGateways": () => ({ ids: [] }),
  "aws:ec2/getInstances:getInstances": () => ({ ids: [] }),
  "aws:route53/getZone:getZone": () => ({
    zoneId: "Z-namespace",
    linkedServiceDescription: "arn:aws:servicediscovery:us-east-1:123456789012:namespace/ns-shared",
  }),
  "aws:secretsmanager/getSecretVersion:getSecretVersion": () => ({
    secretString: JSON.stringify({ authToken: "token-of-shared" }),
  }),
};

/** Undefined for a look-up of something else. */
export const sharedAnswer = (token: string, inputs: Values): Values | undefined => LOOK_UPS[token]?.(inputs);

/** Tags by which SST's components find what belongs to a resource of another stage. */
const SST_TAGS = {
  "sst:component-version": "2",
  "sst:ref-version": "2",
  "sst:ref:secret": "secret-of-shared",
};

const STATES: Record<string, Values> = {
  "aws:elasticache/replicationGroup:ReplicationGroup": {
    clusterEnabled: false,
    clusterMode: "disabled",
    primaryEndpointAddress: "master.shared.cache.amazonaws.com",
    memberClusters: ["shared-001"],
    port: 6_379,
    nodeType: "cache.t4g.micro",
  },
};

/** The state of a resource that is read, not created. */
export const stateOfShared = (type: string): Values => ({ tagsAll: SST_TAGS, ...STATES[type] });
