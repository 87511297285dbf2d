/**
 * Bundles every handler for Lambda's Node, one file each, and the server for Bun: what the stacks deploy,
 * and the proof that no handler depends on the runtime it is developed on.
 */
import { ROUTES } from "../routes.ts";

const WORKERS = ["workers/fulfil-orders", "workers/recover-payments", "workers/canary"];
const root = `${import.meta.dirname}/..`;

const files = [...Object.values(ROUTES).map(({ file }) => file), ...WORKERS];
const handlers = files.map((file) => `${root}/${file}.ts`);

/** Left out of a bundle: only a shop that charges by Stripe installs it beside. */
const LOADED_WHEN_USED = ["stripe"];

const bundle = async (entrypoints: string[], outdir: string, target: "node" | "bun"): Promise<void> => {
  const options = { format: "esm", minify: true, external: LOADED_WHEN_USED } as const;
  const { outputs } = await Bun.build({ entrypoints, outdir, root, target, ...options });
  const size = outputs.reduce((sum, { size }) => sum + size, 0);
  console.log(`${outdir}: ${outputs.length} files, ${(size / 1024 / 1024).toFixed(1)} MB, for ${target}`);
};

await bundle(handlers, "dist/handlers", "node");
await bundle([`${root}/main.ts`], "dist/server", "bun");
