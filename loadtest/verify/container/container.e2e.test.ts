import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../../functions/local/ports.ts";
import { buyUntilFulfilled } from "../../harness/journey.ts";
import { clientOf } from "../../harness/shop-client.ts";
import { type Launcher, launchShop } from "../../harness/test-shops.ts";
import { type Container, canConfine, startContainer } from "./container.ts";
import { parseDockerfile } from "./dockerfile.ts";
import { buildImage, type Image } from "./image-build.ts";

const CONTEXT = join(import.meta.dirname, "..", "..", "..");
const manifest = JSON.parse(readFileSync(join(CONTEXT, "package.json"), "utf8"));

interface LockedPackage {
  readonly version: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

let image: Image;
let launcher: Launcher;
let container: Container;

beforeAll(async () => {
  image = buildImage(CONTEXT);
  // The tables, and the stream's reader: what AWS is to the deployed container.
  launcher = await launchShop();
  container = await startContainer(image, {
    // Beyond loopback it would take credentials.
    HOST: "127.0.0.1",
    PORT: String(await freePort()),
    DYNAMODB_ENDPOINT: launcher.services.engine.endpoint,
    ...(launcher.services.redis && { REDIS_URL: launcher.services.redis.url }),
  });
}, 120_000);

const filesIn = async (glob: string): Promise<string[]> =>
  Array.fromAsync(new Bun.Glob(glob).scan({ cwd: join(image.root, image.workdir), dot: true }));

const steps = () => parseDockerfile(readFileSync(join(CONTEXT, "Dockerfile"), "utf8"));

test("the image runs the very Bun that the shop is developed with, and is made with it", () => {
  const bases = steps().flatMap((step) => (step.name === "FROM" ? [step.image] : []));
  expect(bases).toContain(image.base);
  for (const base of bases) expect(base).toBe(`oven/bun:${manifest.devDependencies.bun}-slim`);
});

test("nothing runs emulated where the image is built, for any processor", () => {
  let runsOn = "";
  for (const step of steps()) {
    if (step.name === "FROM") runsOn = step.runsOn;
    if (step.name === "RUN") expect(runsOn, step.command).toBe("builder");
  }
  expect(runsOn).toBe("target");
});

test("nothing is in it but what the server runs on", async () => {
  const files = await filesIn("**/*");
  const folders = new Set(files.map((file) => file.split("/")[0]));
  expect([...folders].toSorted()).toEqual(["core", "functions", "node_modules", "package.json"]);
  const own = files.filter((file) => !file.startsWith("node_modules/"));
  expect(own.filter((file) => /\.(test|bench)\.ts$|\/(testing|local)\//.test(file))).toEqual([]);
});

test("exactly the packages of the lock file that production needs are installed, in their versions", async () => {
  const lock = JSON.parse(await readFile(join(CONTEXT, "package-lock.json"), "utf8")).packages;
  for (const [path, entry] of Object.entries<LockedPackage>(lock).filter(([path]) => path !== "")) {
    const file = Bun.file(join(image.root, image.workdir, path, "package.json"));
    const installed = (await file.exists()) ? (await file.json()).version : undefined;
    const isLeftOut = entry.dev || entry.optional || entry.devOptional;
    expect(installed, path).toBe(isLeftOut ? undefined : entry.version);
  }
});

test("nothing in it is made for one kind of processor: it runs on arm64 as well", async () => {
  const ELF = Buffer.from("\x7fELF");
  for (const file of await filesIn("**/*")) {
    const start = await Bun.file(join(image.root, image.workdir, file))
      .slice(0, ELF.length)
      .bytes();
    expect(ELF.equals(start), file).toBe(false);
  }
});

test("a customer buys from it", async () => {
  expect(await buyUntilFulfilled(clientOf(container.url), "alice")).toBeGreaterThan(0);
});

const CONFINED = "it is not root, but process 1 of a read-only file system";
if (!canConfine && process.env.REQUIRE_ALL_SUITES)
  throw new Error(`${CONFINED}: unshare is not allowed here`);
if (!canConfine) console.warn(`SKIPPED: ${CONFINED}, for unshare is not allowed here. Run the tests as root`);

test("it is to run as the base image's user", () => {
  expect(image.user).toBe("bun");
});

describe.skipIf(!canConfine)("confined", () => {
  test(CONFINED, () => {
    expect(container.userId()).toBe(1000);
    expect(container.processIds().at(-1)).toBe(1);
    expect(container.isReadOnly()).toBe(true);
  });
});

test("faults can't be injected into it", async () => {
  const { status } = await clientOf(container.url).post("/resilience/simulate/payment", { enable: true });
  expect(status).toBe(403);
});

test("its health check passes while it serves; told to stop, it publishes its last metrics and ends well", async () => {
  expect(container.checkHealth()).toBe(0);
  expect(await container.stop()).toBe(0);
  expect(container.checkHealth()).toBe(1);
  const metrics = container
    .output()
    .split("\n")
    .filter((line) => line.includes('"_aws"'));
  expect(metrics.some((line) => line.includes('"OrdersConfirmed":1'))).toBe(true);
});
