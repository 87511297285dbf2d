import type { Settings } from "./settings.ts";

/** Where the collector listens, in a task and in a function with its layer. */
const ENDPOINT = "http://127.0.0.1:4318";

/**
 * AWS's distribution of OpenTelemetry's collector, as AWS publishes it. Source of the container's definition: ECS
 * Developer Guide, "AWS Distro for OpenTelemetry sidecar for AWS X-Ray integration".
 */
const IMAGE = "public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0";

/** Takes spans from the task alone, and hands them to X-Ray: its own file would gather metrics as well. */
const CONFIG = `
receivers: { otlp: { protocols: { http: { endpoint: "127.0.0.1:4318" } } } }
processors: { batch: {}, memory_limiter: { check_interval: 1s, limit_mib: 100 } }
exporters: { awsxray: {} }
service:
  pipelines:
    traces: { receivers: [otlp], processors: [memory_limiter, batch], exporters: [awsxray] }
`;

/** X-Ray knows no resources to limit these to (Service Authorization Reference, "AWS X-Ray"). */
export const TRACING_STATEMENTS = [
  { actions: ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], resources: ["*"] },
];

/** The shop's settings where its traces are collected. */
export const tracingEnvironment = ({ tracing }: Pick<Settings, "tracing">) =>
  tracing
    ? { TRACING: "on", TRACING_PERCENT: `${tracing.percent}`, OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT }
    : undefined;

/**
 * The collector beside the shop in its task, and not essential: without it spans are lost, and nothing else.
 *
 * @param logConfiguration the shop's own
 */
export const collector = (region: string, logConfiguration: object) => ({
  name: "Collector",
  image: IMAGE,
  essential: false,
  // Of the task's own: a share of its processor when both want it, and a bound to its memory.
  cpu: 32,
  memory: 128,
  readonlyRootFilesystem: true,
  environment: [
    { name: "AOT_CONFIG_CONTENT", value: CONFIG },
    { name: "AWS_REGION", value: region },
  ],
  logConfiguration,
});
