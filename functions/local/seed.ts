import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import type { Config } from "../../core/config/config.ts";
import { stockId } from "../../core/stock/counters.ts";
import { generateProduct } from "./catalog-generator.ts";
import { engineProgram } from "./engine.ts";
import type { Progress } from "./progress.ts";
import { isDiskFull, StartError } from "./start-error.ts";
import { createTableInput, LOCAL_TABLES } from "./table-definition.ts";

const PIECES_IN_STOCK = 1_000_000;
/** 139 MB for 100,000 in the database, and their compressed export beside it while it is made. */
const BYTES_A_PRODUCT = 1_800;
const WORK_PREFIX = "seed-";
/** mkdtemp's name for the prefix: nothing that a person would put into the folder. */
const WORK_FOLDER = /^seed-[A-Za-z0-9]{6}$/;
const ITEMS_A_FILE = 10_000;
const compress = promisify(gzip);

/**
 * Fills a new database file with the generated catalogue by the engine's bulk import, which is several
 * times faster than writing item by item. The file appears only once it is complete.
 *
 * @returns whether it did: a database that is there already is left alone
 * @throws StartError when there is no room for it
 */
export const seedDatabase = async (
  config: Config,
  databaseFile: string,
  progress: Progress,
): Promise<boolean> => {
  const { catalogSize, dataDir } = config;
  if (catalogSize === 0 || existsSync(databaseFile)) return false;
  await mkdir(dataDir, { recursive: true });
  await removeLeftovers(dataDir);
  const work = await mkdtemp(join(dataDir, WORK_PREFIX));
  try {
    const { products, stock } = config.dynamodb.tables;
    progress.start("Making a catalogue", 2 * catalogSize);
    await writeExport(work, products, catalogSize, (id) => marshall(generateProduct(id)), progress);
    await writeExport(work, stock, catalogSize, stockOf, progress);
    progress.stop();

    const schema = join(work, "schema.json");
    const tables = [
      createTableInput(LOCAL_TABLES.products, products),
      createTableInput(LOCAL_TABLES.stock, stock),
    ];
    await writeFile(
      schema,
      JSON.stringify(tables.map((Table) => ({ Table: { ...Table, TableStatus: "ACTIVE" } }))),
    );
    const output = join(work, "imported.db");
    await progress.while(`Importing ${catalogSize} products with their stock`, () =>
      importExport(["import", "--source", work, "--schema", schema, "--output", output]),
    );
    await rename(output, databaseFile);
    return true;
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    throw new StartError(
      `There is no room for a catalogue of ${catalogSize} products in ${dataDir}; making it takes about ` +
        `${Math.ceil((catalogSize * BYTES_A_PRODUCT) / 1_000_000)} MB.\nFree some space, or start with another ` +
        "DATA_DIR or a smaller CATALOG_SIZE. The part that was made has been removed.",
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};

/** Leftovers of a seeding that was killed. */
const removeLeftovers = async (dataDir: string): Promise<void> => {
  const leftovers = (await readdir(dataDir)).filter((name) => WORK_FOLDER.test(name));
  for (const name of leftovers) await rm(join(dataDir, name), { recursive: true, force: true });
};

type MarshalledItem = Record<string, AttributeValue>;

const stockOf = (id: number): MarshalledItem =>
  marshall({
    stock_id: stockId(id, 0),
    product_id: id,
    shard: 0,
    available: PIECES_IN_STOCK,
    reserved: 0,
    sold: 0,
  });

/** Items 1 to `count` as DynamoDB's own export to S3 lays them out: gzipped files of `{"Item": …}` lines. */
const writeExport = async (
  root: string,
  table: string,
  count: number,
  itemOf: (id: number) => MarshalledItem,
  progress: Progress,
): Promise<void> => {
  const folder = join(root, table, "data");
  await mkdir(folder, { recursive: true });
  for (let first = 1; first <= count; first += ITEMS_A_FILE) {
    const last = Math.min(count, first + ITEMS_A_FILE - 1);
    let lines = "";
    for (let id = first; id <= last; id++) lines += `${JSON.stringify({ Item: itemOf(id) })}\n`;
    await writeFile(join(folder, `${first}.json.gz`), await compress(lines, { level: 1 }));
    progress.advance(last - first + 1);
  }
};

const importExport = (parameters: string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(engineProgram(), parameters, {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once("error", reject);
    child.once("exit", (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`The bulk import failed (${code ?? signal}): ${output}`)),
    );
  });
