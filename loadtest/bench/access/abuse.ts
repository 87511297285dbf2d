import { openCallers } from "../../harness/callers.ts";
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
/** Enough for each to stay far below the limit. */
const ADDRESSES = 20_000;
const ABUSER = "198.51.100.1";
const TICK_MS = 10;

/**
 * Throughput that others lose to an address at many times its limit: the share of the server's processor that its refusals
 * take. The abuser's own CPU, on the same machine here, is not in it.
 */
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
  const beside = async (): Promise<Sample> => {
    const stop = abuse(server.url, TIMES * LIMIT_PER_SECOND);
    try {
      return await costAt(server, stage, others);
    } finally {
      refused.push(await stop());
    }
  };
  const refusals = [get(HOT, { "x-forwarded-for": ABUSER })];
  const arms: Arm[] = [
    { name: "nobody", measure: () => costAt(server, stage, others) },
    { name: `${TIMES} times its limit`, measure: beside },
    {
      name: "an abuser alone, as fast as it is refused",
      measure: () => costAt(server, stage, refusals, 429),
    },
  ];
  try {
    const samples = await inTurn(arms, stage.rounds);
    const rows = arms.map(({ name }, at): Row => {
      const costs = (samples[at] ?? []).map(({ cpu }) => cpu);
      return {
        "beside an abuser at": name,
        "CPU µs a request": rounded(median(costs), 1),
        "of the rounds": spread(costs, 1),
      };
    });
    const refusal = median((samples[2] ?? []).map(({ cpu }) => cpu));
    const perSecond = Math.round(median(refused));
    return {
      "others beside one abusive address": rows,
      "throughput that others lose to it": [
        {
          "refused/s": perSecond,
          "CPU µs a refusal": rounded(refusal, 1),
          "of one processor %": rounded((perSecond * refusal) / 1e4, 1),
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
