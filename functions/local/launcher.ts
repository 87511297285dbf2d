/** The local launcher: one command from nothing to a shop with a database, a catalogue and fulfilment. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { closeSearch, keepBuildingSearchIndex } from "../../core/catalog/search-build.ts";
import { type Config, readConfig } from "../../core/config/config.ts";
import { ConfigurationError } from "../../core/config/environment-reader.ts";
import { openShop } from "../../core/open-shop.ts";
import type { Shop } from "../../core/shop.ts";
import { run } from "../http/run-server.ts";
import { openHistory } from "../web/live/history.ts";
import type { OpenLive } from "../web/live/open-live.ts";
import { openPerform } from "../web/live/perform.ts";
import { openReader } from "../web/live/reading.ts";
import { handler as fulfil } from "../workers/fulfil-orders.ts";
import { handler as settle } from "../workers/recover-payments.ts";
import { openControls } from "./controls.ts";
import { createTables } from "./create-tables.ts";
import { claimDataDir, type DataDir } from "./data-dir.ts";
import { openLocalIssuer } from "./local-issuer.ts";
import { startEmbedded, startLimitsFor, startRedisFor } from "./local-services.ts";
import { checkPort } from "./ports.ts";
import { openSearchSource } from "./product-feed.ts";
import { openPrograms } from "./programs.ts";
import { makeLogsReadable } from "./readable-log.ts";
import { startSchedule } from "./schedule.ts";
import { openSecond } from "./second-process.ts";
import { useTaskRole } from "./stage-credentials.ts";
import { isDiskFull, StartError } from "./start-error.ts";
import { startPump } from "./stream-pump.ts";
import { watchUnits } from "./watch-units.ts";

/** Failures with a message for a person; anything else is a defect and shows its stack. */
const EXPECTED = [ConfigurationError, StartError];

/** Undo steps of the start so far, run when the rest of it fails. */
const started: (() => Promise<unknown>)[] = [];

const start = async (): Promise<void> => {
  process.env.FAULTS ||= "on"; // Made to be broken on purpose, here and only here.
  process.env.PROMETHEUS ||= "on";
  process.env.CONSOLE ||= "on"; // And to be watched.
  process.env.TRACING ||= "on";
  process.env.TRACING_PERCENT ||= "100";
  process.env.TRACING_TRUST ||= "on";
  const { access, dynamodb, dataDir: folder, redis } = readConfig();
  if (access.mode === "jwt" && !access.keySet) await useLocalIssuer(folder);
  // A second process must know the guests of the first.
  if (access.mode === "open" && access.cartSecrets.length === 0) {
    process.env.AUTH_CART_SECRET = randomBytes(32).toString("hex");
  }
  // `sst dev` links the tables of a stage on AWS, whose own stream and schedule fulfil and settle its orders.
  const isStage = dynamodb.isLinked && !dynamodb.endpoint;
  if (isStage) process.stderr.write(`${useTaskRole()}\n`);
  const dataDir = await claimDataDir(isStage ? join(folder, "linked") : folder);
  started.push(dataDir.release);
  const programs = openPrograms();
  const embedded =
    isStage || dynamodb.endpoint ? undefined : await startEmbedded(dataDir, readConfig(), programs);
  started.push(async () => embedded?.stop());
  const stopLimits = isStage ? undefined : await startLimitsFor(dataDir, readConfig());
  started.push(async () => stopLimits?.());
  const stopRedis = await startRedisFor(dataDir, redis?.url, isStage, programs);
  started.push(async () => stopRedis?.());
  if (!isStage) await createTables(readConfig());

  const shop = openShop();
  if (embedded) shop.search.source = await openSearchSource(shop, dataDir.searchFile, embedded.isSeeded);
  const stopWorkers = isStage ? undefined : startWorkers(shop, dataDir);
  const units = watchUnits(stopLimits && readConfig().dynamodb.endpoint);
  const second = openSecond({ shop, url: () => server.url, databaseFile: dataDir.databaseFile });
  const controls = openControls({ shop, programs, second, units: units.rates, url: () => server.url });
  const openLive: OpenLive = (_, inFlight) => {
    const read = openReader(shop, inFlight);
    const history = openHistory({ read, world: controls.world, peer: second.peer });
    const live = { history, perform: openPerform(history, controls) };
    second.attach(live);
    return live;
  };
  const close = async (): Promise<void> => {
    controls.stopLoad();
    programs.releaseAll();
    units.stop();
    await second.stop();
    await Promise.all([stopWorkers?.(), closeSearch(shop)]);
    await stopLimits?.();
    await Promise.all([embedded?.stop(), stopRedis?.()]);
    await dataDir.release();
  };
  await checkPort(shop.config.http);
  const server = run(shop, close, { openLive, sharesPort: true });
  await keepBuildingSearchIndex(shop); // Open means that everything answers.
  process.stderr.write(`\nThe shop is open at ${server.url}   (${further(shop.config, server.url)})\n\n`);
};

const further = ({ console, tracing }: Config, url: string): string =>
  [
    ...(console ? [`live: ${url}/console`] : []),
    ...(console && tracing.isOn ? [`traces: ${url}/console/traces`] : []),
    `documentation: ${url}/docs`,
  ].join(", ");

/** Stands in for an identity provider: `npm run token` prints its tokens. */
const useLocalIssuer = async (folder: string): Promise<void> => {
  const { keySet, cartSecret } = await openLocalIssuer(folder);
  process.env.AUTH_JWKS = keySet;
  process.env.AUTH_CART_SECRET ||= cartSecret;
};

/** AWS's part in a deployed shop: hands the stream's records to fulfilment, and runs recovery on time. */
const startWorkers = (shop: Shop, { positionFile }: DataDir): (() => Promise<unknown>) => {
  const pump = startPump(shop, fulfil.withShop(shop), positionFile);
  const stopSchedule = startSchedule(settle.withShop(shop), shop.config.recovery.interval);
  return () => Promise.all([pump.stop(), stopSchedule()]);
};

makeLogsReadable();
try {
  await start();
} catch (error) {
  const isExpected = EXPECTED.some((expected) => error instanceof expected) || "code" in (error as Error);
  console.error(isExpected ? `Could not start: ${(error as Error).message}` : error);
  if (isDiskFull(error)) console.error("Free some space, or start with another DATA_DIR.");
  for (const undo of started.reverse()) await undo().catch(() => undefined);
  process.exit(1);
}
