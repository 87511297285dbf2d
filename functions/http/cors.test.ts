import { expect, test } from "vitest";
import { startServer } from "../testing/http.ts";

process.env.CORS_ORIGIN = "https://shop.example";
const { url } = startServer();

const ask = (method: string, path: string) =>
  fetch(url + path, { method, headers: { origin: "https://shop.example" } });

test("a configured origin reads what its customers may", async () => {
  const { headers } = await ask("GET", "/products");
  expect(headers.get("access-control-allow-origin")).toBe("https://shop.example");
  expect(headers.get("vary")).toContain("origin");
  const exposed = headers.get("access-control-expose-headers")?.split(", ");
  for (const name of ["etag", "retry-after", "ratelimit", "ratelimit-policy", "www-authenticate"])
    expect(exposed).toContain(name);
  const preflight = await ask("OPTIONS", "/cart/alice/items/1");
  expect(preflight.headers.get("access-control-allow-methods")).toBe("PUT, DELETE, OPTIONS");
});

test.each(["/stats", "/memory", "/cache", "/resilience/demo"])(
  "%s is an administrator's, and no page's of another origin",
  async (path) => {
    const { status, headers } = await ask("GET", path);
    expect(status).toBe(200);
    expect(headers.has("access-control-allow-origin")).toBe(false);
  },
);

test("a preflight leaves out the methods that only an administrator may use", async () => {
  const { headers } = await ask("OPTIONS", "/products/1/stock");
  expect(headers.get("allow")).toContain("PUT");
  expect(headers.get("access-control-allow-methods")).toBe("GET, HEAD, OPTIONS");
});
