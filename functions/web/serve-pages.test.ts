import { afterEach, expect, test } from "vitest";
import { ENDPOINTS } from "../http/endpoints.ts";
import { lifecycle } from "../operations/lifecycle.ts";
import { startServer } from "../testing/http.ts";
import { testShop } from "../testing/test-shop.ts";
import type { LoadRequest } from "./live/action-schema.ts";
import { openHistory } from "./live/history.ts";
import { type Controls, openPerform } from "./live/perform.ts";
import { openReader } from "./live/reading.ts";
import { pageRoutes } from "./serve-pages.ts";

const acts: string[] = [];
const controls: Controls = {
  world: () => ({ programs: { redis: "up" } }),
  act: (program, action) => {
    acts.push(`${program} ${action}`);
    return program === "redis" ? undefined : { error: "NO_SUCH_PROGRAM", message: "None" };
  },
  startLoad: (load: LoadRequest) => acts.push(`load ${load.seconds}`) > 0,
  stopLoad: () => void acts.push("stop"),
};
process.env.PORT = "0";
const shop = testShop();
const history = openHistory({ read: openReader(shop, () => 0), world: controls.world });
const live = { history, perform: openPerform(history, controls) };
const { url } = startServer(ENDPOINTS, { pages: pageRoutes(shop, live) });

afterEach(() => {
  lifecycle.isDraining = false;
  acts.length = 0;
});

const act = (body: string, headers: Record<string, string> = { "content-type": "application/json" }) =>
  fetch(`${url}/console/actions`, { method: "POST", body, headers });
const codeOf = async (response: Response) =>
  `${response.status} ${((await response.json()) as { error?: string }).error ?? ""}`;

/** The first event of a stream, and its id. */
const firstEvent = async (headers: Record<string, string>) => {
  const stop = new AbortController();
  const response = await fetch(`${url}/console/events`, { headers, signal: stop.signal });
  let text = "";
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    if (text.includes("\n\n")) break;
  }
  stop.abort();
  const [, id = "", data = "[]"] = /^id: (\S+)\nretry: \d+\ndata: (.*)\n\n/.exec(text) ?? [];
  return {
    id,
    seconds: JSON.parse(data) as { id: number }[],
    encoding: response.headers.get("content-encoding"),
  };
};

test("an action is done, and one that cannot be is refused", async () => {
  const kill = { do: "program", program: "redis", action: "kill" };
  expect((await act(JSON.stringify(kill))).status).toBe(202);
  expect(await codeOf(await act(JSON.stringify({ ...kill, program: "dynamodb" })))).toBe(
    "409 NO_SUCH_PROGRAM",
  );
  expect(acts).toEqual(["redis kill", "dynamodb kill"]);
});

test("an action that would change nothing is refused", async () => {
  const start = { do: "program", program: "redis", action: "start" };
  const response = await act(JSON.stringify(start));
  expect(response.status).toBe(409);
  expect(await response.json()).toMatchObject({
    error: "NOTHING_TO_DO",
    message: "Redis is up: start would change nothing",
  });
  expect(acts).toEqual([]);
});

test.each([
  ["400 MALFORMED_JSON", "{"],
  ["400 VALIDATION_FAILED", "{}"],
  ["413 PAYLOAD_TOO_LARGE", " ".repeat(5_000)],
])("an action is refused with %s", async (code, body) => {
  expect(await codeOf(await act(body))).toBe(code);
  expect(acts).toEqual([]);
});

test("an action of a hundred megabytes is refused by its announced length, unread", async () => {
  const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) });
  const response = await fetch(`${url}/console/actions`, {
    method: "POST",
    body: endless,
    headers: { "content-type": "application/json" },
  });
  expect(await codeOf(response)).toBe("413 PAYLOAD_TOO_LARGE");
});

test.each([
  ["403 CROSS_SITE_REQUEST", { origin: "http://evil.example" }],
  ["403 CROSS_SITE_REQUEST", { "sec-fetch-site": "cross-site" }],
  ["421 MISDIRECTED_REQUEST", { host: "evil.example" }],
])("a page of another site gets %s for %o", async (code, header) => {
  const headers = { "content-type": "application/json", ...header } as Record<string, string>;
  expect(await codeOf(await act('{"do":"stop-load"}', headers))).toBe(code);
  expect(await codeOf(await fetch(`${url}/console/events`, { headers }))).toBe(code);
  expect(acts).toEqual([]);
});

test.each(["gzip", "identity"])("a reader (%s) gets what it has missed, and no more", async (encoding) => {
  const headers = { "accept-encoding": encoding };
  await expect
    .poll(async () => (await firstEvent(headers)).seconds.length, { timeout: 20_000 })
    .toBeGreaterThan(1);
  const first = await firstEvent(headers);
  expect(first.encoding).toBe(encoding === "gzip" ? "gzip" : null);
  const [run, last] = first.id.split("-");
  const next = await firstEvent({ ...headers, "last-event-id": first.id });
  expect(next.id.split("-")[0]).toBe(run);
  expect(next.seconds.every(({ id }) => id > Number(last))).toBe(true);
  const other = await firstEvent({ ...headers, "last-event-id": "another-999" });
  expect(other.seconds.length).toBeGreaterThanOrEqual(first.seconds.length);
});

test("no stream begins while the shop drains", async () => {
  lifecycle.isDraining = true;
  expect((await fetch(`${url}/console/events`)).status).toBe(503);
});

test.each(["/", "/console"])("%s and its files are at most 150 KB, compressed", async (path) => {
  const html = await (await fetch(url + path)).text();
  const files = [...html.matchAll(/(?:href|src)="(\/[^"]+\.(?:js|css|svg))"/g)].map(([, file = ""]) => file);
  expect(files.length).toBeGreaterThan(1);
  const sizes = [path, ...files].map(async (file) => {
    const answer = await fetch(url + file, { headers: { "accept-encoding": "gzip" }, decompress: false });
    expect(answer.status).toBe(200);
    return (await answer.arrayBuffer()).byteLength;
  });
  const bytes = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeLessThan(150_000);
});
