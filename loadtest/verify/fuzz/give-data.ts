import type { Caller } from "../../harness/callers.ts";

const PATIENCE_MS = 60_000;

/** Gives each user a cart and an order, so that there is something to be seen. */
export const giveData = async (url: string, callers: readonly Caller[]): Promise<void> => {
  for (const { userId, headers } of callers) {
    if (userId === undefined) continue;
    const post = (path: string, body?: unknown) => posted(`${url}/cart/${userId}/${path}`, headers, body);
    await post("items", { product_id: 1, quantity: 1 });
    await post("checkout");
    await post("items", { product_id: 2, quantity: 1 });
  }
};

/** Again while the shop refuses what it has no room for. */
const posted = async (url: string, headers: Caller["headers"], body: unknown): Promise<void> => {
  for (const giveUpAt = Date.now() + PATIENCE_MS; ; await Bun.sleep(50)) {
    const response = await fetch(url, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return;
    if (response.status !== 503 || Date.now() > giveUpAt)
      throw new Error(`${url}: ${response.status} ${text}`);
  }
};
