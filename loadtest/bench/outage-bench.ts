import { percentile } from "../report/statistics.ts";
import { type BenchStage, setBenchStage } from "./bench-stage.ts";
import type { Benchmark, Row } from "./benchmark.ts";
import { type LoadAnswer, openLoad } from "./open-load.ts";
import { rounded } from "./rounding.ts";

const PRODUCTS = 200;
/** Requests a second: far below what the machine can take, so that only the outage is seen. */
const PER_SECOND = 250;
const MIX = { browse: 80, cart: 10, checkout: 10 };
const WARM_SECONDS = 5;
const NORMAL_SECONDS = Number(process.env.OUTAGE_SECONDS ?? 30);
const DOWN_SECONDS = NORMAL_SECONDS;
const AFTER_SECONDS = 10;
const LOOK_EVERY_MS = 20;

export type Dependency = "dynamodb" | "redis" | "payment";

export interface Outage {
  readonly what: string;
  readonly dependency: Dependency;
  readonly down: (stage: BenchStage) => Promise<unknown>;
  readonly up: (stage: BenchStage) => Promise<unknown>;
}

const simulatePayment = (enable: boolean) => (stage: BenchStage) =>
  stage.client.post("/resilience/simulate/payment", { enable, ttl_secs: 600 });

/** A process that is stopped answers nothing and keeps its connections. */
export const hung = (dependency: "dynamodb" | "redis", what: string): Outage => {
  const signal = (name: NodeJS.Signals) => async (stage: BenchStage) =>
    stage[dependency === "redis" ? "redis" : "engine"].signal(name);
  return { what, dependency, down: signal("SIGSTOP"), up: signal("SIGCONT") };
};

const OUTAGES: readonly Outage[] = [
  { what: "Redis killed", dependency: "redis", down: (s) => s.redis.kill(), up: (s) => s.redis.start() },
  hung("redis", "Redis hung"),
  {
    what: "DynamoDB killed",
    dependency: "dynamodb",
    down: (s) => s.engine.kill(),
    up: (s) => s.engine.start(),
  },
  hung("dynamodb", "DynamoDB hung"),
  { what: "payment fails", dependency: "payment", down: simulatePayment(true), up: simulatePayment(false) },
];

/**
 * Takes each dependency away for half a minute under a steady load, and gives it back. Normal times are
 * measured in the same run, before each.
 */
export const benchmark: Benchmark = async () => {
  const rows: Row[] = [];
  const circuits: Row[] = [];
  for (const [index, outage] of OUTAGES.entries()) {
    const { table, circuit } = await measureOutage(outage, index + 1);
    rows.push(...table);
    circuits.push(circuit);
  }
  return { "answers, by what is gone": rows, "circuit breakers": circuits };
};

const measureOutage = async (outage: Outage, seed: number) => {
  const stage = await setBenchStage(PRODUCTS, { FAULTS: "on" });
  try {
    const seconds = WARM_SECONDS + NORMAL_SECONDS + DOWN_SECONDS + AFTER_SECONDS;
    const buyers = Math.ceil(seconds * PER_SECOND * (MIX.checkout / 100) * 1.2);
    await stage.fillCarts(`buyer-${seed}`, buyers);
    const load = openLoad({
      url: stage.shop.url,
      perSecond: PER_SECOND,
      seconds,
      seed,
      mix: MIX,
      products: PRODUCTS,
      buyers,
    });
    const startedAt = performance.now();
    const at = (): number => performance.now() - startedAt;
    await Bun.sleep((WARM_SECONDS + NORMAL_SECONDS) * 1_000);
    const downAt = at();
    await outage.down(stage);
    const openedAfter = await untilState(stage, outage.dependency, "open");
    await Bun.sleep(Math.max(0, DOWN_SECONDS * 1_000 - (at() - downAt)));
    const upAt = at();
    await outage.up(stage);
    const returnedAt = at();
    const closedAfter = await untilState(stage, outage.dependency, "closed");
    const answers = await load;
    const normal = answers.filter((a) => a.at > WARM_SECONDS * 1_000 && a.at < downAt - 500);
    const during = answers.filter((a) => a.at >= downAt && a.at < upAt);
    return {
      table: [
        row(outage.what, "before (baseline)", normal, normal),
        row(outage.what, "while gone", during, normal),
      ],
      circuit: {
        gone: outage.what,
        "circuit opens after s": rounded(openedAfter / 1_000),
        "closes after the return, s": rounded(closedAfter / 1_000),
        "the return itself took s": rounded((returnedAt - upAt) / 1_000),
      },
    };
  } finally {
    await stage.close();
  }
};

/** Milliseconds until the circuit is in a state; not a number when it has not been within ten seconds. */
export const untilState = async (
  stage: BenchStage,
  dependency: Dependency,
  state: string,
): Promise<number> => {
  const startedAt = performance.now();
  while (performance.now() - startedAt < 10_000) {
    const { body } = await stage.client.get("/resilience/circuit-breakers");
    if (body[dependency].state === state) return performance.now() - startedAt;
    await Bun.sleep(LOOK_EVERY_MS);
  }
  return Number.NaN;
};

const row = (
  what: string,
  when: string,
  answers: readonly LoadAnswer[],
  normal: readonly LoadAnswer[],
): Row => {
  const of = (kind: string, from = answers) => from.filter((answer) => answer.kind === kind);
  const p99 = (kind: string, from = answers) =>
    percentile(
      of(kind, from).map(({ ms }) => ms),
      0.99,
    );
  const share = (kind: string, isGood: (status: number) => boolean): string => {
    const own = of(kind);
    return `${rounded((own.filter(({ status }) => isGood(status)).length / own.length) * 100)} %`;
  };
  const isOk = (status: number): boolean => status >= 200 && status < 300;
  const refused = answers.filter(({ status }) => status === 503).map(({ ms }) => ms);
  return {
    gone: what,
    when,
    "reads ok": share("browse", isOk),
    "reads p99 ms": rounded(p99("browse")),
    "to baseline": rounded(p99("browse") / p99("browse", normal)),
    "cart writes ok": share("cart", isOk),
    "checkouts ok": share("checkout", isOk),
    "of them 202": share("checkout", (status) => status === 202),
    "503 p99 ms": refused.length > 0 ? rounded(percentile(refused, 0.99)) : "-",
    "other failures": answers.filter(({ status }) => !isOk(status) && status !== 503 && status !== 400)
      .length,
  };
};
