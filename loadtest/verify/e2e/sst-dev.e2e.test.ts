import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, expect, test, vi } from "vitest";
import { freePort } from "../../../functions/local/ports.ts";
import { describeWithRedis } from "../../harness/describe-with.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { buyUntilFulfilled } from "../../harness/journey.ts";
import { NO_HURRY_TO_PAY } from "../../harness/no-hurry.ts";
import { startRedis } from "../../harness/redis-process.ts";
import { makeCertificate, startTlsRedis } from "../../harness/redis-secure.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { type ShopProcess, startCommand } from "../../harness/shop-process.ts";
import { type Launcher, launchShop } from "../../harness/test-shops.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** The resources that carry the tables of a stage. */
const LINKS = ["Products", "Stock", "Carts", "Orders", "Idempotency", "Charges", "DeadLetters", "Imports"];

/** The command of `npm run dev` once everything is installed. */
const DEV_COMMAND: string = JSON.parse(readFileSync(join(ROOT, "functions/local/commands.json"), "utf8"))[
  "The shop"
].dev.steps.at(-1);

const LOCAL_CACHE = { host: "localhost", username: "default", password: "" };

describeWithRedis("the dev command with the resources that `sst dev` links", () => {
  /** In place of AWS: tables of other names than the shop would choose, and fulfilment on their stream. */
  let stage: Launcher;

  beforeAll(async () => {
    stage = await launchShop({ TABLE_PREFIX: "alice-" });
  });

  /** Starts it in a copy of the sources; `cache` is what is linked as the cache. */
  const startDev = async (cache: object, environment: Record<string, string> = {}) => {
    const folder = mkdtempSync(join(tmpdir(), "stampede-dev-"));
    endWithTests(() => rmSync(folder, { recursive: true, force: true }));
    for (const part of ["core", "functions", "package.json"])
      cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
    const tables = LINKS.map((link) => {
      const name = `alice-${link.charAt(0).toLowerCase()}${link.slice(1)}`;
      return [`SST_RESOURCE_${link}`, JSON.stringify({ name, type: "sst.aws.Dynamo" })];
    });
    const linked = {
      ...Object.fromEntries(tables),
      SST_RESOURCE_App: JSON.stringify({ name: "stampede", stage: "alice" }),
      SST_RESOURCE_Cache: JSON.stringify({ ...cache, type: "sst.aws.Redis" }),
      PATH: `${join(ROOT, "node_modules/.bin")}:${process.env.PATH}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "developer",
      AWS_SECRET_ACCESS_KEY: "secret",
      // The SDK's own variable: the shop itself has no endpoint set, as on AWS.
      AWS_ENDPOINT_URL_DYNAMODB: stage.services.engine.endpoint,
      ...NO_HURRY_TO_PAY,
      ...environment,
    };
    const shop = await startCommand(["sh", "-c", `exec ${DEV_COMMAND}`], linked, { cwd: folder });
    endWithTests(async () => {
      shop.kill("SIGTERM");
      await shop.exited;
    });
    return { ...shop, folder, client: clientOf(shop.url) };
  };

  type Dev = Awaited<ReturnType<typeof startDev>>;

  const untilRedisIsUsed = ({ client }: Dev): Promise<void> =>
    vi.waitFor(
      async () => expect((await client.get("/cache")).body.l2).toMatchObject({ kind: "redis", usable: true }),
      { timeout: 60_000, interval: 20 },
    );

  const usersWithCarts = async (): Promise<(string | undefined)[]> => {
    const { endpoint } = stage.services.engine;
    const credentials = { accessKeyId: "local", secretAccessKey: "local" };
    const client = new DynamoDBClient({ endpoint, region: "us-east-1", credentials });
    const { Items = [] } = await client.send(new ScanCommand({ TableName: "alice-carts" }));
    client.destroy();
    return Items.map(({ user_id }) => user_id?.S);
  };

  const stopped = async (dev: ShopProcess): Promise<number | NodeJS.Signals> => {
    dev.kill("SIGTERM");
    return dev.exited;
  };

  test("works on the linked tables and leaves their stream and schedule to the stage", async () => {
    const port = await freePort();
    const dev = await startDev({ ...LOCAL_CACHE, port });
    const orders = await buyUntilFulfilled(dev.client, "dora");
    expect(await usersWithCarts()).toContain("dora");
    expect((await stage.client.get("/orders?user_id=dora")).body.orders).toHaveLength(orders);

    const data = join(dev.folder, ".data");
    expect(existsSync(join(data, "stampede.db"))).toBe(false);
    const owner = JSON.parse(readFileSync(join(data, "linked", "owner.json"), "utf8"));
    expect(owner).not.toHaveProperty("engine");
    expect(existsSync(join(data, "linked", "stream-position.json"))).toBe(false);

    // Nobody had a Redis on the linked port, so the launcher brought one.
    expect(owner.redis.url).toBe(`redis://127.0.0.1:${port}`);
    await untilRedisIsUsed(dev);
    expect(await stopped(dev)).toBe(0);
  });

  test("uses the Redis that is there on the linked port, and leaves it running", async () => {
    const redis = await startRedis();
    const dev = await startDev({ ...LOCAL_CACHE, port: redis.port });
    await untilRedisIsUsed(dev);
    let product = 0;
    await vi.waitFor(async () => {
      product += 1; // One that is in no memory yet.
      await dev.client.get(`/products/${product}`);
      expect(redis.cli("DBSIZE").trim()).not.toBe("0");
    }, 60_000);
    expect(await stopped(dev)).toBe(0);
    expect(redis.cli("PING")).toContain("PONG");
  });

  test("speaks TLS, with the password, to a Redis that has one", async () => {
    const password = "p@ss:w/rd%20";
    const files = makeCertificate();
    const port = await startTlsRedis(files, password);
    const link = { host: "localhost", port, username: "default", password };
    const dev = await startDev(link, { NODE_EXTRA_CA_CERTS: files.certificate });
    await untilRedisIsUsed(dev);
    expect(dev.output()).not.toContain(password);
  });

  test("a change of a source file is served a moment later", async () => {
    const dev = await startDev(
      { ...LOCAL_CACHE, port: await freePort() },
      { PORT: String(await freePort()) },
    );
    const file = join(dev.folder, "functions/operations/docs.ts");
    writeFileSync(file, readFileSync(file, "utf8").replace("<title>Stampede API", "<title>Changed"));
    await vi.waitFor(
      async () => expect(await (await fetch(`${dev.url}/docs`)).text()).toContain("<title>Changed"),
      { timeout: 60_000, interval: 20 },
    );
  });
});
