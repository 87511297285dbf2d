import { endWithTests } from "../harness/end-with-tests.ts";

const PRODUCTS = 5;

export type Behaviour = (request: Request, path: string) => Response | Promise<Response> | undefined;

/**
 * Something that passes for a shop until a request comes that the test has its own answer to: wrong, late or
 * none at all, as no sound shop would give it.
 */
export const openStandIn = (behave: Behaviour): string => {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      return behave(request, pathname) ?? answer(request, pathname);
    },
  });
  endWithTests(() => server.stop(true));
  return `http://127.0.0.1:${server.port}`;
};

export const productOf = (product_id: number): Record<string, unknown> => ({
  product_id,
  id: product_id,
  sku: `SKU-${product_id}`,
  manufacturer: "Fjord",
  brand: "Fjord",
  category_id: 1,
  category: "Lighting",
  weight: 100,
  some_other_id: 1,
  name: "Oak floor lamp",
  description: "",
  price: 2.5,
  version: 1,
});

export const productResponse = (product_id: number): Response =>
  Response.json(productOf(product_id), { headers: { etag: `"${product_id}-1"` } });

/** An error in the documented shape, which says when to come again. */
export const refusal = (status: number, error: string, retryAfter: number): Response =>
  Response.json(
    { error, message: error, request_id: "r", retryable: true },
    { status, headers: { "retry-after": String(retryAfter) } },
  );

const answer = (request: Request, path: string): Response => {
  const products = Array.from({ length: PRODUCTS }, (_, i) => productOf(i + 1));
  switch (path) {
    case "/stats":
      return Response.json({ total_products: PRODUCTS });
    case "/products":
      return Response.json({ products, next_cursor: null });
    case "/products/search":
      return Response.json({
        products,
        total_found: PRODUCTS,
        search_time: "0.001s",
        checked_count: PRODUCTS,
      });
    default: {
      const sound = productResponse(Number(path.split("/")[2]));
      const etag = sound.headers.get("etag") ?? "";
      return request.headers.get("if-none-match") === etag
        ? new Response(null, { status: 304, headers: { etag } })
        : sound;
    }
  }
};
