import { beforeAll, expect, test, vi } from "vitest";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { detailsOf } from "../../harness/product-details.ts";
import { type RedisProcess, startRedis } from "../../harness/redis-process.ts";
import { startProxy } from "../../harness/tcp-proxy.ts";
import {
  joinShop,
  type Launcher,
  launchShop,
  type Shop,
  untilRedisIsUsed,
} from "../../harness/test-shops.ts";

const PREFIX = "stampede-products:";

const MESSAGES = [
  "garbage",
  "",
  "null",
  "[]",
  '{"type":"reset","service":"nope"}',
  '{"type":"from-a-newer-version"}',
  '{"type":"invalidate","key":5,"version":1e999}',
  '{"type":"fault","service":"dynamodb","fault":{"failureRate":"all"},"at":1,"by":"x"}',
  "[".repeat(50_000),
];

const PATIENCE_MS = 30_000;

describeWithRedis("a shop whose Redis holds and says anything", () => {
  let first: RedisProcess;
  let second: RedisProcess;
  let proxy: Awaited<ReturnType<typeof startProxy>>;
  let launcher: Launcher;
  let shops: Shop[];

  beforeAll(async () => {
    [first, second] = await Promise.all([startRedis(), startRedis()]);
    second.cli("REPLICAOF", "127.0.0.1", String(first.port));
    proxy = await startProxy(first.port);
    const url = `redis://127.0.0.1:${proxy.port}`;
    launcher = await launchShop({ REDIS_URL: url, CATALOG_SIZE: "100" });
    shops = [launcher, await joinShop(launcher, url)];
    await untilUsed();
  });

  /** The proxy is in this process, which stands still for each `cli`: to the shops, Redis may have been away. */
  const untilUsed = (): Promise<unknown> => Promise.all(shops.map((shop) => untilRedisIsUsed(shop)));

  const nameAt = async (shop: Shop | undefined, id: number): Promise<unknown> =>
    (await shop?.client.get(`/products/${id}`))?.body.name;
  const write = async (shop: Shop, id: number, name: string): Promise<void> => {
    expect((await shop.client.post(`/products/${id}/details`, detailsOf(id, { name }))).status).toBe(204);
  };

  test("survives garbage on the bus, and hears what is said after it", async () => {
    const [writer, reader] = shops as [Shop, Shop];
    await nameAt(reader, 5);
    for (const message of MESSAGES) first.cli("PUBLISH", `${PREFIX}bus`, message);
    await write(writer, 5, "Written after the garbage");
    await vi.waitFor(
      async () => expect(await nameAt(reader, 5)).toBe("Written after the garbage"),
      PATIENCE_MS,
    );
    for (const { client } of shops) expect((await client.get("/health")).status).toBe(200);
  });

  const setMode = async (mode: string): Promise<void> => {
    for (const { client } of shops) expect((await client.put("/cache", { mode })).status).toBe(200);
  };

  /**
   * Waits until a read has put a product into Redis. Where Redis was away for it, as on a busy machine, memory has the product
   * and nobody puts it there: then it is forgotten, and read again.
   */
  const untilHeld = (redis: RedisProcess, id: number, text: string, read: () => Promise<unknown>) =>
    vi.waitFor(async () => {
      await read();
      try {
        await vi.waitFor(() => expect(redis.cli("GET", `${PREFIX}{${id}}`)).toContain(text), 1_000);
      } catch (error) {
        for (const mode of ["redis", "tiered"]) await setMode(mode); // Each begins with an empty memory.
        throw error;
      }
    }, PATIENCE_MS);

  test("replaces what is no product by the product", async () => {
    const [one, other] = shops as [Shop, Shop];
    const name = (id: number): string => `${PREFIX}{${id}}`;
    await untilUsed();
    await untilHeld(first, 10, '"value"', async () =>
      expect((await one.client.get("/products/10")).status).toBe(200),
    );
    first.cli("SET", name(11), "garbage");
    first.cli("SET", name(12), first.cli("GET", name(10)).trim());
    first.cli("SET", name(13), first.cli("GET", name(10)).slice(0, 100));
    first.cli("HSET", name(14), "field", "1");
    first.cli("SET", `${name(14)}:lease`, "for ever");
    for (const id of [11, 12, 13, 14]) {
      await untilUsed();
      const { status, body, headers } = await one.client.get(`/products/${id}`);
      expect({ status, id: body.product_id }).toEqual({ status: 200, id });
      expect(headers.get("cache-status")).toContain("detail=dynamodb");
      await untilHeld(first, id, `"product_id":${id},`, async () =>
        expect((await other.client.get(`/products/${id}`)).body).toEqual(body),
      );
    }
  });

  test("pins products although the list of pins is none", async () => {
    first.cli("SET", `${PREFIX}pins`, "garbage");
    first.cli("SET", `${PREFIX}hot`, "garbage");
    await untilUsed();
    expect((await shops[0]?.client.post("/products/3/hot"))?.status).toBe(200);
    expect(first.cli("ZRANGE", `${PREFIX}pins`, "0", "-1").trim()).toBe("3");
    first.cli("ZADD", `${PREFIX}pins`, "1e300", "garbage", "1e300", "-7", "1e300", "1.5");
    await untilUsed();
    expect((await shops[0]?.client.post("/products/4/hot"))?.status).toBe(200);
    await vi.waitFor(async () => {
      const { body } = (await shops[1]?.client.get("/products/hot")) ?? {};
      expect(body.hot_products.map(({ id }: { id: number }) => id)).toEqual(expect.arrayContaining([3, 4]));
    }, PATIENCE_MS);
  });

  test("serves nothing older than a write that was acknowledged before the primary changed", async () => {
    const [writer, reader] = shops as [Shop, Shop];
    await untilUsed();
    for (const id of [20, 21]) {
      await write(writer, id, "Before");
      for (const shop of shops) await nameAt(shop, id);
      await untilHeld(second, id, "Before", () => nameAt(reader, id));
    }
    // The replica goes on without the primary, and so without what is written from now on.
    second.cli("REPLICAOF", "NO", "ONE");
    await write(writer, 20, "After");
    proxy.leadTo(second.port);
    first.cli("REPLICAOF", "127.0.0.1", String(second.port));

    const late = await joinShop(launcher, `redis://127.0.0.1:${proxy.port}`);
    await Promise.all([...shops, late].map((shop) => untilRedisIsUsed(shop)));
    for (const shop of [...shops, late]) expect(await nameAt(shop, 20)).toBe("After");
    await write(writer, 21, "Once more");
    for (const shop of [reader, late]) {
      await vi.waitFor(async () => expect(await nameAt(shop, 21)).toBe("Once more"), PATIENCE_MS);
    }
    await untilHeld(second, 21, "Once more", () => nameAt(reader, 21));
  });
});
