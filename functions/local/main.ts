/** The local launcher: one command from nothing to a shop with a database, a catalogue and fulfilment. */
import { type Config, ConfigurationError, readConfig } from "../../core/config.ts";
import { theShop } from "../../core/shop.ts";
import { handler as fulfil } from "../fulfilment/stream.ts";
import { handler as settle } from "../recovery/settle.ts";
import { run } from "../run.ts";
import { createTables, OtherTableError } from "./create-tables.ts";
import { claimDataDir, type DataDir, DataDirInUseError } from "./data-dir.ts";
import { type Engine, EngineMissingError, startEngine } from "./engine.ts";
import { openProgress } from "./progress.ts";
import { makeLogsReadable } from "./readable-log.ts";
import { type LocalRedis, startRedis } from "./redis.ts";
import { startSchedule } from "./schedule.ts";
import { seedDatabase } from "./seed.ts";
import { startPump } from "./stream-pump.ts";
import { supervise } from "./supervise.ts";

/** Failures with a message for a person; anything else is a defect and shows its stack. */
const EXPECTED = [ConfigurationError, DataDirInUseError, EngineMissingError, OtherTableError];

/** What has been started so far, to be undone when the rest of the start fails. */
const started: (() => Promise<unknown>)[] = [];

const start = async (): Promise<void> => {
  process.env.FAULTS ||= "on"; // Made to be broken on purpose, here and only here.
  const dataDir = await claimDataDir(readConfig().dataDir);
  started.push(dataDir.release);
  const stopEngine = readConfig().dynamodb.endpoint ? undefined : await startEmbedded(dataDir, readConfig());
  const stopRedis = readConfig().redis ? undefined : await startLocalRedis(dataDir);
  started.push(async () => Promise.all([stopEngine?.(), stopRedis?.()]));
  await createTables(readConfig());

  const shop = theShop();
  const pump = startPump(shop, fulfil, dataDir.positionFile);
  const stopSchedule = startSchedule(settle, shop.config.recovery.interval);
  const server = run(shop, async () => {
    await Promise.all([pump.stop(), stopSchedule()]);
    await Promise.all([stopEngine?.(), stopRedis?.()]);
    await dataDir.release();
  });
  process.stderr.write(`\nThe shop is open at ${server.url}   (documentation: ${server.url}/docs)\n\n`);
};

/** Starts the embedded DynamoDB and tells the rest of the process where it is. */
const startEmbedded = async (
  { databaseFile, note }: DataDir,
  config: Config,
): Promise<() => Promise<void>> => {
  await seedDatabase(config, databaseFile, openProgress());
  const engine = await startEngine(databaseFile);
  process.env.DYNAMODB_ENDPOINT = engine.endpoint;
  const restart = () => startEngine(databaseFile, Number(new URL(engine.endpoint).port));
  return supervise("embedded DynamoDB", engine, restart, ({ pid, endpoint }: Engine) =>
    note({ engine: { pid, endpoint } }),
  );
};

/** Starts a Redis of our own where one is installed; says so where none is. */
const startLocalRedis = async (
  { redisPidFile, note }: DataDir,
  onPort?: number,
): Promise<(() => Promise<void>) | undefined> => {
  const redis = await startRedis(redisPidFile, onPort);
  if (!redis) {
    console.error("No redis-server on the PATH: the second cache tier lives in this process");
    return undefined;
  }
  process.env.REDIS_URL = redis.url;
  const restart = async (): Promise<LocalRedis> => {
    const again = await startRedis(redisPidFile, Number(new URL(redis.url).port));
    if (!again) throw new Error("Redis did not come up again");
    return again;
  };
  return supervise("local Redis", redis, restart, ({ pid, url }) => note({ redis: { pid, url } }));
};

if (process.argv.includes("--readable") || process.stdout.isTTY) makeLogsReadable();
try {
  await start();
} catch (error) {
  const isExpected = EXPECTED.some((expected) => error instanceof expected) || "code" in (error as Error);
  console.error(isExpected ? `Could not start: ${(error as Error).message}` : error);
  for (const undo of started.reverse()) await undo().catch(() => undefined);
  process.exit(1);
}
