/**
 * `npm run cache:warm -- [IDS…] [--top N]`: loads products into Redis before traffic comes, for the shop that
 * runs on the data directory or on the endpoints that the environment names.
 */
import { parseArgs } from "node:util";
import { warmProducts } from "../../core/catalog/warm.ts";
import { readConfig } from "../../core/config/config.ts";
import { openShop } from "../../core/open-shop.ts";
import { runningServices } from "./owner.ts";
import { openProgress } from "./progress.ts";

const USAGE =
  "Usage: npm run cache:warm -- 7 42 99        these products\n" +
  "       npm run cache:warm -- --top 1000     the most read ones, as far as the shop has counted";

if (process.argv.includes("--help")) {
  console.log(USAGE);
  process.exit(0);
}

const fail = (message: string): never => {
  console.error(message);
  process.exit(2);
};

const wholeNumbers = (texts: readonly string[]): number[] =>
  texts.map((text) =>
    /^[1-9]\d{0,9}$/.test(text) ? Number(text) : fail(`${text} is no product id\n${USAGE}`),
  );

const readArguments = (): number | number[] => {
  try {
    const { values, positionals } = parseArgs({
      options: { top: { type: "string" } },
      allowPositionals: true,
    });
    if (values.top !== undefined) return wholeNumbers([values.top])[0] ?? 0;
    return positionals.length > 0 ? wholeNumbers(positionals) : fail(USAGE);
  } catch (error) {
    return fail(`${(error as Error).message}\n${USAGE}`);
  }
};

const wanted = readArguments();
const running = await runningServices(readConfig().dataDir);
const { engine, limits = engine } = running;
if (limits) process.env.DYNAMODB_ENDPOINT ||= limits.endpoint;
if (running.redis) process.env.REDIS_URL ||= running.redis.url;
if (!readConfig().dynamodb.endpoint)
  fail("No shop runs on this data directory, and DYNAMODB_ENDPOINT is not set");
if (!readConfig().redis) {
  fail("Without Redis each process has a cache of its own: start the shop with CACHE_WARM=1000 instead");
}

const shop = openShop();
const progress = openProgress();
progress.start("Warming", typeof wanted === "number" ? wanted : wanted.length);
const ids = await warmProducts(shop, wanted, progress.advance);
progress.stop();
const { errors } = shop.products.cache.stats.l2;
console.log(
  errors > 0 ? `Redis failed ${errors} times; not everything is warm` : `${ids.length} products are in Redis`,
);
await shop.products.close();
process.exit(errors > 0 ? 1 : 0);
