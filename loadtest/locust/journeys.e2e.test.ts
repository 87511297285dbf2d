import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { describeWithLocust } from "../harness/describe-with.ts";
import { NO_HURRY_TO_PAY } from "../harness/no-hurry.ts";
import { type Launcher, launchShop } from "../harness/test-shops.ts";
import { parseHistory } from "../verify/checker/history.ts";
import { settledState } from "../verify/checker/settled.ts";
import { judge, printVerdict } from "../verify/checker/verdict.ts";
import {
  countIn,
  newOutputDir,
  readTimeline,
  runJourneyUntil,
  startLocust,
  type TimelineLine,
  timelineSoFar,
} from "./locust-process.ts";

/** Requests of a generator before its users come: search, stats, a page, the first product and the last. */
const QUESTIONS_BEFORE = 5;
const HOT_PRODUCT = 7;

let shop: Launcher;
let dir: string;

const requestsProcessed = async (): Promise<number> =>
  (await shop.client.get("/memory")).body.requests_processed;

const judgeHistories = async (...files: string[]) => {
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const history = parseHistory(texts.join(""));
  const verdict = judge(history, await settledState(shop.services.engine.endpoint, 15_000));
  return { history, verdict };
};

/** Until its timeline has enough. */
const runOn = async (
  isEnough: (timeline: readonly TimelineLine[]) => boolean,
  journey: string,
  ...options: string[]
) => {
  const timeline = join(dir, `${journey}.timeline.jsonl`);
  const history = join(dir, `${journey}.history.jsonl`);
  const files = ["--timeline", timeline, "--history", history];
  const before = await requestsProcessed();
  const isOver = async () => isEnough(await timelineSoFar(timeline));
  const run = await runJourneyUntil(isOver, 8, journey, "-H", shop.url, ...files, ...options);
  const processed = (await requestsProcessed()) - before - 1;
  return { run, timeline: await readTimeline(timeline), processed, ...(await judgeHistories(history)) };
};

describeWithLocust("journeys through a real shop", () => {
  beforeAll(async () => {
    dir = await newOutputDir();
    shop = await launchShop({ CATALOG_SIZE: "200", ...NO_HURRY_TO_PAY });
    await vi.waitFor(async () => expect((await shop.client.get("/products/search?q=a")).status).toBe(200), {
      timeout: 60_000,
      interval: 100,
    });
  });

  // First, so that nothing of the product is sold yet.
  test("flash_sale.py: sells what there is, and being sold out is a proper answer", async () => {
    const [bought, soldOut] = ["POST /cart/{user}/checkout", "POST /cart/{user}/checkout (sold out)"];
    const { run, timeline, processed, verdict } = await runOn(
      (seconds) => countIn(seconds, ["ok"], (name) => name === soldOut) > 50,
      "flash_sale.py",
      ...["--think", "0.02", "--hot-product", String(HOT_PRODUCT), "--stock", "5"],
    );
    expect(run.code, run.output).toBe(0);
    const named = (name: string): number => countIn(timeline, ["ok"], (other) => other === name);
    expect(named(bought)).toBe(5);
    expect(named(soldOut)).toBeGreaterThan(5);
    // The stock is looked at and set in addition.
    expect(countIn(timeline)).toBe(processed - QUESTIONS_BEFORE - 2);
    const { body: stock } = await shop.client.get(`/products/${HOT_PRODUCT}/stock`);
    expect(stock).toMatchObject({ available: 0, reserved: 0, sold: 5 });
    expect(verdict.isOk, printVerdict(verdict)).toBe(true);
  });

  test.each([
    { journey: "browsing.py", reads: 0.9 },
    { journey: "shopper.py", reads: 0.3 },
  ])("$journey: all is answered, counted and judged right", async ({ journey, reads }) => {
    const { run, timeline, processed, history, verdict } = await runOn(
      (seconds) => countIn(seconds) >= 1_500,
      journey,
      ...["--think", "0.01"],
    );
    expect(run.code, run.output).toBe(0);
    expect(countIn(timeline, ["refused", "failed"]), run.output).toBe(0);
    const answers = countIn(timeline);
    expect(answers).toBe(processed - QUESTIONS_BEFORE);
    expect(answers).toBeGreaterThan(100);
    const isRead = (name: string): boolean => name.startsWith("GET ");
    expect(countIn(timeline, ["ok"], isRead) / answers).toBeCloseTo(reads, 1);
    expect(history.length).toBeGreaterThan(20);
    expect(verdict.isOk, printVerdict(verdict)).toBe(true);
  });

  test("mixed.py by two workers: each writes files of its own, and together they are judged right", async () => {
    const [timeline, history] = [join(dir, "two.jsonl"), join(dir, "two-history.jsonl")];
    const port = String(20_000 + (process.pid % 10_000));
    const workers = [1, 2].map(() => startLocust("mixed.py", "--worker", "--master-port", port));
    const own = (file: string): string[] => [1, 2].map((i) => file.replace(".jsonl", `-${i}.jsonl`));
    const okIn = async (file: string): Promise<number> => countIn(await timelineSoFar(file), ["ok"]);
    const master = await runJourneyUntil(
      async () => Math.min(...(await Promise.all(own(timeline).map(okIn)))) > 50,
      8,
      "mixed.py",
      ...["--master", "--master-bind-host", "127.0.0.1", "--master-bind-port", port, "--expect-workers", "2"],
      ...["-H", shop.url, "--think", "0.02"],
      ...["--timeline", timeline, "--history", history],
    );
    expect(master.code, master.output).toBe(0);
    for (const { ended } of workers) expect((await ended).code).toBe(0);
    for (const file of own(timeline)) expect(countIn(await readTimeline(file), ["ok"])).toBeGreaterThan(5);
    const { history: events, verdict } = await judgeHistories(...own(history));
    const calls = events.filter(({ type }) => type === "invoke").map(({ call }) => call);
    expect(new Set(calls).size).toBe(calls.length);
    expect(verdict.isOk, printVerdict(verdict)).toBe(true);
  });

  test("the seed fixes what a user does", async () => {
    const actionsOf = async (seed: string): Promise<unknown[][]> => {
      const file = join(await newOutputDir(), "seeded.jsonl");
      const options = ["-H", shop.url, "--seed", seed, "--history", file, "--think", "0.01"];
      const lines = async () => (await readFile(file, "utf8").catch(() => "")).split("\n").length;
      await runJourneyUntil(async () => (await lines()) > 40, 1, "shopper.py", ...options);
      const events = parseHistory(await readFile(file, "utf8"));
      // A failure decides the actions after it.
      const failed = events.findIndex(({ type }) => type !== "invoke" && type !== "ok");
      const history = failed < 0 ? events : events.slice(0, failed);
      const actions = history.flatMap((event) => (event.type === "invoke" ? [event.action] : []));
      return actions.map(({ f, ...rest }) => [
        f,
        "product" in rest && rest.product,
        "quantity" in rest && rest.quantity,
      ]);
    };
    const [first = [], again = [], other = []] = await Promise.all(["1", "1", "2"].map(actionsOf));
    // As many as the slower of them came to: how many that is depends on the machine.
    const common = Math.min(first.length, again.length, other.length);
    expect(common).toBeGreaterThan(3);
    expect(again.slice(0, common)).toEqual(first.slice(0, common));
    expect(other.slice(0, common)).not.toEqual(first.slice(0, common));
  });
});
