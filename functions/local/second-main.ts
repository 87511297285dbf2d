/**
 * The shop's second process, as the launcher starts it from the console: a server on the launcher's port, database and
 * Redis, and of the same history. It outlives a launcher that is killed, for a while or until the next start.
 */
import { closeSearch, keepBuildingSearchIndex } from "../../core/catalog/search-build.ts";
import { openShop } from "../../core/open-shop.ts";
import { run } from "../http/run-server.ts";
import { joinFirst } from "../web/live/follow.ts";
import { linkOver, type ToFirst, type ToSecond } from "../web/live/link.ts";
import { makeLogsReadable } from "./readable-log.ts";

/** Without a launcher, nobody stops it. */
const ORPHAN_LIFE_MS = 600_000;

makeLogsReadable();

let isServing = false;
const link = linkOver<ToFirst, ToSecond>(process);
link.onClosed(() => {
  if (!isServing) process.exit(1);
  setTimeout(() => process.kill(process.pid, "SIGTERM"), ORPHAN_LIFE_MS);
});
const openLive = await joinFirst(link);
const shop = openShop();
await keepBuildingSearchIndex(shop); // It takes its share of the connections once everything answers.
run(shop, () => closeSearch(shop), { openLive, sharesPort: true });
isServing = true;
link.send({ type: "serving" });
