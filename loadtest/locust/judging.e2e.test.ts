import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test } from "vitest";
import { describeWithLocust } from "../harness/describe-with.ts";
import { countIn, newOutputDir, readTimeline, runJourney } from "./locust-process.ts";
import { type Behaviour, openStandIn, productOf, productResponse, refusal } from "./stand-in.ts";

let dir: string;
let runs = 0;

const runAgainst = async (behave: Behaviour, journey: string, ...options: string[]) => {
  const file = join(dir, `${++runs}.jsonl`);
  const url = openStandIn(behave);
  const run = await runJourney(journey, "-H", url, "--timeline", file, "--think", "0.01", ...options);
  return { run, timeline: await readTimeline(file) };
};

const product = (path: string): number => Number(/^\/products\/(\d+)$/.exec(path)?.[1]);

/** Sound while the generator looks around before its users come. */
const soundAtFirst = (behave: Behaviour): Behaviour => {
  let questions = 0;
  return (request, path) => (++questions <= 5 ? undefined : behave(request, path));
};

/** Milliseconds at which a bucket of the timeline begins. */
const startOf = (bucket: string): number => 0.1 * 1.05 ** Number(bucket);

describeWithLocust("answers are judged, not only received", () => {
  beforeAll(async () => {
    dir = await newOutputDir();
  });

  test("a wrong product fails, though its status is 200", async () => {
    const { run, timeline } = await runAgainst(
      soundAtFirst((_, path) => (product(path) === 1 ? productResponse(2) : undefined)),
      ...["browsing.py", "-T", "product", "-u", "2", "-t", "5s"],
    );
    expect(run.code).toBe(1);
    const failed = countIn(timeline, ["failed"]);
    expect(failed).toBeGreaterThan(10);
    expect(countIn(timeline, ["ok"])).toBeGreaterThan(10);
    const errors = timeline.flatMap((second) => Object.keys(second.errors));
    expect(new Set(errors)).toEqual(new Set(["GET /products/{id}: wrong content: another product"]));
    expect(run.output).toContain("Failed('wrong content: another product')");
  });

  test("documented refusals are counted apart, and may leave the exit code 0", async () => {
    const runWith = (answer: () => Response, ...options: string[]) =>
      runAgainst(soundAtFirst(answer), "browsing.py", "-T", "product", "-u", "2", "-t", "5s", ...options);
    const refuse = (): Response => refusal(503, "OVERLOADED", 0);
    const [strict, lenient, broken] = await Promise.all([
      runWith(refuse),
      runWith(refuse, "--refused-ok"),
      runWith(() => new Response("Bad gateway", { status: 502 }), "--refused-ok"),
    ]);
    expect([strict, lenient, broken].map(({ run }) => run.code)).toEqual([1, 0, 1]);
    expect(strict.run.output).toContain("Refused('503 OVERLOADED')");
    expect(countIn(strict.timeline, ["refused"])).toBeGreaterThan(10);
    expect(countIn(strict.timeline, ["ok", "failed"])).toBe(0);
  });

  test("a buyer comes again when told to, under the same key", async () => {
    const attempts: { key: string | null; at: number }[] = [];
    const behave: Behaviour = (request, path) => {
      const user = path.split("/")[2] ?? "";
      const items = [{ product_id: 1, quantity: 1, price: 2.5 }];
      const cart = { user_id: user, items, total: 2.5, updated_at: "", version: 1 };
      if (path.endsWith("/items")) return Response.json(cart);
      if (!path.endsWith("/checkout")) return undefined;
      attempts.push({ key: request.headers.get("idempotency-key"), at: performance.now() });
      if (attempts.length < 3) return refusal(attempts.length === 1 ? 503 : 409, "COME_AGAIN", 1);
      const order = { ...cart, order_id: "ORD-1", status: "confirmed", created_at: "" };
      const payment = { status: "approved", amount: 2.5 };
      return Response.json({ order_id: "ORD-1", order, payment }, { status: 201 });
    };
    const { timeline } = await runAgainst(behave, "flash_sale.py", "-u", "1", "-t", "8s");
    const [first, second, third] = attempts;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(990);
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThan(990);
    expect(first?.key).toBeTruthy();
    expect(new Set([first?.key, second?.key, third?.key]).size).toBe(1);
    expect(countIn(timeline, ["refused"])).toBe(2);
    expect(countIn(timeline, ["failed"])).toBe(0);
  });

  test("an open load counts the time that a stall keeps later arrivals waiting; a closed one can't see it", async () => {
    const stallOnce = (): Behaviour => {
      let stall: Promise<void> | undefined;
      let asked = 0;
      return soundAtFirst((_, path) => {
        if (++asked === 40) stall = sleep(1_000);
        return stall?.then(() =>
          Response.json(productOf(product(path)), { headers: { etag: `"${asked}"` } }),
        );
      });
    };
    const slowIn = async (...load: string[]): Promise<number> => {
      const { timeline } = await runAgainst(
        stallOnce(),
        ...[
          "browsing.py",
          "-T",
          "product",
          "-u",
          "4",
          "-r",
          "4",
          "-t",
          "2s",
          "--catalogue-size",
          "5",
          ...load,
        ],
      );
      return timeline
        .flatMap(({ requests }) => Object.values(requests).flatMap(({ latency }) => Object.entries(latency)))
        .reduce((slow, [bucket, count]) => slow + (startOf(bucket) > 100 ? count : 0), 0);
    };
    // 80 arrivals a second: some 70 fall into the stall, more than 100 ms before its end.
    const [open, closed] = await Promise.all([slowIn("--rate", "80"), slowIn()]);
    expect(open).toBeGreaterThan(40);
    expect(closed).toBeLessThanOrEqual(8);
  });

  test("a due request that never began is in the timeline, except those that fall due while users leave", async () => {
    const behave = soundAtFirst((_, path) => sleep(4_000).then(() => productResponse(product(path))));
    const open = ["-T", "product", "-u", "2", "-r", "2", "-t", "2s", "--catalogue-size", "5", "--rate", "20"];
    const [overrun, idle] = await Promise.all([
      runAgainst(behave, "browsing.py", ...open),
      runAgainst(() => undefined, "browsing.py", ...open),
    ]);
    // Of some 40 arrivals two are begun. Their answers take two more seconds, in which 40 would arrive.
    expect(overrun.timeline.at(-1)?.waiting).toBeGreaterThan(20);
    expect(overrun.timeline.at(-1)?.waiting).toBeLessThan(60);
    expect(overrun.run.output).toMatch(/actions were due and never begun/);
    // A busy machine may be late for one or the other.
    expect(idle.timeline.at(-1)?.waiting).toBeLessThan(5);
  });
});
