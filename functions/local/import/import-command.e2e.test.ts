import { spawn } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, inject, onTestFinished, test } from "vitest";
import { listProducts } from "../../../core/catalog/catalog.ts";
import { openTestShop } from "../../../core/testing/fixtures.ts";
import { claimElsewhere, noteOwner } from "../../testing/data-dirs.ts";
import { exportOf, lampRow } from "./testing.ts";

const ENTRY = fileURLToPath(new URL("./import-catalog.ts", import.meta.url));

/** Runs the command as npm does, on a data directory of its own. */
const run = async (dataDir: string, ...parameters: string[]) => {
  const child = spawn(process.execPath, [ENTRY, ...parameters], {
    env: {
      PATH: process.env.PATH,
      TMPDIR: process.env.TMPDIR,
      DATA_DIR: dataDir,
      CATALOG_SIZE: "3",
      TABLE_PREFIX: process.env.TABLE_PREFIX,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill());
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk.toString();
  });
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, out, err };
};

const tempFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), "stampede-import-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
};

test("imports into the data directory's own database, twice with the same result, and leaves it free", async () => {
  const folder = await tempFolder();
  const dataDir = join(folder, "data");
  const file = join(folder, "products.csv");
  await writeFile(file, exportOf(lampRow(), lampRow({ Handle: "bad", "Variant Price": "1.999" })));

  const first = await run(dataDir, file);
  expect(first.err).toContain('line 3: price: "1.999" must have at most two decimals');
  expect(first.out).toContain("products.csv: 1 created, 0 updated, 0 unchanged, 0 taken off sale, 1 refused");
  expect(first.code).toBe(1);
  expect((await readdir(dataDir)).sort()).toEqual(["lock", "stampede.db", "stampede.db.closed"]);

  await writeFile(file, exportOf(lampRow()));
  const second = await run(dataDir, file);
  expect(second.out).toContain(
    "products.csv: 0 created, 0 updated, 1 unchanged, 0 taken off sale, 0 refused",
  );
  expect(second.code).toBe(0);
});

test("imports into the database of the shop that runs on the data directory, and says what the shop misses", async () => {
  const folder = await tempFolder();
  const file = join(folder, "products.csv");
  await writeFile(file, exportOf(lampRow()));
  await noteOwner(folder, { engine: { pid: 1, endpoint: inject("dynamodbEndpoint") } });
  const { code, out } = await run(folder, file);
  expect(out).toContain("products.csv: 1 created");
  expect(out).toContain("once it is started anew");
  expect(code).toBe(0);
  expect((await listProducts(openTestShop(), { limit: 10 })).products).toMatchObject([{ sku: "LAMP-1" }]);
  expect(await readdir(folder)).toEqual(["owner.json", "products.csv"]);
});

test("a data directory in use is left alone", async () => {
  const folder = await tempFolder();
  const file = join(folder, "products.csv");
  await writeFile(file, exportOf(lampRow()));
  await claimElsewhere(folder); // As a launcher that has not started its engine yet.
  const { code, err } = await run(folder, file);
  expect(err).toContain("already works on this data directory");
  expect(code).toBe(2);
});

test.each([
  [[], "Which file?"],
  [["a.csv", "b.csv"], "One file at a time"],
  [["--fast", "a.csv"], "--fast"],
  [["nowhere.csv"], "There is no file"],
  [["--untracked-stock", "many", "a.csv"], "--untracked-stock takes a number of pieces from 0 to 1000000000"],
])("%j starts nothing", async (parameters, message) => {
  const folder = await tempFolder();
  const { code, err } = await run(folder, ...parameters);
  expect(err).toContain(message);
  expect(code).toBe(2);
  expect(await readdir(folder)).toEqual([]);
});

test("--help explains the formats and the exit codes", async () => {
  const { code, out } = await run(await tempFolder(), "--help");
  expect(out).toContain("Exit code: 0 everything imported, 1 some rows were not");
  expect(code).toBe(0);
});
