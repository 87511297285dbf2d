import { defineConfig } from "vitest/config";

/** A mutation run that is cut short leaves a copy of the tree in `.data`. */
const exclude = ["**/node_modules/**", ".data/**"];

/** A test's suffix says how it runs: CONTRIBUTING.md lists them. */
const UNIT = "**/*.test.ts";
const E2E = "**/*.e2e.test.ts";
const SERIAL = "**/*.serial.test.ts";
/** Timers that an earlier file of the same thread left behind would run on these files' clock. */
const CLOCK = "**/*.clock.test.ts";
/** Handlers that are called as Lambda calls them open the one shop of their process, with the file's settings. */
const LAMBDA = "**/*.lambda.test.ts";

export default defineConfig({
  test: {
    globalSetup: ["functions/testing/reaper/reap-run.ts", "functions/testing/test-engine.ts"],
    setupFiles: [
      "functions/testing/restore-process.ts",
      "functions/testing/reaper/reap-file.ts",
      "functions/testing/reaper/end-file.ts",
      "functions/testing/test-environment.ts",
    ],
    // For a machine that is five times slower, and busy: a test that hangs is rare, a slow machine is not.
    testTimeout: 60_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 30_000 } },
    // Of the tests of a file: whole experiments side by side starve one another beyond that.
    maxConcurrency: 3,
    // `npm run test:coverage`. Istanbul, because V8's own coverage is not there under Bun. The launcher and the
    // server's entry run in processes of their own, where nothing counts their lines.
    coverage: {
      provider: "istanbul",
      include: ["core/**/*.ts", "functions/**/*.ts"],
      exclude: [
        "**/*.test.ts",
        "**/testing/**",
        "functions/local/**",
        "functions/web/browser/**",
        "functions/*.ts",
      ],
      reporter: ["text-summary", "html"],
      // A little below what a run on 26 November 2026 covered: 90, 88, 89 and 91 %.
      thresholds: { statements: 88, branches: 86, functions: 87, lines: 89 },
    },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: [UNIT],
          exclude: [...exclude, E2E, SERIAL, CLOCK, LAMBDA],
          // Modules, the AWS SDK among them, are loaded once for all files: most of a small file's time otherwise.
          isolate: false,
          // One more than processors, as many of these wait for a timer, Redis or the engine.
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          name: "unit-isolated",
          include: [CLOCK, LAMBDA],
          exclude: [...exclude, E2E, SERIAL],
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: [E2E],
          exclude,
          testTimeout: 180_000,
          isolate: false,
          // One more than processors: these wait for their processes much of the time.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "serial",
          include: [SERIAL],
          exclude,
          testTimeout: 180_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
