import { join } from "node:path";
import { expect, test } from "vitest";

/** The source files that a function's bundle is made of. */
const filesOf = async (file: string): Promise<string[]> => {
  const entry = join(import.meta.dirname, "..", file);
  const { outputs } = await Bun.build({ entrypoints: [entry], target: "node", sourcemap: "external" });
  const map = outputs.find(({ kind }) => kind === "sourcemap");
  if (!map) throw new Error(`The bundle of ${file} has no source map`);
  return ((await map.json()) as { sources: string[] }).sources;
};

const hasSearchIndex = (files: readonly string[]): boolean =>
  files.some((file) => file.endsWith("core/catalog/search-index.ts"));

test("fulfilment and recovery are deployed without the search index, which they never open", async () => {
  expect(hasSearchIndex(await filesOf("products/search.ts"))).toBe(true);
  for (const file of ["workers/fulfil-orders.ts", "workers/recover-payments.ts"]) {
    expect(hasSearchIndex(await filesOf(file)), file).toBe(false);
  }
});
