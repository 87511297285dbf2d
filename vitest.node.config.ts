/**
 * `npm run test:node`: core and handlers on Node, where Lambda runs them. Tests that start the server, which is Bun's, or
 * call Bun by themselves are left out.
 */
import { globSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

const TESTS =
  "{core,functions/{cart,middleware,operations,orders,products,resilience,stock,workers}}/**/*.test.ts";
const NEEDS_BUN = /testing\/http\.ts"|harness\/(test-shops|server-process)\.ts"|\bBun\./;

export default defineConfig({
  test: {
    globalSetup: ["functions/testing/reaper/reap-run.ts", "functions/testing/test-engine.ts"],
    setupFiles: [
      "functions/testing/reaper/reap-file.ts",
      "functions/testing/reaper/end-file.ts",
      "functions/testing/test-environment.ts",
    ],
    include: globSync(TESTS).filter((file) => !NEEDS_BUN.test(readFileSync(file, "utf8"))),
    pool: "threads",
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
