/** The container's entry: serves the shop on the DynamoDB that the environment names. */
import { readConfig } from "../core/config/config.ts";
import { ConfigurationError } from "../core/config/environment-reader.ts";
import { openShop } from "../core/open-shop.ts";
import { run } from "./http/run-server.ts";

try {
  readConfig();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  console.error(error.message);
  process.exit(78); // EX_CONFIG of sysexits.h
}
const shop = openShop();
const server = run(shop);
shop.log.info("serving", { url: server.url });
