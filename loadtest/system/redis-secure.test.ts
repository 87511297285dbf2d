import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test, vi } from "vitest";
import { endWithTests } from "./ending.ts";
import { freePort } from "./ports.ts";
import { describeWithRedis } from "./programs.ts";
import { startRedis } from "./redis-process.ts";
import { joinShop, type Launcher, launchShop, type Shop, untilRedisIsUsed } from "./shops.ts";

/** What URLs and Redis's own configuration must both carry unharmed. */
const PASSWORD = "p@ss:w/rd%20";

/** Reads a product at both processes; whether the second one found in Redis what the first one put there. */
const expectShared = async (writer: Shop, reader: Shop, product: number): Promise<void> => {
  await writer.client.get(`/products/${product}`);
  const { headers } = await reader.client.get(`/products/${product}`);
  expect(headers.get("cache-status")).toContain("detail=redis");
};

describeWithRedis("a Redis as a cloud provides it", () => {
  let launcher: Launcher;
  let certificates: string;
  const file = (name: string): string => join(certificates, name);

  beforeAll(async () => {
    certificates = mkdtempSync(join(tmpdir(), "stampede-tls-"));
    endWithTests(() => rmSync(certificates, { recursive: true, force: true }));
    const openssl = spawnSync("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...["-keyout", file("key.pem"), "-out", file("cert.pem"), "-days", "2", "-subj", "/CN=localhost"],
      ...["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ]);
    expect(openssl.status, "openssl (apt-get install openssl)").toBe(0);
    launcher = await launchShop();
  });

  /** The port on which it speaks TLS, and nothing else. */
  const startTlsRedis = async (): Promise<number> => {
    const port = await freePort();
    await startRedis(
      ...["--tls-port", String(port), "--tls-auth-clients", "no", "--requirepass", PASSWORD],
      ...["--tls-cert-file", file("cert.pem"), "--tls-key-file", file("key.pem")],
    );
    return port;
  };

  test("TLS and a password: used where the certificate is trusted, done without where it is not", async () => {
    const port = await startTlsRedis();
    const url = `rediss://default:${encodeURIComponent(PASSWORD)}@localhost:${port}`;
    const trusted = { NODE_EXTRA_CA_CERTS: file("cert.pem") };
    const [first, second, distrustful, wrong] = await Promise.all([
      joinShop(launcher, url, trusted),
      joinShop(launcher, url, trusted),
      joinShop(launcher, url),
      joinShop(launcher, `rediss://default:guess@localhost:${port}`, trusted),
    ]);
    await Promise.all([untilRedisIsUsed(first), untilRedisIsUsed(second)]);
    await expectShared(first, second, 3);
    await sleep(500);
    for (const shop of [distrustful, wrong]) {
      expect((await shop.cache()).l2).toMatchObject({ kind: "redis", usable: false });
      expect((await shop.client.get("/products/3")).status).toBe(200);
      expect(shop.output()).not.toContain("guess");
      expect(shop.output()).not.toContain(PASSWORD);
    }
  });

  test("a cluster: used by REDIS_CLUSTER, for reads, writes and what is told about them", async () => {
    const redis = await startRedis("--cluster-enabled", "yes", "--cluster-announce-ip", "127.0.0.1");
    expect(redis.cli("CLUSTER", "ADDSLOTSRANGE", "0", "16383")).toContain("OK");
    await vi.waitFor(() => expect(redis.cli("CLUSTER", "INFO")).toContain("cluster_state:ok"), 5_000);
    const clustered = { REDIS_CLUSTER: "true" };
    const [first, second] = await Promise.all([
      joinShop(launcher, redis.url, clustered),
      joinShop(launcher, redis.url, clustered),
    ]);
    await Promise.all([untilRedisIsUsed(first), untilRedisIsUsed(second)]);
    for (let product = 10; product < 20; product++) await expectShared(first, second, product);

    await redis.kill();
    expect((await first.client.get("/products/30")).status).toBe(200);
  });
});
