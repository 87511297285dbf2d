import { awsLine } from "./metric-lines.ts";
import type { Row } from "./widgets.ts";

export interface TableNames {
  readonly table: string;
  readonly indexes: readonly string[];
}

/** AWS's names for the resources of a stage. */
export interface Names {
  readonly region: string;
  readonly namespace: string;
  readonly door: LoadBalancerNames | HttpApiNames;
  readonly tables: readonly TableNames[];
  readonly redisNodes: readonly string[];
  /** Whether Redis's nodes earn their processor time in credits. */
  readonly isRedisBurstable: boolean;
  readonly fulfilment: string;
  readonly recovery: string;
  /** Where there is one. */
  readonly canary?: string;
  readonly failures: string;
}

export interface LoadBalancerNames {
  readonly kind: "loadBalancer";
  /** The last parts of their ARNs, as metrics name them. */
  readonly loadBalancer: string;
  readonly targetGroup: string;
  readonly cluster: string;
  readonly service: string;
  readonly mostTasks: number | undefined;
}

export interface HttpApiNames {
  readonly kind: "httpApi";
  readonly api: string;
}

const loadBalancerRow = ({ loadBalancer, targetGroup, cluster, service }: LoadBalancerNames): Row => {
  const balancer = { LoadBalancer: loadBalancer };
  const target = { TargetGroup: targetGroup, ...balancer };
  const tasks = { ClusterName: cluster, ServiceName: service };
  return {
    heading: "Load balancer and tasks",
    graphs: [
      {
        title: "Load balancer 5xx",
        unit: "per minute",
        lines: [
          awsLine("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", balancer, "Sum"),
          awsLine("AWS/ApplicationELB", "HTTPCode_ELB_5XX_Count", balancer, "Sum"),
        ],
      },
      {
        title: "Target response time",
        unit: "s",
        lines: ["p50", "p95", "p99"].map((stat) =>
          awsLine("AWS/ApplicationELB", "TargetResponseTime", balancer, stat, { label: stat }),
        ),
      },
      {
        title: "Requests",
        unit: "per minute",
        lines: [
          awsLine("AWS/ApplicationELB", "RequestCount", balancer, "Sum"),
          awsLine("AWS/ApplicationELB", "RequestCountPerTarget", { TargetGroup: targetGroup }, "Sum"),
        ],
      },
      {
        title: "Tasks",
        unit: "tasks",
        lines: [
          awsLine("AWS/ApplicationELB", "HealthyHostCount", target, "Minimum"),
          awsLine("AWS/ApplicationELB", "UnHealthyHostCount", target, "Maximum"),
        ],
      },
      {
        title: "Tasks: CPU",
        unit: "%",
        lines: ["Average", "Maximum"].map((stat) =>
          awsLine("AWS/ECS", "CPUUtilization", tasks, stat, { label: stat }),
        ),
      },
      {
        title: "Tasks: memory",
        unit: "%",
        lines: ["Average", "Maximum"].map((stat) =>
          awsLine("AWS/ECS", "MemoryUtilization", tasks, stat, { label: stat }),
        ),
      },
    ],
  };
};

const httpApiRow = ({ api }: HttpApiNames): Row => {
  const dimensions = { ApiId: api };
  return {
    heading: "HTTP API",
    graphs: [
      {
        title: "API requests",
        unit: "per minute",
        lines: [awsLine("AWS/ApiGateway", "Count", dimensions, "Sum")],
      },
      {
        title: "API errors",
        unit: "per minute",
        lines: ["5xx", "4xx"].map((name) => awsLine("AWS/ApiGateway", name, dimensions, "Sum")),
      },
      {
        title: "API latency",
        unit: "ms",
        lines: ["p50", "p95", "p99"].map((stat) =>
          awsLine("AWS/ApiGateway", "Latency", dimensions, stat, { label: stat }),
        ),
      },
    ],
  };
};

export const doorRow = ({ door }: Names): Row =>
  door.kind === "loadBalancer" ? loadBalancerRow(door) : httpApiRow(door);

const THROTTLED = ["ReadThrottleEvents", "WriteThrottleEvents"];

export const tablesRow = ({ tables }: Names): Row => {
  /** A table's own metrics leave out its indexes. */
  const eachTable = (name: string) =>
    tables.flatMap(({ table, indexes }) => [
      awsLine("AWS/DynamoDB", name, { TableName: table }, "Sum", { label: table }),
      ...indexes.map((index) => {
        const dimensions = { TableName: table, GlobalSecondaryIndexName: index };
        return awsLine("AWS/DynamoDB", name, dimensions, "Sum", { label: `${table} ${index}` });
      }),
    ]);
  return {
    heading: "DynamoDB",
    graphs: [
      { title: "Read units consumed", unit: "per minute", lines: eachTable("ConsumedReadCapacityUnits") },
      { title: "Write units consumed", unit: "per minute", lines: eachTable("ConsumedWriteCapacityUnits") },
      { title: "Throttled", unit: "per minute", lines: THROTTLED.flatMap(eachTable) },
    ],
  };
};

export const redisRow = ({ redisNodes, isRedisBurstable }: Names): Row => {
  const eachNode = (name: string, stat: string) =>
    redisNodes.map((node) =>
      awsLine("AWS/ElastiCache", name, { CacheClusterId: node }, stat, { label: `${node} ${name}` }),
    );
  return {
    heading: "Redis",
    graphs: [
      {
        // Two cores: what the thread that runs the commands leaves free, encryption and the network use.
        title: "Redis: CPU of its one thread, and of the node",
        unit: "%",
        lines: ["EngineCPUUtilization", "CPUUtilization"].flatMap((name) => eachNode(name, "Maximum")),
      },
      ...(isRedisBurstable
        ? [{ title: "Redis: CPU credits", unit: "credits", lines: eachNode("CPUCreditBalance", "Minimum") }]
        : []),
      {
        title: "Redis: memory",
        unit: "%",
        lines: eachNode("DatabaseMemoryUsagePercentage", "Maximum"),
      },
      {
        title: "Redis: evictions, connections",
        unit: "per minute",
        lines: [...eachNode("Evictions", "Sum"), ...eachNode("CurrConnections", "Maximum")],
      },
    ],
  };
};

export const backgroundRow = ({ fulfilment, recovery, failures }: Names): Row => ({
  heading: "Fulfilment and recovery",
  graphs: [
    {
      title: "Age of the stream's records",
      unit: "ms",
      lines: [awsLine("AWS/Lambda", "IteratorAge", { FunctionName: fulfilment }, "Maximum")],
    },
    {
      title: "Errors of functions",
      unit: "per minute",
      lines: [
        awsLine("AWS/Lambda", "Errors", { FunctionName: fulfilment }, "Sum", { label: "fulfilment" }),
        awsLine("AWS/Lambda", "Errors", { FunctionName: recovery }, "Sum", { label: "recovery" }),
      ],
    },
    {
      title: "Batches given up",
      unit: "messages",
      lines: [awsLine("AWS/SQS", "ApproximateNumberOfMessagesVisible", { QueueName: failures }, "Maximum")],
    },
  ],
});
