import { afterEach, expect, test, vi } from "vitest";
import type { Shop } from "../../core/shop.ts";
import { openShop } from "../../core/testing/open-shop.ts";
import { patientConfig } from "../../core/testing/patient-config.ts";
import { jsonResult } from "../middleware/result.ts";
import { lifecycle } from "../operations/lifecycle.ts";
import { bareEndpoint, startServer } from "../testing/http.ts";
import { ENDPOINTS } from "./endpoints.ts";
import type { RunningServer } from "./server.ts";

process.env.OBJECTIVE_READ_MS = "400";

const POST = { method: "POST" };
const servers: RunningServer[] = [];
afterEach(async () => {
  for (const { drain } of servers.splice(0)) await drain(1_000);
  lifecycle.isDraining = false;
});

/** A shop with a route that takes the given milliseconds of the process's time. */
const startBusy = (ms: number, answered: string[] = [], openIt?: () => Shop): string => {
  const costly = bareEndpoint(
    "GET",
    "/costly",
    async () => {
      for (const end = performance.now() + ms; performance.now() < end; );
      answered.push("costly");
      return jsonResult(200, {});
    },
    "read",
  );
  const server = startServer([costly, ...ENDPOINTS], {}, openIt);
  servers.push(server);
  return server.url;
};

/** A shop that makes readers wait as long as it takes: a burst is answered also where the machine stalls in it. */
const openPatient = (): Shop => {
  const config = patientConfig();
  return openShop({ ...config, objectives: { ...config.objectives, read: 30_000 } });
};

const statusesOf = async (asked: Promise<Response>[]): Promise<number[]> =>
  (await Promise.all(asked)).map(({ status }) => status);

test("operations are never shed, and a checkout comes before what looks around", () => {
  const of = (method: string, path: string) => {
    return ENDPOINTS.find(({ route }) => route.method === method && route.path === path)?.route.priority;
  };
  expect(of("GET", "/health")).toBe("operations");
  expect(of("POST", "/resilience/reset/{service}")).toBe("operations");
  expect(of("POST", "/cart/{userId}/checkout")).toBe("checkout");
  expect(of("POST", "/cart/{userId}/items")).toBe("write");
  expect(of("GET", "/orders/{orderId}")).toBe("read");
  expect(of("GET", "/products/search")).toBe("search");
});

test("answers a whole burst, a checkout before most of the readers", async () => {
  const answered: string[] = [];
  const busy = startBusy(10, answered, openPatient);
  const looking = Array.from({ length: 15 }, () => fetch(`${busy}/costly`));
  const paying = fetch(`${busy}/cart/ann/checkout`, POST).then(({ status }) => answered.push(`${status}`));
  expect(new Set(await statusesOf(looking))).toEqual(new Set([200]));
  await paying;
  expect(answered.indexOf("400"), "its cart is empty").toBeLessThan(12);
});

test("under a standing overload readers are shed, with word when to come back; buyers and operators are not", async () => {
  const busy = startBusy(10);
  await vi.waitFor(async () => expect((await fetch(`${busy}/health`)).status).toBe(200), 30_000);
  const looking: Promise<Response>[] = [];
  const others: Promise<Response>[] = [];
  for (let i = 0; i < 90; i++) {
    for (let reader = 0; reader < 4; reader++) looking.push(fetch(`${busy}/costly`));
    if (i % 10 === 0) others.push(fetch(`${busy}/cart/ann/checkout`, POST), fetch(`${busy}/health`));
    await Bun.sleep(10);
  }
  const answers = await Promise.all(looking);
  const shed = answers.filter(({ status }) => status === 503);
  expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(30);
  expect(shed.length).toBeGreaterThan(10);
  for (const answer of shed) {
    expect(answer.headers.get("retry-after")).toBe("1");
    expect(await answer.json()).toEqual({
      error: "OVERLOADED",
      message: expect.any(String),
      request_id: answer.headers.get("x-request-id"),
      retryable: true,
    });
  }
  expect(new Set(await statusesOf(others))).toEqual(new Set([400, 200]));
});

test("a request id of the client's choice is no way into the answer's JSON", async () => {
  const busy = startBusy(10);
  const id = '","error":"FORGED\\';
  const asked = Array.from({ length: 150 }, () =>
    fetch(`${busy}/costly`, { headers: { "x-request-id": id } }),
  );
  for (const answer of await Promise.all(asked)) {
    const body = await answer.json();
    if (answer.status === 503) expect(body).toMatchObject({ error: "OVERLOADED", request_id: id });
  }
});

test("clients that open a connection a request do not keep the process from its timers", async () => {
  const busy = startBusy(0);
  let [ticks, isOver] = [0, false];
  const ticking = setInterval(() => (ticks += 1), 5);
  const client = async (path: string): Promise<number> => {
    let asked = 0;
    for (; !isOver; asked++) {
      await (await fetch(busy + path, { headers: { connection: "close" } })).arrayBuffer();
    }
    return asked;
  };
  const clients = ["/openapi.json", "/nothing", "/docs", "/health"].flatMap((path) =>
    Array.from({ length: 8 }, () => client(path)),
  );
  while (ticks < 50) await Bun.sleep(5);
  isOver = true;
  clearInterval(ticking);
  const asked = (await Promise.all(clients)).reduce((sum, count) => sum + count, 0);
  expect(asked).toBeGreaterThan(clients.length);
});
