/** The tests of a mutation run: those of the folder that is mutated, and of the folders that build on it. */
import { defineConfig } from "vitest/config";

const folder = process.env.MUTATED_FOLDER ?? "";
/** Orders take carts and stock to the places that their own tests do not reach. */
const tests = folder === "core/cart" || folder === "core/stock" ? [folder, "core/order"] : [folder];

export default defineConfig({
  test: {
    globalSetup: ["functions/testing/test-engine.ts"],
    setupFiles: ["functions/testing/reaper/end-file.ts", "functions/testing/test-environment.ts"],
    include: tests.map((each) => `${each}/**/*.test.ts`),
    // They cover everything, and take longest: each mutant that survives would run all of them.
    exclude: ["**/*.property.test.ts", "**/node_modules/**"],
    // Stryker has a limit of its own, by how long the tests take without a mutant.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
