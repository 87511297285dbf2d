/**
 * Bundles every handler for Lambda's Node, one file each, and the server for Bun: what the stacks deploy,
 * and the proof that no handler depends on the runtime it is developed on.
 */
import { Glob } from "bun";

const HANDLERS = ["{products,stock,cart,orders,resilience,operations}/*.ts", "workers/*.ts"];
const root = `${import.meta.dirname}/..`;

const isHandler = async (file: string): Promise<boolean> =>
  !file.endsWith(".test.ts") && /export const handler\b/.test(await Bun.file(`${root}/${file}`).text());

const files = HANDLERS.flatMap((pattern) => [...new Glob(pattern).scanSync(root)]);
const handlers: string[] = [];
for (const file of files.sort()) if (await isHandler(file)) handlers.push(`${root}/${file}`);

const bundle = async (entrypoints: string[], outdir: string, target: "node" | "bun"): Promise<void> => {
  const { outputs } = await Bun.build({ entrypoints, outdir, root, target, format: "esm", minify: true });
  const size = outputs.reduce((sum, { size }) => sum + size, 0);
  console.log(`${outdir}: ${outputs.length} files, ${(size / 1024 / 1024).toFixed(1)} MB, for ${target}`);
};

await bundle(handlers, "dist/handlers", "node");
await bundle([`${root}/main.ts`], "dist/server", "bun");
