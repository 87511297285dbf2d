import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { describeWithLocust } from "../../harness/describe-with.ts";
import { endWithTests } from "../../harness/end-with-tests.ts";
import { preloadLocust } from "../../harness/preloaded-locust.ts";
import { openStandIn } from "../../locust/stand-in.ts";
import { openCatalogues } from "../catalogues.ts";
import type { Lab } from "../lab.ts";
import { recovery } from "./recovery-experiment.ts";

/** Processes that a process has started, and that are still there. */
const childrenOf = async (parent: number | undefined): Promise<string[]> =>
  (await readFile(`/proc/${parent}/task/${parent}/children`, "utf8")).split(" ").filter(Boolean);

describeWithLocust("recovery", () => {
  test("a shop that can't be broken ends it, and its load with it", { timeout: 60_000 }, async () => {
    const calls: string[] = [];
    const url = openStandIn((_, path) => {
      if (!path.startsWith("/resilience/simulate/")) return undefined;
      calls.push(path);
      return new Response("no", { status: 500 });
    });
    const workDir = await mkdtemp(join(tmpdir(), "stampede-recovery-test-"));
    endWithTests(() => rm(workDir, { recursive: true, force: true }));
    const locust = preloadLocust();
    endWithTests(locust.close);
    const nothing = (): void => undefined;
    const lab: Lab = {
      options: { names: ["recovery"], url, isQuick: true, seed: 1 },
      signal: new AbortController().signal,
      view: { begin: nothing, phase: nothing, second: nothing, sample: nothing, end: nothing },
      catalogues: openCatalogues(workDir),
      limitCounts: [],
      workDir,
      locust,
    };
    const trial = recovery.open(lab, { users: 5, duration: 20, repeat: 1 });
    await expect(trial.measure()).rejects.toThrow("simulate/dynamodb answered 500");
    expect(calls).toHaveLength(2); // They failed, and ended all the same.
    expect(await childrenOf(locust.pid)).toEqual([]);
    expect(trial.conclude().verdicts).toHaveLength(1);
  });
});
