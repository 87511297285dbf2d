import { defineConfig } from "vitest/config";

const exclude = ["**/node_modules/**"];

export default defineConfig({
  test: {
    globalSetup: ["functions/testing/engine.ts"],
    setupFiles: ["functions/testing/environment.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: { name: "parts", include: ["{core,functions,stacks}/**/*.test.ts"], exclude },
      },
      {
        // Whole processes, killed and flooded: one at a time, or they would measure one another.
        extends: true,
        test: {
          name: "system",
          include: ["loadtest/**/*.test.ts"],
          exclude,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
