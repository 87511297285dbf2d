import type { Chart } from "../../report/run-result.ts";
import { figure, medianOf, percent } from "../lab-figures.ts";
import { lineChart, pointOf, rounded } from "../plots.ts";
import type { Side } from "./sides.ts";
import type { StepRow } from "./steps.ts";

export const cells = ({ rows }: Side, users: number): string[] => {
  const own = rows.filter((row) => row.users === users);
  const of = (value: (row: StepRow) => number | null): string => figure(medianOf(own.map(value)));
  return [
    of(({ throughput }) => throughput),
    of(({ p50 }) => p50),
    of(({ p95 }) => p95),
    of(({ p99 }) => p99),
    percent(medianOf(own.map(({ refused }) => refused))),
    percent(medianOf(own.map(({ failed }) => failed))),
    of(({ serverCpu }) => serverCpu),
    of(({ engineCpu }) => engineCpu),
    of(({ generatorCpu }) => generatorCpu),
    percent(medianOf(own.map(({ machine }) => machine))),
    of(({ loopDelay }) => loopDelay),
    of(({ memoryMb }) => memoryMb),
  ];
};

export const chartsOf = (sides: readonly Side[]): Chart[] => {
  const x = { label: "Users" };
  const series = (value: (row: StepRow) => number | null) =>
    Object.fromEntries(
      sides.map(({ name, users, rows }) => [
        name,
        users.map((count) => pointOf(count, rows.filter((row) => row.users === count).map(value))),
      ]),
    );
  if (sides.length === 0) return [];
  const markers = sides.flatMap(({ name, knee }) => (knee ? [{ x: knee.load, label: `knee, ${name}` }] : []));
  const named = (names: Record<string, (row: StepRow) => number | null>) =>
    Object.fromEntries(
      sides.flatMap(({ name, users, rows }) =>
        Object.entries(names).map(([what, value]) => [
          `${what}, ${name}`,
          users.map((count) => pointOf(count, rows.filter((row) => row.users === count).map(value))),
        ]),
      ),
    );
  return [
    lineChart({
      id: "load.throughput",
      title: "Throughput against users",
      caption: "Good answers a second. Where the line bends, something is used up.",
      x,
      y: { label: "Answers/s" },
      series: series((row) => row.throughput),
      markers,
    }),
    lineChart({
      id: "load.latency",
      title: "Latency against users",
      caption: "p95 of good answers.",
      x,
      y: { label: "p95 (ms)", scale: "log" },
      series: series((row) => row.p95),
      markers,
    }),
    lineChart({
      id: "load.errors",
      title: "Answers that were not good",
      caption: "Refused politely (503 with Retry-After), and failed (anything that the contract rules out).",
      x,
      y: { label: "Share of all answers (%)" },
      series: named({
        refused: ({ refused }) => (refused === null ? null : rounded(100 * refused)),
        failed: ({ failed }) => (failed === null ? null : rounded(100 * failed)),
      }),
    }),
    lineChart({
      id: "load.cpu",
      title: "CPU use by process",
      caption: "Cores in use by the server processes together, by the database and by the load generator.",
      x,
      y: { label: "Cores" },
      series: named({
        servers: (row) => row.serverCpu,
        DynamoDB: (row) => row.engineCpu,
        generator: (row) => row.generatorCpu,
      }),
    }),
    lineChart({
      id: "load.loop",
      title: "Event-loop delay",
      caption: "How late the event loop of the slowest server process is; over 100 ms it refuses requests.",
      x,
      y: { label: "Delay (ms)" },
      series: series((row) => row.loopDelay),
    }),
    lineChart({
      id: "load.memory",
      title: "Memory of the server processes",
      caption: "Resident, of those that have users.",
      x,
      y: { label: "Memory (MB)" },
      series: series((row) => row.memoryMb),
    }),
  ].filter(isMeasured);
};

/** Of somebody else's processes nothing is seen. */
const isMeasured = ({ series }: Chart): boolean =>
  series.some(({ points }) => points.some(({ y }) => y !== null));
