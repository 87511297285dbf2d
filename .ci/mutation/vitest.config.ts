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
    // Mutants are switched on while the code runs, so that modules need not be loaded for each file again.
    isolate: false,
    // Ten times what a test takes. Many mutants wait for ever, and Stryker's own limit costs a minute each.
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
