import { expect, test } from "vitest";
import { rawRequest, startServer } from "../testing/http.ts";
import { openBrowserGuard } from "./browser-guard.ts";

const { url } = startServer();
const own = url.slice("http://".length);

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);
const write = (...headers: string[]) =>
  rawRequest(url, "POST /resilience/reset/payment HTTP/1.1", "Content-Length: 0", ...headers);

test.each([
  "localhost",
  "LOCALHOST:1234",
  "127.0.0.1",
  "127.8.9.10:80",
  "[::1]:80",
  "app.localhost",
  "shop",
  "192.168.0.7",
])("a shop on loopback answers to %s", async (host) => {
  expect(statusOf(await rawRequest(url, "GET /health HTTP/1.1", `Host: ${host}`))).toBe(200);
});

test.each([
  "evil.example",
  "evil.example:8080",
  "127.0.0.1.evil.example",
  "localhost.evil.example",
  "localhost.",
])("a page that has turned %s to this machine reads and writes nothing", async (host) => {
  for (const line of ["GET /products/1", "GET /stats", "POST /guests", "GET /docs", "OPTIONS /cart/a"]) {
    const answer = await rawRequest(url, `${line} HTTP/1.1`, `Host: ${host}`, "Content-Length: 0");
    expect(statusOf(answer), line).toBe(421);
    expect(answer).toContain("MISDIRECTED_REQUEST");
  }
});

test.each([
  ["another site", "Origin: https://evil.example"],
  ["another port of this machine", "Origin: http://127.0.0.1:1"],
  ["a sandbox", "Origin: null"],
  ["another site, as its browser says", "Sec-Fetch-Site: cross-site"],
  ["another port, as its browser says", "Sec-Fetch-Site: same-site"],
])("a page of %s writes nothing", async (_, header) => {
  const answer = await write(`Host: ${own}`, header);
  expect(statusOf(answer)).toBe(403);
  expect(answer).toContain("CROSS_SITE_REQUEST");
  expect(answer.toLowerCase()).not.toContain("access-control-");
});

test("the shop's own pages, a typed address and other clients write", async () => {
  expect(statusOf(await write(`Host: ${own}`, `Origin: ${url}`, "Sec-Fetch-Site: same-origin"))).toBe(200);
  expect(statusOf(await write(`Host: ${own}`, `Origin: ${url}`))).toBe(200);
  expect(statusOf(await write(`Host: ${own}`, "Sec-Fetch-Site: none"))).toBe(200);
  expect(statusOf(await write(`Host: ${own}`))).toBe(200);
});

test("no answer lets another site's page read it", async () => {
  for (const [method, path] of [
    ["GET", "/products"],
    ["OPTIONS", "/cart/a"],
    ["GET", "/nowhere"],
  ] as const) {
    const { headers } = await fetch(url + path, { method, headers: { origin: "https://evil.example" } });
    expect([...headers.keys()].filter((name) => name.startsWith("access-control-"))).toEqual([]);
  }
});

test("every answer has the security headers, and the documentation a policy without exceptions", async () => {
  for (const path of ["/products", "/nowhere", "/docs", "/health"]) {
    const { headers } = await fetch(url + path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    expect(headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    expect(headers.get("content-security-policy")).not.toMatch(/unsafe|\*/);
  }
});

test("beyond loopback any name leads to the shop, and a configured origin may call it", () => {
  const settings = { host: "0.0.0.0", allowedHosts: [], corsOrigin: "https://shop.example" };
  const guard = openBrowserGuard(settings);
  expect(guard("GET", { host: "api.shop.example" })).toBeUndefined();
  const page = { host: "api.shop.example", "sec-fetch-site": "same-site" };
  expect(guard("POST", { ...page, origin: "https://shop.example" })).toBeUndefined();
  expect(guard("POST", { ...page, origin: "https://blog.shop.example" })).toMatchObject({
    code: "CROSS_SITE_REQUEST",
  });
  const tunnel = openBrowserGuard({ ...settings, host: "127.0.0.1", allowedHosts: ["my.tunnel.example"] });
  expect(tunnel("GET", { host: "My.Tunnel.example:443" })).toBeUndefined();
});
