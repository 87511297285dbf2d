/**
 * `npm run redrive`: fulfils paid orders that the stream and recovery left behind, for the shop that runs on the
 * data directory, on the endpoint that the environment names, or in the stage that `sst shell` links.
 */
import { parseArgs } from "node:util";
import { readConfig } from "../../core/config/config.ts";
import { openShop } from "../../core/open-shop.ts";
import { type RedriveReport, redrive } from "../../core/order/redrive.ts";
import { runningServices } from "./owner.ts";
import { openProgress } from "./progress.ts";

const USAGE = `Usage: npm run redrive -- [--dry-run] [--scan]

Fulfils paid orders that are overdue (confirmed more than FULFILMENT_GRACE_MS ago) or have a dead letter, and
closes the dead letters of orders that are fulfilled. Run it after the fault is mended; running it twice, or
beside the shop, does no harm.

  --dry-run  say what would be done, and change nothing
  --scan     read the whole orders table as well: finds orders that an earlier version confirmed, which are not
             in the index of unfinished orders
  --help     show this

The shop is the one behind DYNAMODB_ENDPOINT; else the stage that is linked
(npx sst shell --stage NAME -- npm run redrive); else the one that runs on DATA_DIR.

Exit code: 0 when nothing is left, 1 when something is, 2 when it could not begin.`;

const fail = (message: string): never => {
  console.error(message);
  process.exit(2);
};

const readOptions = () => {
  try {
    const { values } = parseArgs({
      options: {
        "dry-run": { type: "boolean", default: false },
        scan: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    return fail(`${(error as Error).message}\n\n${USAGE}`);
  }
};

const summaryOf = (report: RedriveReport, isDryRun: boolean): string => {
  const { orders, fulfilled, alreadyFulfilled, unfulfillable, failed, deadLetters, closedDeadLetters } =
    report;
  const list = (refused: RedriveReport["failed"]) =>
    refused.map(({ orderId, reason }) => `  ${orderId}: ${reason}`);
  return [
    ...(isDryRun ? ["Dry run: nothing was changed."] : []),
    `Orders found:          ${orders}`,
    `${isDryRun ? "To be fulfilled:" : "Fulfilled now:"}${" ".repeat(isDryRun ? 7 : 9)}${fulfilled}`,
    `Fulfilled before:      ${alreadyFulfilled}`,
    `Can't be fulfilled:    ${unfulfillable.length}`,
    ...list(unfulfillable),
    `Failed, to try again:  ${failed.length}`,
    ...list(failed),
    `Dead letters:          ${deadLetters}, of which ${closedDeadLetters} ${isDryRun ? "would be" : "were"} closed`,
  ].join("\n");
};

const options = readOptions();
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
process.env.LOG_LEVEL ||= "WARN";
// Orders are not cached, and a stage's Redis can't be reached from outside its network.
for (const name of ["REDIS_URL", "SST_RESOURCE_Cache"]) delete process.env[name];
const { dynamodb, dataDir } = readConfig();
if (!dynamodb.endpoint && !dynamodb.isLinked) {
  const { engine, limits = engine } = await runningServices(dataDir);
  if (!limits)
    fail("No shop runs on this data directory, DYNAMODB_ENDPOINT is not set, and no stage is linked");
  else process.env.DYNAMODB_ENDPOINT = limits.endpoint;
}
const shop = openShop();
const isDryRun = options["dry-run"];
const progress = openProgress();
let isStarted = false;
try {
  const report = await redrive(shop, {
    isDryRun,
    scansOrders: options.scan,
    onOrder: (_done, of) => {
      if (!isStarted) progress.start("Orders", of);
      isStarted = true;
      progress.advance(1);
    },
  });
  if (isStarted) progress.stop();
  console.log(summaryOf(report, isDryRun));
  const { unfulfillable, failed, deadLetters, closedDeadLetters } = report;
  const open = unfulfillable.length + failed.length + deadLetters - closedDeadLetters;
  const left = open + (isDryRun ? report.fulfilled : 0);
  process.exit(left > 0 ? 1 : 0);
} catch (error) {
  fail(`The orders could not be read: ${(error as Error).message}`);
}
