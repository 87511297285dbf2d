import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { beforeAll, expect, test, vi } from "vitest";
import { describeWithLocust } from "../harness/describe-with.ts";
import { countIn, newOutputDir, readTimeline, runJourney, runJourneyUntil } from "./locust-process.ts";
import { type Behaviour, openStandIn, productOf, productResponse, refusal } from "./stand-in.ts";

let dir: string;
let runs = 0;

type Run = (...options: string[]) => ReturnType<typeof runJourney>;

const runOn = async (behave: Behaviour, start: Run) => {
  const file = join(dir, `${++runs}.jsonl`);
  const run = await start("-H", openStandIn(behave), "--timeline", file, "--think", "0.01");
  return { run, timeline: await readTimeline(file) };
};

/** Until the stand-in has got that number of requests. */
const runAgainst = (behave: Behaviour, requests: number, users: number, ...words: [string, ...string[]]) => {
  let asked = 0;
  const counted: Behaviour = (request, path) => {
    asked += 1;
    return behave(request, path);
  };
  return runOn(counted, (...options) =>
    runJourneyUntil(() => asked >= requests, users, ...words, ...options),
  );
};

const product = (path: string): number => Number(/^\/products\/(\d+)$/.exec(path)?.[1]);

/** Sound while the generator looks around before its users come. */
const soundAtFirst = (behave: Behaviour): Behaviour => {
  let questions = 0;
  return (request, path) => (++questions <= 5 ? undefined : behave(request, path));
};

/** Milliseconds at which a bucket of the timeline begins. */
const startOf = (bucket: string): number => 0.1 * 1.05 ** Number(bucket);

/** Longer than the machine itself stands still. */
const STALL_MS = 4_000;

describeWithLocust("answers are judged, not only received", () => {
  beforeAll(async () => {
    dir = await newOutputDir();
  });

  test.concurrent("a wrong product fails, though its status is 200", async () => {
    const { run, timeline } = await runAgainst(
      soundAtFirst((_, path) => (product(path) === 1 ? productResponse(2) : undefined)),
      100,
      2,
      ...(["browsing.py", "-T", "product"] as const),
    );
    expect(run.code).toBe(1);
    const failed = countIn(timeline, ["failed"]);
    expect(failed).toBeGreaterThan(10);
    expect(countIn(timeline, ["ok"])).toBeGreaterThan(10);
    const errors = timeline.flatMap((second) => Object.keys(second.errors));
    expect(new Set(errors)).toEqual(new Set(["GET /products/{id}: wrong content: another product"]));
    expect(run.output).toContain("Failed('wrong content: another product')");
  });

  test.concurrent("documented refusals are counted apart, and may leave the exit code 0", async () => {
    const runWith = (answer: () => Response, ...options: string[]) =>
      runAgainst(soundAtFirst(answer), 50, 2, "browsing.py", "-T", "product", ...options);
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

  test.concurrent("a buyer comes again when told to, under the same key", async () => {
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
    const { timeline } = await runOn(behave, (...options) =>
      runJourneyUntil(() => attempts.length >= 3, 1, "flash_sale.py", ...options),
    );
    const [first, second, third] = attempts;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(990);
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThan(990);
    expect(first?.key).toBeTruthy();
    expect(new Set([first?.key, second?.key, third?.key]).size).toBe(1);
    expect(countIn(timeline, ["refused"])).toBe(2);
    expect(countIn(timeline, ["failed"])).toBe(0);
  });

  test.concurrent("an open load counts the time that a stall keeps later arrivals waiting; a closed one can't see it", async () => {
    const stallOnce = (): Behaviour => {
      let stall: Promise<void> | undefined;
      let asked = 0;
      return soundAtFirst((_, path) => {
        if (++asked === 40) stall = sleep(STALL_MS);
        return stall?.then(() =>
          Response.json(productOf(product(path)), { headers: { etag: `"${asked}"` } }),
        );
      });
    };
    const slowIn = async (...load: string[]): Promise<number> => {
      const words = ["browsing.py", "-T", "product", "--catalogue-size", "5"] as const;
      const { timeline } = await runAgainst(stallOnce(), 250, 4, ...words, ...load);
      return timeline
        .flatMap(({ requests }) => Object.values(requests).flatMap(({ latency }) => Object.entries(latency)))
        .reduce((slow, [bucket, count]) => slow + (startOf(bucket) > STALL_MS / 2 ? count : 0), 0);
    };
    // 40 arrivals a second: some 80 fall into the stall's first half.
    const [open, closed] = await Promise.all([slowIn("--rate", "40"), slowIn()]);
    expect(open).toBeGreaterThan(40);
    expect(closed).toBeLessThanOrEqual(8);
  });

  test.concurrent("a due request that never began is in the timeline, except those that fall due while users leave", async () => {
    const behave = soundAtFirst((_, path) => sleep(8_000).then(() => productResponse(product(path))));
    const open = ["-T", "product", "-u", "2", "-r", "2", "-t", "3s", "--catalogue-size", "5", "--rate", "20"];
    const run = (behaviour: Behaviour) =>
      runOn(behaviour, (...options) => runJourney("browsing.py", ...open, ...options));
    const [overrun] = await Promise.all([
      run(behave),
      // A busy machine may be late for one or the other, and stand still as the users leave.
      vi.waitFor(
        async () => expect((await run(() => undefined)).timeline.at(-1)?.waiting).toBeLessThan(5),
        60_000,
      ),
    ]);
    // Of some 60 arrivals two are begun. Their answers take five more seconds, in which 100 would arrive.
    expect(overrun.timeline.at(-1)?.waiting).toBeGreaterThan(30);
    expect(overrun.timeline.at(-1)?.waiting).toBeLessThan(120);
    expect(overrun.run.output).toMatch(/actions were due and never begun/);
  });
});
