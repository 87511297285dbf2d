import { rmSync } from "node:fs";
import { basename } from "node:path";
import { afterAll, expect, inject } from "vitest";
import { describeLeftovers, endLeftovers, filesIn, makeFolder, PATIENCE_MS } from "./leftovers.ts";

const file = basename(expect.getState().testPath ?? "", ".test.ts");
const folder = makeFolder(inject("runFolder"), file);

process.env.TMPDIR = folder;

// Registered before those that tests and other setup files register, so it runs after them.
afterAll(async () => {
  const processes = await endLeftovers(folder, inject("patienceMs") ?? PATIENCE_MS);
  const files = filesIn(folder);
  rmSync(folder, { recursive: true, force: true });
  if (processes.length + files.length === 0) return;
  throw new Error(`The test file left behind, until now:\n${describeLeftovers(processes, files)}`);
});
