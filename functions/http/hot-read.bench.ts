/**
 * Reads one product from memory over and over and prints how often; the runtime's log tells what that allocates.
 * `npm run bench -- policies` runs it.
 */
import { openShop } from "../../core/open-shop.ts";
import { ENDPOINTS } from "./endpoints.ts";
import { createRouter } from "./router.ts";

const PATH = "/products/1";
const READS = 2_000_000;
/** The event loop turns in between, as it does in a server. */
const A_TURN = 64;

const request = {
  method: "GET",
  path: PATH,
  query: "",
  headers: { host: "127.0.0.1" },
  readBody: undefined,
  sourceIp: () => "127.0.0.1",
  requestId: "read",
  arrivedAt: performance.now(),
};

const shop = openShop();
const router = createRouter(ENDPOINTS, shop);
const read = () => router.answer(request);
const { statusCode } = await read();
if (statusCode !== 200) throw new Error(`${PATH} answers ${statusCode}`);
for (let reads = 0; reads < READS; reads += A_TURN) {
  for (let i = 0; i < A_TURN; i++) {
    const answer = read();
    if (answer instanceof Promise) await answer;
  }
  await new Promise((resolve) => setImmediate(resolve));
}
console.log(READS);
process.exit(0);
