/** The tests of a mutation run: those of the folder that is mutated, and of the folders that build on it. */
import { defineConfig } from "vitest/config";

const folder = process.env.MUTATED_FOLDER ?? "";
const tests = folder === "core/cache" ? ["core/cache"] : ["core/stock", "core/cart", "core/order"];

export default defineConfig({
  test: {
    globalSetup: ["functions/testing/test-engine.ts"],
    setupFiles: ["functions/testing/test-environment.ts"],
    include: tests.map((each) => `${each}/**/*.test.ts`),
    // They cover everything, and take longest: each mutant that survives would run all of them.
    exclude: ["**/*.property.test.ts", "**/node_modules/**"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
