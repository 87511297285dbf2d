import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { describeWithLocust } from "../harness/describe-with.ts";
import { outputOf } from "../harness/output-of.ts";
import { newOutputDir, readTimeline, runJourney, runJourneyUntil } from "./locust-process.ts";
import { openStandIn } from "./stand-in.ts";

/** The interpreter that has Locust may be another than the first `python3` on the PATH. */
const pythonOfLocust = (): string => {
  const { stdout } = spawnSync("sh", ["-c", "command -v locust"], { encoding: "utf8" });
  const interpreter = /^#!\s*(\S*python\S*)/.exec(readFileSync(stdout.trim(), "utf8"))?.[1];
  return interpreter ?? "python3";
};

describeWithLocust("the journeys' command line", () => {
  let shop: string;
  let notAShop: string;

  beforeAll(() => {
    shop = openStandIn(() => undefined);
    notAShop = openStandIn(() => new Response("It works!"));
  });

  // First, since it takes its time whatever the machine.
  test.concurrent("steps and spikes say when how many users are there", async () => {
    const usersIn = async (...shape: string[]): Promise<number[]> => {
      const file = join(await newOutputDir(), "shape.jsonl");
      const options = ["-H", shop, "-T", "product", "--think", "0.02", "--timeline", file];
      const run = await runJourney("browsing.py", ...options, ...shape);
      expect(run.code, run.output).toBe(0);
      return (await readTimeline(file)).map(({ users }) => users);
    };
    const [steps = [], spike = []] = await Promise.all([
      usersIn("--shape", "steps", "--steps", "2,5", "--step-seconds", "4"),
      usersIn(
        ...["--shape", "spike", "--spike-from", "1", "--spike-to", "9", "--spike-at", "4"],
        ...["--spike-seconds", "4", "--spike-after", "4"],
      ),
    ]);
    // In the middle of each: a machine that stalls is late by less than two seconds.
    expect([steps[2], steps[6]]).toEqual([2, 5]);
    expect(steps.length).toBeLessThanOrEqual(12);
    expect([spike[2], spike[6], spike[10]]).toEqual([1, 9, 1]);
  });

  test.concurrent("the parts of the journeys", async () => {
    const words = ["-m", "unittest", "discover", "-s", import.meta.dirname, "-p", "test_*.py"];
    const run = spawn(pythonOfLocust(), words, { stdio: ["ignore", "pipe", "pipe"] });
    const output = outputOf(run);
    const [status] = await once(run, "close");
    expect(status, output()).toBe(0);
    expect(Number(/Ran (\d+) tests/.exec(output())?.[1])).toBeGreaterThan(25);
  });

  test.concurrent.each([
    ["an unknown shape", ["--shape", "hill"], /argument --shape: invalid choice: 'hill'/],
    [
      "wrong steps",
      ["--shape", "steps", "--steps", "10,x"],
      /argument --steps: must be whole numbers > 0, such as/,
    ],
    ["a negative pause", ["--think", "-1"], /argument --think: must be a number >= 0, not '-1'/],
    [
      "a shape with a run time",
      ["--shape", "spike", "-t", "5s"],
      /--shape spike ends by itself; leave out -t/,
    ],
    [
      "a product that is not there",
      ["--hot-product", "6"],
      /--hot-product must be one of the products 1 to 5/,
    ],
    ["a catalogue that is not there", ["--catalogue-size", "9"], /has 5 products, too few; start it with/],
    [
      "a file that can't be written",
      ["--timeline", "/nowhere/t.jsonl"],
      /Can't write \/nowhere\/t.jsonl: No such/,
    ],
  ])("%s is refused in one line", async (_, options, message) => {
    await expectRefusal(["-H", shop, ...options], message);
  });

  test.concurrent("so is a target that can't be loaded, or may not be", async () => {
    await expectRefusal([], /No shop to load; give -H/);
    await expectRefusal(["-H", "http://127.0.0.1:1"], /does not answer .*start the shop with npm start/);
    await expectRefusal(["-H", notAShop], /answers, but is not a Stampede shop; check the port/);
    await expectRefusal(["-H", "shop"], /shop is not the URL of a shop; give one such as/);
    const remote = ["-H", "http://192.0.2.1:8080"];
    await expectRefusal(remote, /is not on this machine; if you may load it, add --allow-remote/);
  });

  test.concurrent("users are spread over the hosts", async () => {
    const counts = [0, 0];
    const hosts = counts.map((_, host) =>
      openStandIn(() => {
        counts[host] = (counts[host] ?? 0) + 1;
        return undefined;
      }),
    );
    const options = ["-T", "product", "--think", "0.01", "--hosts", hosts.join(",")];
    const run = await runJourneyUntil(() => Math.min(...counts) > 100, 6, "browsing.py", ...options);
    expect(run.code, run.output).toBe(0);
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.min(...counts) / Math.max(...counts)).toBeGreaterThan(0.8);
  });
});

const expectRefusal = async (options: string[], message: RegExp): Promise<void> => {
  const run = await runJourney("mixed.py", ...options, "--loglevel", "ERROR");
  expect(run.code, run.output).toBe(2);
  expect(run.output).toMatch(message);
  expect(run.output).not.toContain("Traceback");
  const lines = run.output.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("usage:"));
  expect(lines, run.output).toHaveLength(1);
};
