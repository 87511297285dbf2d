import type { StageKind } from "./stage-name.ts";

/**
 * How large things are in each kind of stage.
 *
 * A task is one process, and JavaScript runs on one core: a task above 1 vCPU would pay for cores it can't
 * use, so scaling goes out, not up. Memory: 150 MB for the process with 100,000 products indexed for search,
 * about three times `CACHE_MEMORY_MB` for cached products (the bound is an estimate), and room for requests.
 */
export const SIZES = {
  personal: {
    cpu: "0.5 vCPU",
    memory: "1 GB",
    memoryMb: 1_024,
    tasks: { min: 1, max: 4 },
    /**
     * Requests per minute and task above which tasks are added: half of the 2,000/s that one core was measured
     * to serve when every read misses the cache, times the share of a core that the task has.
     */
    requestsPerTask: 30_000,
    cacheMemoryMb: 128,
    cacheWarm: 0,
    redis: { instance: "t4g.micro", replicas: 0 },
    streamParallelism: 2,
    logRetention: "1 week",
    faults: "on",
  },
  production: {
    cpu: "1 vCPU",
    memory: "2 GB",
    memoryMb: 2_048,
    tasks: { min: 2, max: 16 },
    requestsPerTask: 60_000,
    cacheMemoryMb: 384,
    cacheWarm: 10_000,
    redis: { instance: "t4g.small", replicas: 1 },
    streamParallelism: 10,
    logRetention: "3 months",
    faults: "off",
  },
} as const satisfies Record<StageKind, object>;

export type Sizes = (typeof SIZES)[StageKind];

/**
 * Megabytes of log that a task holds back while CloudWatch takes none: four minutes of five routes at the 100 lines of
 * 220 bytes a second up to which the access log is complete. AWS recommends 25 or more (AWS Containers blog,
 * "Preventing log loss with non-blocking mode in the AWSLogs container log driver").
 */
export const LOG_BUFFER_MB = 25;

/**
 * The order of a task's end, in seconds: the load balancer stops sending and lets requests under way finish
 * (deregistration), then ECS sends SIGTERM and the server drains, then ECS kills what is left. Should SIGTERM
 * come without the first, the server goes on serving for as long as the load balancer takes to notice.
 */
export const ENDING = {
  requestDeadline: 10,
  deregistrationDelay: 15,
  drainNotice: 5,
  drainDeadline: 20,
  stopTimeout: 30,
} as const;
