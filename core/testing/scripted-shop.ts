import { readConfig } from "../config/config.ts";
import type { Shop } from "../shop.ts";
import { openShop } from "./open-shop.ts";
import { startScriptedDynamoDB } from "./scripted-dynamodb.ts";

/** A shop on a database that answers by a script. It does not wait between its attempts, nor give a slow machine's up. */
export const openScriptedShop = async () => {
  const server = await startScriptedDynamoDB();
  const config = readConfig();
  const shop: Shop = openShop({
    ...config,
    dynamodb: { ...config.dynamodb, endpoint: server.endpoint, requestTimeout: 60_000 },
    retry: { ...config.retry, baseDelay: 1 },
  });
  return { server, shop };
};
