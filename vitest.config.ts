import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{core,functions,stacks,loadtest}/**/*.test.ts"],
    globalSetup: ["functions/testing/engine.ts"],
    setupFiles: ["functions/testing/environment.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
