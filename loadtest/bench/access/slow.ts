import { askInTurn } from "../../harness/fast-client.ts";
import { connectionsAtMost } from "../../harness/open-files.ts";
import { openSlowClients } from "../../harness/slow-clients.ts";
import { median, percentile } from "../../report/statistics.ts";
import type { Row } from "../benchmark.ts";
import { rounded } from "../rounding.ts";
import { HOT } from "../speed/subjects.ts";
import { type AccessStage, startWith } from "./access-stage.ts";

const SLOW = { idle: connectionsAtMost(10_000), senders: 500, readers: 500 };
const TIMES = 500;

/** Latency of a fast client at a server with slow clients and at one without. */
export const measureSlow = async (stage: AccessStage): Promise<Record<string, Row[]>> => {
  const [quiet, beset] = await Promise.all([startWith(stage, "quiet", {}), startWith(stage, "beset", {})]);
  const row = (name: string, waits: readonly number[]): Row => ({
    "a fast client beside": name,
    "p50 ms": rounded(median(waits), 2),
    "p99 ms": rounded(percentile(waits, 0.99), 2),
  });
  let slow: Awaited<ReturnType<typeof openSlowClients>> | undefined;
  try {
    await askInTurn([quiet.url, beset.url], HOT, TIMES / 5);
    slow = await openSlowClients(beset.url, SLOW);
    const [alone = [], beside = []] = await askInTurn([quiet.url, beset.url], HOT, TIMES);
    const name = `${SLOW.idle} idle connections, ${SLOW.senders} slow senders, ${SLOW.readers} slow readers`;
    return {
      [`slow clients (${slow.connections()} connections at the end)`]: [
        row("nobody", alone),
        row(name, beside),
      ],
    };
  } finally {
    slow?.close();
    await quiet.stop();
    await beset.stop();
  }
};
