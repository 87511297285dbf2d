import { openCallers } from "../../harness/callers.ts";
import { processorSeconds } from "../../harness/process-figures.ts";
import { median } from "../../report/statistics.ts";
import type { Row } from "../benchmark.ts";
import { rounded, spread } from "../rounding.ts";
import { get } from "../speed/requests.ts";
import type { Sample } from "../speed/rounds.ts";
import { HOT } from "../speed/subjects.ts";
import { type AccessStage, type Arm, costAt, inTurn, startWith } from "./access-stage.ts";

/** The default limit of an address. */
const LIMIT_PER_SECOND = 20;
const TIMES = 20;
/** So many that none of them comes near the limit. */
const ADDRESSES = 20_000;
const ABUSER = "198.51.100.1";
const TICK_MS = 10;

/** Throughput that others lose to an address at many times its limit, by the server's CPU for each of their requests. */
export const measureAbuse = async (stage: AccessStage): Promise<Record<string, Row[]>> => {
  const { environment } = await openCallers();
  const server = await startWith(stage, "abused", {
    ...environment,
    RATE_LIMIT_PER_MINUTE: String(60 * LIMIT_PER_SECOND),
    TRUSTED_HOPS: "1",
  });
  const others = Array.from({ length: ADDRESSES }, (_, at) =>
    get(HOT, { "x-forwarded-for": `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}` }),
  );
  const refused: number[] = [];
  const beside = async (perSecond: number): Promise<Sample> => {
    const stop = abuse(server.url, perSecond);
    try {
      return await costAt(server, stage, others);
    } finally {
      refused.push(await stop());
    }
  };
  const arms: Arm[] = [
    { name: "nobody", measure: () => costAt(server, stage, others) },
    { name: `${TIMES} times its limit`, measure: () => beside(TIMES * LIMIT_PER_SECOND) },
  ];
  /** Of one processor, with nobody else there: at the most what all others lose. */
  const shareOf = async (perSecond: number): Promise<number> => {
    const before = await processorSeconds(server.pid);
    const stop = abuse(server.url, perSecond);
    await Bun.sleep(stage.seconds * 1_000);
    await stop();
    return (100 * ((await processorSeconds(server.pid)) - before)) / stage.seconds;
  };
  try {
    const [alone = [], abused = []] = await inTurn(arms, stage.rounds);
    const shares: number[] = [];
    for (let round = 0; round < stage.rounds; round++)
      shares.push((await shareOf(TIMES * LIMIT_PER_SECOND)) - (await shareOf(0)));
    const lost = abused.map(({ cpu }, round) => 100 * (1 - (alone[round]?.cpu ?? 0) / cpu));
    const row = (name: string, samples: readonly Sample[]): Row => ({
      "an abuser at": name,
      "others' requests/s": Math.round(median(samples.map(({ rate }) => rate))),
      "server CPU µs for each": rounded(median(samples.map(({ cpu }) => cpu)), 1),
    });
    return {
      "others beside one abusive address": [
        row("nobody", alone),
        {
          ...row(`${TIMES} times its limit`, abused),
          "refused/s": Math.round(median(refused)),
          "throughput lost %": rounded(median(lost), 1),
          "of the rounds": spread(lost, 1),
          "its share of a processor, by itself %": rounded(median(shares), 1),
        },
      ],
    };
  } finally {
    await server.stop();
  }
};

/** Asks at a steady rate from one address. @returns stops, and gives the refusals a second */
const abuse = (url: string, perSecond: number) => {
  const startedAt = performance.now();
  const underWay = new Set<Promise<void>>();
  let sent = 0;
  let refusals = 0;
  const ask = async (): Promise<void> => {
    const response = await fetch(url + HOT, { headers: { "x-forwarded-for": ABUSER } });
    await response.arrayBuffer();
    if (response.status === 429) refusals += 1;
  };
  const timer = setInterval(() => {
    for (const due = ((performance.now() - startedAt) / 1_000) * perSecond; sent < due; sent++) {
      const asking = ask()
        .catch(() => undefined)
        .finally(() => underWay.delete(asking));
      underWay.add(asking);
    }
  }, TICK_MS);
  return async (): Promise<number> => {
    clearInterval(timer);
    const seconds = (performance.now() - startedAt) / 1_000;
    await Promise.all(underWay);
    return refusals / seconds;
  };
};
