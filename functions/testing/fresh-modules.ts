import { vi } from "vitest";

/** Environment of the worker before its first file. */
const worker = globalThis as { environmentBefore?: NodeJS.ProcessEnv };
worker.environmentBefore ??= { ...process.env };

// Test files that share a worker share the packages, which take long to load. Our own modules, the environment, spies
// and clocks begin anew with each.
vi.resetModules();
vi.restoreAllMocks();
vi.useRealTimers();
for (const name of Object.keys(process.env))
  if (!(name in worker.environmentBefore)) delete process.env[name];
Object.assign(process.env, worker.environmentBefore);
