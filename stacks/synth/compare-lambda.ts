import { SIZES } from "../sizes.ts";
import { fargateHour, PRICES } from "./prices.ts";

/**
 * Assumptions of the comparison. Durations are milliseconds; sizes of a request's answer and log are bytes.
 */
export const ASSUMED = {
  /** A task takes what scaling aims it at. */
  requestsPerTaskSecond: SIZES.production.requestsPerTask / 60,
  /** Share of its processor that is then in use; the rest is for peaks. `npm run bench -- growth` prices by it too. */
  utilisation: 0.5,
  vcpus: 1,
  memoryGb: SIZES.production.memoryMb / 1_024,
  tasksAtLeast: SIZES.production.tasks.min,
  answerBytes: 1_200,
  /** A load balancer's capacity unit is a gigabyte an hour. */
  capacityUnitBytes: 1e9,
  functionGb: 1,
  /** Warm, at the 0.58 of a core that 1 GB comes with: 2 ms of work become 4, and Redis or DynamoDB 4 more. */
  functionMs: 8,
  coldMs: 900,
  /** Of the calls: a copy is thrown away when it has been idle for some minutes. */
  coldShare: 0.005,
  /** A line a request. */
  containerLogBytes: 220,
  /** The same line, three of Lambda's own, and the metrics, which a function must publish at the end of each call: measured, a test holds it to that. */
  functionLogBytes: 3_300,
  logGb: 0.5,
  loadBalancerMs: 1,
  httpApiMs: 8,
  containerMs: 5,
} as const;

const SECONDS_A_MONTH = PRICES.hoursAMonth * 3_600;

/** US dollars for a million requests, at this even load a second. */
export const containerCost = (requestsPerSecond: number): number => {
  const { requestsPerTaskSecond, vcpus, memoryGb, tasksAtLeast, answerBytes, capacityUnitBytes } = ASSUMED;
  const tasks = Math.max(tasksAtLeast, Math.ceil(requestsPerSecond / requestsPerTaskSecond));
  const taskHour = fargateHour(vcpus, memoryGb) + PRICES.publicAddressHour;
  const units = Math.max(1, (requestsPerSecond * 3_600 * answerBytes) / capacityUnitBytes);
  const doorHour =
    PRICES.loadBalancer.hour + units * PRICES.loadBalancer.capacityUnitHour + 2 * PRICES.publicAddressHour;
  const month = (tasks * taskHour + doorHour) * PRICES.hoursAMonth;
  return month / ((requestsPerSecond * SECONDS_A_MONTH) / 1e6) + logCost(ASSUMED.containerLogBytes);
};

/** The same for functions: the load makes no difference. */
export const functionsCost = (): number => {
  const { functionMs, functionGb, coldMs, coldShare } = ASSUMED;
  const seconds = (functionMs + coldShare * coldMs) / 1_000;
  const compute = seconds * functionGb * PRICES.lambda.gbSecond * 1e6;
  return PRICES.httpApi.million + PRICES.lambda.million + compute + logCost(ASSUMED.functionLogBytes);
};

const logCost = (bytes: number): number => ((bytes * 1e6) / 1e9) * ASSUMED.logGb;

/** Requests a second at which both cost the same: below it functions are cheaper. */
export const breakEven = (): number => {
  let [low, high] = [0.01, 10_000];
  while (high / low > 1.001) {
    const middle = Math.sqrt(low * high);
    if (containerCost(middle) > functionsCost()) low = middle;
    else high = middle;
  }
  return Math.round(low * 10) / 10;
};

/** Milliseconds at the load balancer or the HTTP API, for a read of a product. */
export const latencies = () => {
  const { loadBalancerMs, containerMs, httpApiMs, functionMs, coldMs, coldShare } = ASSUMED;
  const warm = httpApiMs + functionMs;
  return {
    container: { typical: loadBalancerMs + containerMs, mean: loadBalancerMs + containerMs },
    functions: { typical: warm, mean: warm + coldShare * coldMs, cold: warm + coldMs },
  };
};

/**
 * US dollars for a million requests by a task's processor time: its vCPU and memory, as much in use as is assumed.
 *
 * @param cpu microseconds a request
 */
export const processorCost = (cpu: number): number => {
  const { vcpus, memoryGb, utilisation } = ASSUMED;
  const seconds = cpu / vcpus / utilisation; // Microseconds a request are seconds a million.
  return (seconds / 3_600) * fargateHour(vcpus, memoryGb);
};

/** Microseconds of processor time a request, on average, at which a task takes what is assumed. */
export const assumedCpu = (): number =>
  (1e6 * ASSUMED.vcpus * ASSUMED.utilisation) / ASSUMED.requestsPerTaskSecond;
