import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { type ShopProgram, startDefaultShop } from "../speed/speed-programs.ts";
import { startConnectionLoad } from "./connection-load.ts";
import { type Kind, productReads, purchases } from "./kinds.ts";
import { askInLoops, type Tally } from "./tally.ts";

const PRODUCTS = 500;
const CLIENTS = 64;
/** `CONNECTIONS=10000 npm test -- connections` asks as often as at night. */
const REQUESTS = Number(process.env.CONNECTIONS ?? 4_000);
/**
 * Served in turn, another customer would come up about once in as many requests as there are clients. A purchase
 * takes a dozen turns of the event loop, calls of other services, and a timer that stands for the payment service.
 */
const REQUESTS_A_READ = 500;
const REQUESTS_A_PURCHASE = 5_000;
/** A file, a check, an error, a read from memory, one from the database, a page, and a path that is refused. */
const LOADED = [
  "/openapi.json",
  "/health",
  "/nowhere",
  "/products/1",
  "/cart/ann",
  "/",
  "/products/../health",
];

describeWithRedis(`${CLIENTS} clients that open a connection a request`, () => {
  let shop: ShopProgram;
  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), "stampede-connections-"));
    endWithTests(() => rm(dir, { recursive: true, force: true }));
    shop = await startDefaultShop(dir, { CATALOG_SIZE: String(PRODUCTS) });
    endWithTests(shop.stop);
  });

  test.each(LOADED)(
    "on %s leave other customers their turns",
    async (path) => {
      const load = startConnectionLoad({ url: shop.url, path, clients: CLIENTS, requests: REQUESTS });
      endWithTests(load.stop);
      const served = (kind: Kind) => turnsUntil(load.isDone, shop.url, kind);
      const [reads, bought] = await Promise.all([served(productReads(PRODUCTS)), served(purchases)]);
      const answered = await load.answered;
      expect(answered).toBe(REQUESTS);
      expect([...reads.failures, ...bought.failures]).toEqual([]);
      expect(reads.requests).toBeGreaterThan(answered / REQUESTS_A_READ);
      expect(bought.requests / 2).toBeGreaterThan(answered / REQUESTS_A_PURCHASE);
    },
    110_000,
  );
});

/** One customer's turns until something is over; the last one may end after it. */
const turnsUntil = async (isOver: () => boolean, url: string, kind: Kind): Promise<Tally> =>
  askInLoops(url, kind, 1, () => !isOver());
