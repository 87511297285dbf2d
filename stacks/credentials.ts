import { keepSecret } from "./kept-secret.ts";

/** Signs guests' carts: `sst secret set CartSecret $(openssl rand -hex 32)`. Without it there are no guests. */
const cartSecret = new sst.Secret("CartSecret", "");

/** Machines' keys, by their hashes: `sst secret set ApiKeys feed:admin:…`. */
const apiKeys = new sst.Secret("ApiKeys", "");

/** As the shop reads them. */
export const accessLink = $jsonStringify({ cartSecret: cartSecret.value, apiKeys: apiKeys.value });

export const accessSecret = $dev
  ? undefined
  : keepSecret("AccessLink", "Secrets for checking the credentials of requests", accessLink);
