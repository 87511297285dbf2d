import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { figure } from "../../experiments/lab-figures.ts";
import { readProcess } from "../../harness/process-figures.ts";
import { get } from "../speed/requests.ts";
import { costOf, setMode } from "../speed/rounds.ts";
import { startDefaultShop, untilOk } from "../speed/speed-programs.ts";
import { QUERIES } from "../speed/subjects.ts";
import type { FaultLog } from "./fault-log.ts";
import { describe, type Part, repeated } from "./growth-part.ts";

const SIZES = [1_000, 10_000, 100_000, 1_000_000];
const QUICK_SIZES = SIZES.slice(0, 3);
/** More would be a long list that says the same. */
const READ = 100_000;
const MEMORY_MB = 8_192;

/** Catalogues of growing size: start, search, reads, memory. */
export const growProducts: Part = async ({ dir, rounds, isQuick, faults }) => {
  const samples = new Map<number, Record<string, number[]>>();
  for (const size of isQuick ? QUICK_SIZES : SIZES) {
    console.error(`products: ${size}`);
    const own = join(dir, `products-${size}`);
    await mkdir(own);
    samples.set(size, await measureCatalogue(own, size, rounds, faults));
    await rm(own, { recursive: true });
  }
  return describe(
    {
      name: "products",
      title: "Products in the catalogue",
      size: "products",
      curves: [
        { id: "first", label: "first start", unit: "s", better: "lower", chart: "start" },
        { id: "restart", label: "restart until healthy", unit: "s", better: "lower", chart: "start" },
        { id: "searchable", label: "restart until it searches", unit: "s", better: "lower", chart: "start" },
        { id: "searchP50", label: "search p50", unit: "ms", better: "lower", chart: "search" },
        { id: "searchP99", label: "search p99", unit: "ms", better: "lower", chart: "search" },
        { id: "searchCpu", label: "search", unit: "µs CPU", better: "lower", chart: "CPU" },
        { id: "readCpu", label: "read from memory or Redis", unit: "µs CPU", better: "lower", chart: "CPU" },
        { id: "uncachedCpu", label: "read, cache off", unit: "µs CPU", better: "lower", chart: "CPU" },
        { id: "idle", label: "RSS after the start", unit: "MB", better: "lower", chart: "memory" },
        { id: "memory", label: "RSS after the load", unit: "MB", better: "lower", chart: "memory" },
      ],
      summarize: (at, { least, most }) => [
        {
          question: `A restart with ${figure(most)} products?`,
          figure: `${figure(at(most, "searchable"))} s`,
          answer: `Until everything answers, search included; ${figure(at(least, "searchable"))} s with ${figure(least)}.`,
          detail: `The first start, which makes them, takes ${figure(at(least, "first"))} to ${figure(at(most, "first"))} s.`,
          chart: "growth.products.start",
        },
        {
          question: `Memory with ${figure(most)} products?`,
          figure: `${figure(at(most, "memory"))} MB`,
          answer: `Resident after the load; ${figure(at(least, "memory"))} MB with ${figure(least)}.`,
          detail: `Right after a restart ${figure(at(least, "idle"))} to ${figure(at(most, "idle"))} MB.`,
          chart: "growth.products.memory",
        },
        {
          question: `A search of ${figure(most)} products?`,
          figure: `${figure(at(most, "searchP99"))} ms`,
          answer: `p99 of 16 clients; ${figure(at(least, "searchP99"))} ms with ${figure(least)}.`,
          detail: `CPU of a search ${figure(at(least, "searchCpu"))} to ${figure(at(most, "searchCpu"))} µs, of a read ${figure(at(least, "readCpu"))} to ${figure(at(most, "readCpu"))} µs, without a cache ${figure(at(least, "uncachedCpu"))} to ${figure(at(most, "uncachedCpu"))} µs.`,
          chart: "growth.products.search",
        },
      ],
      notes: [
        `Search: 16 clients, ${QUERIES.length} queries in turn. Reads: 16 clients, products in turn over the whole catalogue. MEMORY_LIMIT_MB=${MEMORY_MB}, so that a large catalogue is measured rather than called unhealthy.`,
      ],
    },
    samples,
  );
};

const measureCatalogue = async (dir: string, size: number, rounds: number, faults: FaultLog) => {
  const start = async () => {
    const startedAt = performance.now();
    const seconds = () => (performance.now() - startedAt) / 1_000;
    const shop = await startDefaultShop(dir, {
      CATALOG_SIZE: String(size),
      MEMORY_LIMIT_MB: String(MEMORY_MB),
    });
    const healthy = seconds();
    await untilOk(shop.url, "/products/search?q=lamp");
    return { shop, healthy, searchable: seconds() };
  };
  const first = await start();
  await first.shop.stop();
  const restarts = await repeated(rounds - 1, async () => {
    const { shop, healthy, searchable } = await start();
    await shop.stop();
    return { restart: healthy, searchable };
  });
  const { shop, healthy, searchable } = await start();
  try {
    const memory = async () => (await readProcess(shop.pid))?.memoryMb ?? Number.NaN;
    const idle = await memory();
    const step = Math.max(1, Math.floor(size / READ));
    const reads = Array.from({ length: Math.min(size, READ) }, (_, i) => get(`/products/${1 + i * step}`));
    const searches = QUERIES.map((query) => get(`/products/search?q=${encodeURIComponent(query)}`));
    const cost = async (what: string, requests: readonly string[]) =>
      faults.note(`${what}, ${size} products`, await costOf(shop, dir, requests));
    const figures = await repeated(rounds, async () => {
      await setMode(shop.url, "off");
      const uncached = await cost("read, cache off", reads);
      await setMode(shop.url, "tiered");
      const read = await cost("read", reads);
      const search = await cost("search", searches);
      await shop.emptyLog();
      return {
        uncachedCpu: uncached.cpu,
        readCpu: read.cpu,
        searchCpu: search.cpu,
        searchP50: search.p50,
        searchP99: search.p99,
      };
    });
    return {
      ...figures,
      first: [first.healthy],
      restart: [...(restarts.restart ?? []), healthy],
      searchable: [...(restarts.searchable ?? []), searchable],
      idle: [idle],
      memory: [await memory()],
    };
  } finally {
    await shop.stop();
  }
};
