import { defineConfig } from "vitest/config";

const exclude = ["**/node_modules/**"];

/** What measures nothing and floods nobody, and so can run side by side. */
const PARTS = [
  "{core,functions,stacks}/**/*.test.ts",
  "loadtest/{check,container,report}/**/*.test.ts",
  "loadtest/locust/{command-line,judging}.test.ts",
];

export default defineConfig({
  test: {
    globalSetup: ["functions/testing/engine.ts"],
    setupFiles: ["functions/testing/environment.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        // The default leaves one of two processors idle.
        test: { name: "parts", include: PARTS, exclude, maxWorkers: 2 },
      },
      {
        // Whole processes, killed and flooded: one at a time, or they would measure one another.
        extends: true,
        test: {
          name: "system",
          include: ["loadtest/**/*.test.ts"],
          exclude: [...exclude, ...PARTS],
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
