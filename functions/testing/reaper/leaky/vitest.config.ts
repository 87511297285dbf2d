import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** For `reaper.e2e.test.ts`: tests that leave things behind. */
export default defineConfig({
  test: {
    root: join(import.meta.dirname, "..", "..", "..", ".."),
    dir: import.meta.dirname,
    include: ["leaky.ts"],
    provide: { patienceMs: 300 },
    globalSetup: [join(import.meta.dirname, "..", "reap-run.ts")],
    setupFiles: [join(import.meta.dirname, "..", "reap-file.ts")],
  },
});
