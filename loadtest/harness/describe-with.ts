import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe } from "vitest";
import { isInstalled } from "./engine-and-redis.ts";
import { connectionsAtMost } from "./open-files.ts";

/**
 * A suite that needs a program. Without it the suite is skipped loudly, or fails where
 * `REQUIRE_ALL_SUITES` says that nothing may be skipped.
 */
const describeWith =
  (program: string, remedy: string, isThere = () => isInstalled(program)) =>
  (name: string, suite: () => void) => {
    const isMissing = !isThere();
    if (isMissing && process.env.REQUIRE_ALL_SUITES) throw new Error(`${name}: ${program} is missing`);
    if (isMissing) console.warn(`SKIPPED: ${name}, for lack of ${program}. ${remedy}`);
    describe.skipIf(isMissing)(name, suite);
  };

const install = (aptPackage: string): string => `Install it: apt-get install ${aptPackage}`;

/** Debian's Python, which finds the modules of Debian's packages. */
export const SYSTEM_PYTHON = "/usr/bin/python3";

/** Whether Debian's Chromium is there, as a whole or without its windows. */
export const hasChromium = (): boolean =>
  ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].some((program) => existsSync(program));

const hasModule = (module: string) => (): boolean =>
  spawnSync(SYSTEM_PYTHON, ["-c", `import ${module}`]).status === 0;

const canPinTo = (core: number): boolean => spawnSync("taskset", ["-c", String(core), "true"]).status === 0;

/** For suites that pin processes to the first two processors. */
export const describeWithTwoProcessors = describeWith(
  "taskset on two processors",
  install("util-linux"),
  () => [0, 1].every(canPinTo),
);
export const describeWithRedis = describeWith("redis-server", install("redis-server"));
export const describeWithBrowser = describeWith("Chromium", install("chromium-headless-shell"), hasChromium);
export const describeWithLocust = describeWith("locust", install("python3-locust"));
export const describeWithPrometheusParser = describeWith(
  "the parser of Prometheus",
  install("python3-prometheus-client"),
  hasModule("prometheus_client.openmetrics.parser"),
);

/** For suites whose many clients must not wait for one another's connections. */
export const describeWithConnections = (connections: number) =>
  describeWith(
    `${connections} connections at a time`,
    `Allow more open files: ulimit -n ${2 * connections}`,
    () => connectionsAtMost(connections) === connections,
  );
