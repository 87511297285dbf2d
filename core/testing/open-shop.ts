import { endWithTests } from "../../loadtest/harness/end-with-tests.ts";
import { openShop as openForGood } from "../open-shop.ts";
import type { Shop } from "../shop.ts";

/**
 * Opens a shop as the program does, and closes its connections to the database with the test file: all files of a thread
 * share a process, and the files that a process may have open are limited.
 */
export const openShop = (...settings: Parameters<typeof openForGood>): Shop => {
  const shop = openForGood(...settings);
  endWithTests(() => shop.db.close());
  return shop;
};
