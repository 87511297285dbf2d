import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { NO_HURRY } from "../../harness/no-hurry.ts";
import { startRedis } from "../../harness/redis-process.ts";
import { makeCertificate, startTlsRedis } from "../../harness/redis-secure.ts";
import {
  joinShop,
  type Launcher,
  launchShop,
  type Shop,
  untilRedisIsUsed,
} from "../../harness/test-shops.ts";

/** Characters that URLs and Redis's own configuration must both carry unharmed. */
const PASSWORD = "p@ss:w/rd%20";

/** A busy machine keeps a process from its answers: Redis is not away for that. */
const PATIENT = { ...NO_HURRY, CIRCUIT_SILENCE_MS: "60000" };

let lastRead = 0;

/**
 * Reads a product that nobody has read yet at both processes; whether the second one found in Redis what the first one put
 * there. It does so on the side, after its answer: where the second one comes too early, another product is read.
 */
const expectShared = (writer: Shop, reader: Shop): Promise<void> =>
  vi.waitFor(async () => {
    await Promise.all([untilRedisIsUsed(writer), untilRedisIsUsed(reader)]);
    const product = (lastRead += 1);
    await writer.client.get(`/products/${product}`);
    const { headers } = await reader.client.get(`/products/${product}`);
    expect(headers.get("cache-status")).toContain("detail=redis");
  }, 60_000);

describeWithRedis("a Redis as a cloud provides it", () => {
  let launcher: Launcher;
  beforeAll(async () => {
    launcher = await launchShop({ CATALOG_SIZE: "2000" });
  });

  test("TLS and a password: used where the certificate is trusted, done without where it is not", async () => {
    const files = makeCertificate();
    const port = await startTlsRedis(files, PASSWORD);
    const url = `rediss://default:${encodeURIComponent(PASSWORD)}@localhost:${port}`;
    const trusted = { ...PATIENT, NODE_EXTRA_CA_CERTS: files.certificate };
    const [first, second, distrustful, wrong] = await Promise.all([
      joinShop(launcher, url, trusted),
      joinShop(launcher, url, trusted),
      joinShop(launcher, url),
      joinShop(launcher, `rediss://default:guess@localhost:${port}`, trusted),
    ]);
    await expectShared(first, second);
    await sleep(500);
    for (const shop of [distrustful, wrong]) {
      expect((await shop.cache()).l2).toMatchObject({ kind: "redis", usable: false });
      expect((await shop.client.get("/products/3")).status).toBe(200);
      expect(shop.output()).not.toContain("guess");
      expect(shop.output()).not.toContain(PASSWORD);
    }
  });

  test("a cluster: used by REDIS_CLUSTER, for reads, writes and invalidations", async () => {
    const redis = await startRedis({ "cluster-enabled": "yes", "cluster-announce-ip": "127.0.0.1" });
    expect(redis.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")).toContain("OK");
    await vi.waitFor(() => expect(redis.cli("CLUSTER", "INFO")).toContain("cluster_state:ok"), 60_000);
    const clustered = { ...PATIENT, REDIS_CLUSTER: "true" };
    const [first, second] = await Promise.all([
      joinShop(launcher, redis.url, clustered),
      joinShop(launcher, redis.url, clustered),
    ]);
    for (let product = 0; product < 10; product++) await expectShared(first, second);

    await redis.kill();
    expect((await first.client.get("/products/2000")).status).toBe(200);
  });
});
