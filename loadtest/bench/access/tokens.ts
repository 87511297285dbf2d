import { openCallers } from "../../harness/callers.ts";
import { median } from "../../report/statistics.ts";
import type { Row } from "../benchmark.ts";
import { rounded, spread } from "../rounding.ts";
import { get } from "../speed/requests.ts";
import { HOT } from "../speed/subjects.ts";
import { type AccessStage, type Arm, costAt, inTurn, startWith } from "./access-stage.ts";

const USERS = 1_000;

/** CPU that a verified token adds to a hot read. */
export const measureTokens = async (stage: AccessStage): Promise<Record<string, Row[]>> => {
  const { environment, tokenOf } = await openCallers();
  const bearers = await Promise.all(Array.from({ length: USERS }, (_, at) => tokenOf(`user-${at}`)));
  const reads = bearers.map((authorization) => get(HOT, { authorization }));
  const [open, unlimited, limited] = await Promise.all([
    startWith(stage, "open", { AUTH: "open" }),
    startWith(stage, "unlimited", { ...environment, RATE_LIMITS: "off" }),
    startWith(stage, "limited", environment),
  ]);
  const arms: Arm[] = [
    { name: "AUTH=open", measure: () => costAt(open, stage, [get(HOT)]) },
    { name: "AUTH=jwt, one token", measure: () => costAt(unlimited, stage, reads.slice(0, 1)) },
    { name: `AUTH=jwt, ${USERS} tokens`, measure: () => costAt(unlimited, stage, reads) },
    { name: `AUTH=jwt, ${USERS} tokens, RATE_LIMITS=on`, measure: () => costAt(limited, stage, reads) },
  ];
  try {
    const samples = await inTurn(arms, stage.rounds);
    const costs = samples.map((ofArm) => ofArm.map(({ cpu }) => cpu));
    const added = costs.map((ofArm) => ofArm.map((cpu, round) => cpu - (costs[0]?.[round] ?? 0)));
    const rows = arms.map(({ name }, at): Row => {
      const [own = [], more = []] = [costs[at], added[at]];
      return {
        "hot read": name,
        "CPU µs": rounded(median(own), 1),
        "added µs": rounded(median(more), 1),
        "of the rounds": spread(more, 1),
      };
    });
    return { "CPU of a hot read": rows };
  } finally {
    for (const server of [open, unlimited, limited]) await server.stop();
  }
};
