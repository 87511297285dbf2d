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

test("Stripe's package is imported by the first charge alone, so that no other shop pays for it", async () => {
  const root = join(import.meta.dirname, "../..");
  const imports: string[] = [];
  for await (const file of new Bun.Glob("{core,functions}/**/*.ts").scan(root)) {
    if (file.endsWith(".test.ts")) continue;
    const lines = (await Bun.file(join(root, file)).text()).split("\n");
    imports.push(
      ...lines.filter((line) => /(from |import\()"stripe"/.test(line) && !line.startsWith("import type")),
    );
  }
  expect(imports.map((line) => line.trim())).toEqual(['const { Stripe: Client } = await import("stripe");']);
});

test("fulfilment and recovery are deployed without the search index, which they never open", async () => {
  expect(hasSearchIndex(await filesOf("products/search.ts"))).toBe(true);
  for (const file of ["workers/fulfil-orders.ts", "workers/recover-payments.ts"]) {
    expect(hasSearchIndex(await filesOf(file)), file).toBe(false);
  }
});
