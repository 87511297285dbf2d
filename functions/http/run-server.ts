import { constants } from "node:os";
import { keepBuildingSearchIndex } from "../../core/catalog/search-build.ts";
import { warmProducts } from "../../core/catalog/warm.ts";
import type { Shop } from "../../core/shop.ts";
import { lifecycle } from "../operations/lifecycle.ts";
import { type OpenLive, openAlone } from "../web/live/open-live.ts";
import { pageRoutes } from "../web/serve-pages.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { createRouter } from "./router.ts";
import { type RunningServer, type ServerOptions, serve } from "./server.ts";

const LOOP_CHECK_MS = 50;

/** npm passes on the signal of a Ctrl-C that the terminal has sent already; a person takes longer for another one. */
const SAME_SIGNAL_MS = 300;

interface RunOptions extends Pick<ServerOptions, "sharesPort"> {
  /** Opens the console's data, where there is a console. */
  readonly openLive?: OpenLive;
}

/**
 * Serves the shop until SIGTERM or SIGINT, then drains, publishes the last metrics, runs `close` and exits; with 1
 * when that failed. A second signal ends the process at once.
 *
 * @param close releases what the caller started beside the server
 */
export const run = (
  shop: Shop,
  close: () => Promise<void> = async () => undefined,
  { openLive = openAlone, sharesPort = false }: RunOptions = {},
): RunningServer => {
  const pages = shop.config.console
    ? pageRoutes(
        shop,
        openLive(shop, () => server.inFlight()),
      )
    : {};
  const server = serve(createRouter(ENDPOINTS, shop), shop, { pages, sharesPort });
  const publishing = setInterval(() => shop.metrics.publish(), shop.config.telemetry.metricsInterval);
  const watching = watchEventLoop(shop);
  void warmUp(shop);
  lifecycle.needsSearch = true;
  void keepBuildingSearchIndex(shop);

  const { http } = shop.config;
  let stoppingSince: number | undefined;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stoppingSince !== undefined) {
      if (performance.now() - stoppingSince > SAME_SIGNAL_MS) process.exit(128 + constants.signals[signal]);
      return;
    }
    stoppingSince = performance.now();
    shop.log.info("draining", { signal, in_flight: server.inFlight() });
    try {
      const cutOff = await server.drain(http.drainDeadline, http.drainNotice);
      clearInterval(publishing);
      clearInterval(watching);
      await shop.products.close();
      await close();
      await shop.tracing?.close();
      shop.accessLog.flush();
      shop.metrics.publish();
      shop.log.info("stopped", { cut_off: cutOff });
      process.exit(0);
    } catch (error) {
      shop.metrics.publish();
      shop.log.error("stopping failed", error as Error);
      process.exit(1);
    }
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  return server;
};

/** Notes how late the event loop is: a timer that fires late was kept waiting by other work. */
const watchEventLoop = ({ resilience: { admission } }: Shop): NodeJS.Timeout => {
  let expected = performance.now() + LOOP_CHECK_MS;
  return setInterval(() => {
    const at = performance.now();
    admission.noteLoopDelay(Math.max(0, at - expected));
    expected = at + LOOP_CHECK_MS;
  }, LOOP_CHECK_MS);
};

/** Fills the cache before the process calls itself healthy. A cold cache is slow, not wrong: failures only cost speed. */
const warmUp = async (shop: Shop): Promise<void> => {
  const { warm } = shop.config.cache;
  if (warm === 0) return;
  lifecycle.isWarming = true;
  try {
    const ids = await warmProducts(shop, warm);
    shop.log.info("cache warmed", { products: ids.length });
  } catch (error) {
    shop.log.warn("warming the cache failed", error as Error);
  } finally {
    lifecycle.isWarming = false;
  }
};
