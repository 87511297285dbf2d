import { describe } from "vitest";
import { isInstalled } from "./engine-and-redis.ts";

/**
 * A suite that needs a program. Without it the suite is skipped loudly, or fails where
 * `REQUIRE_ALL_SUITES` says that nothing may be skipped.
 */
const describeWith = (program: string, aptPackage: string) => (name: string, suite: () => void) => {
  const isMissing = !isInstalled(program);
  if (isMissing && process.env.REQUIRE_ALL_SUITES) throw new Error(`${name}: ${program} is missing`);
  if (isMissing)
    console.warn(`SKIPPED: ${name}, for lack of ${program}. Install it: apt-get install ${aptPackage}`);
  describe.skipIf(isMissing)(name, suite);
};

export const describeWithRedis = describeWith("redis-server", "redis-server");
export const describeWithLocust = describeWith("locust", "python3-locust");
