import { constants } from "node:fs";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { startShop } from "../harness/shop-process.ts";
import { shellLeftOut } from "./shell.ts";

const DATABASE = "stampede.db";

/** Databases with generated products, each size made once a run. */
export interface Catalogues {
  /** Copies the database with this many products to a folder. @returns its file there */
  readonly copyTo: (dir: string, products: number) => Promise<string>;
}

export const openCatalogues = (workDir: string): Catalogues => {
  const made = new Map<number, Promise<string>>();
  return {
    async copyTo(dir, products) {
      let original = made.get(products);
      if (!original) made.set(products, (original = make(join(workDir, `catalogue-${products}`), products)));
      const from = await original;
      // Beside the database itself may lie its write-ahead log.
      for (const name of (await readdir(from)).filter((name) => name.startsWith(DATABASE))) {
        await copyFile(join(from, name), join(dir, name), constants.COPYFILE_FICLONE);
      }
      return join(dir, DATABASE);
    },
  };
};

/** Lets a shop make its own catalogue, and closes it again. */
const make = async (dir: string, products: number): Promise<string> => {
  await mkdir(dir, { recursive: true });
  const shop = await startShop({
    ...shellLeftOut(),
    DATA_DIR: dir,
    CATALOG_SIZE: String(products),
    REDIS_URL: "redis://127.0.0.1:1", // None, and none started: nobody reads here.
    LOG_LEVEL: "SILENT",
    DRAIN_DEADLINE_MS: "1000",
  });
  shop.kill("SIGTERM");
  await shop.exited;
  return dir;
};
