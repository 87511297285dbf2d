import { afterAll } from "vitest";
import { lifecycle } from "../operations/lifecycle.ts";

/** Files that run in one thread share its environment, and what a server of theirs says of the process. */
const before = { environment: { ...process.env }, lifecycle: { ...lifecycle } };

// Registered before all others, so it runs after them.
afterAll(() => {
  for (const name in process.env) if (!(name in before.environment)) delete process.env[name];
  Object.assign(process.env, before.environment);
  Object.assign(lifecycle, before.lifecycle);
});
